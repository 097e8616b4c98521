// Programs of Node 20 whose sockets are read late, paused, or piped, and whose
// pipes break, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "net/pipe.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20Pipe : public V20Program {
 protected:
  std::shared_ptr<Server> Sink() {
    return Server::Create(process.stack(), [&](const SocketHandle& s) {
      WatchErrors(s, "sink");
      const auto got = std::make_shared<std::string>();
      s->on.data([got, p = s.get()](absl::string_view d) {
        absl::StrAppend(got.get(), d);
        if (absl::StrContains(*got, "kill")) p->ResetAndDestroy();
      });
      s->on.end([&, got] { process.Log("sink", "end ", *got); });
      s->on.close([&](bool) { process.Log("sink", "close"); });
    });
  }
  // Says something every 20 ms, and goes the third time.
  void Speak(const SocketHandle& s, int k = 1) {
    After(20, [this, s, k] {
      if (s->destroyed()) return;
      if (k == 3) {
        if (round == 2) {
          s->ResetAndDestroy();
        } else {
          s->End("last");
        }
        return;
      }
      s->Write(round == 1 && k == 1 ? "kill" : absl::StrCat("more", k));
      Speak(s, k + 1);
    });
  }
  void Two(const SocketHandle& a, Server& sink) {
    const SocketHandle d = Dial(sink);
    const auto piping = Pipe(a, d);
    d->on.close([&](bool) { process.Log("d", "close"); });
    d->on.error([](const Error&) {});
    a->on.data.Once([piping, d](absl::string_view) {
      piping->Unpipe();
      d->End();
    });
  }

  std::vector<std::pair<std::string, std::function<void(const SocketHandle&)>>>
  Readers();

  int round = 0;
};

TEST_P(V20Pipe, Case164EndsAndBreaks) {
  const auto sink = Sink();
  const auto source =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->on.error([](const Error&) {});
        s->Write("one");
        Speak(s);
      });
  std::function<void()> start = [&] {
    if (++round == 6) {
      sink->Close();
      source->Close();
      return;
    }
    const int n = round;
    process.Log("c", "--- ", n);
    const SocketHandle a = Dial(*source);
    const SocketHandle b = Dial(*sink);
    WatchStates(a, "a");
    WatchStates(b, "b");
    if (n == 3) Two(a, *sink);
    a->on.data([&](absl::string_view d) { process.Log("a", "data ", d); });
    const auto piping = Pipe(a, b, n != 4);
    if (n == 5) {
      b->on.connect([&, b] { After(50, [b] { b->End("own"); }); });
    }
    a->on.end([&, n, b] {
      if (n == 4) After(10, [b] { b->End("-own"); });
    });
    const auto open = std::make_shared<int>(2);
    const auto done = [&, open](bool) {
      if (--*open == 0) After(80, [&] { start(); });
    };
    a->on.close(done);
    b->on.close(done);
    a->on.close([n, b, piping](bool) {
      if (n != 2) return;
      piping->Unpipe();
      b->Destroy();
    });
    b->on.close([n, a](bool) {
      if (n == 1 || n == 5) a->Destroy();
    });
  };
  sink->on.listening([&] { source->Listen(0, "127.0.0.1"); });
  source->on.listening([&] { start(); });
  sink->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/164-pipe-ends"));
}

using Act = std::function<void(const SocketHandle&)>;

std::vector<std::pair<std::string, Act>> V20Pipe::Readers() {
  const auto data = [this](Socket* c, const std::string& name) {
    c->on.data([this, c, name](absl::string_view d) {
      process.Log("c", name, " ", d, " ", State(*c));
    });
  };
  const auto plain = [this](Socket* c) {
    c->on.data([this](absl::string_view d) { process.Log("c", "data ", d); });
  };
  return {{"once",
           [this](const SocketHandle& c) {
             c->on.data.Once([this, p = c.get()](absl::string_view d) {
               process.Log("c", "once ", d, " ", State(*p));
             });
           }},
          {"removed",
           [this, data](const SocketHandle& c) {
             const auto id = std::make_shared<ListenerId>();
             *id = c->on.data([this, data, id, c](absl::string_view d) {
               process.Log("c", "data ", d, " ", State(*c));
               c->on.data.Remove(*id);
               process.Log("c", "off ", State(*c));
               After(50, [data, c] { data(c.get(), "again"); });
             });
           }},
          {"pauses",
           [this](const SocketHandle& c) {
             c->on.data([this, p = c.get()](absl::string_view d) {
               process.Log("c", "data ", d, " ", State(*p));
               if (d != "a") return;
               p->Pause();
               After(100, [p] { p->Resume(); });
             });
           }},
          {"none",
           [this, plain](const SocketHandle& c) {
             After(90, [this, plain, c] {
               process.Log("c", "waited ", State(*c));
               plain(c.get());
             });
           }},
          {"resumed",
           [this, plain](const SocketHandle& c) {
             c->Resume();
             After(30, [plain, c] { plain(c.get()); });
           }},
          {"pausedEnd",
           [this](const SocketHandle& c) {
             c->on.data([this, p = c.get()](absl::string_view d) {
               process.Log("c", "data ", d);
               if (absl::StrContains(d, "d")) p->Pause();
             });
             After(100, [this, c] {
               process.Log("c", "waited ", State(*c));
               c->Resume();
             });
           }},
          {"ended",
           [data](const SocketHandle& c) {
             c->on.connect([p = c.get()] { p->End(); });
             data(c.get(), "data");
           }},
          {"destroyIn", [this](const SocketHandle& c) {
             c->on.data([this, p = c.get()](absl::string_view d) {
               process.Log("c", "data ", d);
               if (!absl::StrContains(d, "b")) return;
               p->Pause();
               p->Destroy();
               p->Resume();
               process.Log("c", "gone ", State(*p));
             });
           }}};
}

TEST_P(V20Pipe, Case186ReadersThatPause) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->Write("a");
        After(20, [s] { s->Write("b"); });
        After(40, [s] { s->Write("c"); });
        After(60, [s] { s->End("d"); });
        s->on.error([](const Error&) {});
        s->Resume();
      });
  const auto readers = Readers();
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == readers.size()) {
      server->Close();
      return;
    }
    const auto& reader = readers[next++];
    process.Log("main", "--- ", reader.first);
    const SocketHandle c = Dial(*server);
    WatchStates(c, "c");
    reader.second(c);
    const auto timer =
        std::make_shared<loop::Timer>(process.loop(), [&, p = c.get()] {
          process.Log("c", "gives up ", State(*p));
          p->Destroy();
        });
    timer->Start(absl::Milliseconds(200));
    c->on.close([&, timer](bool) {
      timer->Stop();
      After(20, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/186-socket-reads"));
}

INSTANTIATE_TEST_SUITE_P(, V20Pipe, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
