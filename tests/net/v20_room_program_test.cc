// Programs of Node 20 about what write() answers where the kernel takes it all
// at once, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// The first has timers: simulated only.
class V20Room : public V20Program {
 protected:
  static std::string Room(const Socket& s) {
    return absl::StrCat(s.writable_bytes(), " ", Bool(s.writable_need_drain()));
  }
  void Write(Socket& s, size_t bytes, WriteCallback written = nullptr) {
    const bool room = s.Write(std::string(bytes, 'x'), std::move(written));
    process.Log("w", Bool(room), " ", Room(s));
  }
  // A callback that prints `name`, and what waits.
  WriteCallback Done(Socket& s, std::string name) {
    return Plain([this, &s, name] { process.Log("w", name, " ", Room(s)); });
  }
};
class V20RoomBoth : public V20Room {};

TEST_P(V20Room, Case223WritesAtOnce) {
  const auto server = Server::Create(
      process.stack(), [](const SocketHandle& s) { s->Resume(); });
  struct Mode {
    std::string name;
    std::function<void(Socket&)> act;
    bool early = false;
  };
  const std::vector<Mode> modes = {
      {"16383", [&](Socket& c) { Write(c, 16383); }},
      {"16384", [&](Socket& c) { Write(c, 16384); }},
      {"twice",
       [&](Socket& c) {
         Write(c, 20000);
         Write(c, 20000);
       }},
      {"callback",
       [&](Socket& c) {
         Write(c, 20000, Done(c, "cb a"));
         Write(c, 100, Done(c, "cb b"));
         Tick([&] { process.Log("w", "tick ", Room(c)); });
       }},
      {"small first",
       [&](Socket& c) {
         Write(c, 10, Done(c, "cb a"));
         Write(c, 20000);
         Tick([&] { process.Log("w", "tick ", Room(c)); });
       }},
      {"corked",
       [&](Socket& c) {
         c.Cork();
         Write(c, 9000);
         Write(c, 9000);
         Write(c, 10, Done(c, "cb"));
         c.Uncork();
         process.Log("w", "uncorked ", Room(c));
       }},
      {"again in drain",
       [&](Socket& c) {
         c.on.drain([this, &c, k = 0]() mutable {
           if (k++ < 2) Write(c, 16384);
         });
         Write(c, 16384);
       }},
      {"in callback",
       [&](Socket& c) {
         c.Write(std::string(20000, 'x'), Plain([&] {
                   process.Log("w", "cb ", Room(c));
                   Write(c, 20000);
                 }));
       }},
      {"end",
       [&](Socket& c) {
         Write(c, 20000);
         c.End("", Plain([&] { process.Log("w", "ended"); }));
       }},
      {"end data",
       [&](Socket& c) {
         c.End(std::string(20000, 'x'), Done(c, "ended"));
         process.Log("w", "end() ", Room(c));
       }},
      {"destroy",
       [&](Socket& c) {
         Write(c, 20000, [&](const Error* e) {
           process.Log("w", "cb ", e == nullptr ? "null" : Described(*e), " ",
                       Room(c));
         });
         c.Destroy();
       }},
      {"immediate",
       [&](Socket& c) {
         Write(c, 20000);
         Immediate([&] {
           process.Log("w", "immediate ", Room(c));
           Write(c, 1);
         });
       }},
      {"early",
       [&](Socket& c) {
         Write(c, 20000, Done(c, "cb a"));
         Write(c, 1, Done(c, "cb b"));
       },
       true},
      {"early small",
       [&](Socket& c) {
         Write(c, 9000);
         Write(c, 9000);
       },
       true},
      {"early corked",
       [&](Socket& c) {
         c.Cork();
         Write(c, 20000);
         c.Uncork();
         process.Log("w", "uncorked ", Room(c));
       },
       true}};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      server->Close();
      return;
    }
    const Mode& mode = modes[i];
    process.Log("main", "--- ", mode.name);
    const SocketHandle c = Dial(*server);
    Socket* const p = c.get();
    c->on.drain([&, p] { process.Log("c", "drain ", Room(*p)); });
    WatchEvent(process, c->on.finish, "c", "finish");
    c->on.close([&, p, i](bool) {
      process.Log("c", "close ", p->bytes_written());
      next(i + 1);
    });
    c->Resume();
    if (mode.early) {
      mode.act(*c);
      c->on.connect([&, p] { process.Log("c", "connect ", Room(*p)); });
    } else {
      c->on.connect([&mode, p] { mode.act(*p); });
    }
    if (mode.name == "destroy" || mode.name.rfind("end", 0) == 0) return;
    c->on.connect([&, c] { After(30, [c] { c->End(); }); });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/223-write-returns"));
}

// The loop of Node's documentation: write as long as write() answers true.
TEST_P(V20RoomBoth, Case224WritesUntilFull) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        const auto got = std::make_shared<size_t>(0);
        s->on.data([got](absl::string_view d) { *got += d.size(); });
        s->on.end([&, got] { process.Log("srv", "end ", *got); });
      });
  struct Writer {
    std::string name;
    size_t bytes;
    int left;
    int drains = 0;
    int fulls = 0;
    std::function<void()> go;
  };
  std::vector<Writer> writers = {{"16384", 16384, 4, 0, 0, nullptr},
                                 {"20000", 20000, 3, 0, 0, nullptr},
                                 {"16000", 16000, 5, 0, 0, nullptr},
                                 {"100", 100, 50, 0, 0, nullptr}};
  std::function<void(size_t)> start = [&](size_t k) {
    if (k == writers.size()) {
      server->Close();
      return;
    }
    Writer& w = writers[k];
    const SocketHandle c = Dial(*server);
    Socket* const p = c.get();
    c->on.drain([&w] { ++w.drains; });
    w.go = [&, p] {
      const std::string chunk(w.bytes, 'a');
      bool room = true;
      do {
        if (--w.left == 0) {
          p->Write(chunk, Plain([&, p] {
                     process.Log(w.name, "last ", w.drains, " ", w.fulls);
                     p->End();
                   }));
        } else {
          room = p->Write(chunk);
          if (!room) ++w.fulls;
        }
      } while (w.left > 0 && room);
      if (w.left > 0) p->on.drain.Once([&w] { w.go(); });
    };
    c->on.connect([&w] { w.go(); });
    c->on.finish(
        [&, p] { process.Log(w.name, "finish ", p->bytes_written()); });
    c->on.close([&, k](bool) {
      process.Log(w.name, "close ", w.drains);
      start(k + 1);
    });
    c->Resume();
  };
  server->on.listening([&] { start(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/224-write-until-full"));
}

INSTANTIATE_TEST_SUITE_P(, V20Room, testing::Values(SimulatedBackEnd()),
                         NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20RoomBoth, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
