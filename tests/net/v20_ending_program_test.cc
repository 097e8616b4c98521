// Programs of Node 20 about how sockets end, recorded here: callbacks, counters
// and states on the way, resets, pauses at odd places.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Ending : public V20Program {
 protected:
  using Step = std::function<void(const SocketHandle&)>;
};
class V20EndingTimed : public V20Ending {};

TEST_P(V20Ending, Case108CallsBackWhatWasNotWritten) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        WatchErrors(s, "srv");
        s->on.close([&](bool) { process.Log("srv", "close"); });
        s->Resume();
      });
  const auto length = [&](const SocketHandle& c, absl::string_view corked) {
    process.Log("c3", "length ", c->writable_bytes(), " ", c->bytes_written(),
                corked);
  };
  const std::vector<Step> steps = {
      [&](const SocketHandle& c) {
        c->on.connect([&, c] {
          c->Write("a", [&, c](const Error*) {
            process.Log("c1", "cb a");
            c->Destroy();
            c->Write("z", Called("c1", "z"));
          });
          c->Write("b", Called("c1", "b"));
          c->End("c", Called("c1", "end"));
        });
      },
      [&](const SocketHandle& c) {
        c->End("x", Called("c2", "end"));
        c->End("y", Called("c2", "end2"));
        c->Write("w", Called("c2", "w"));
      },
      [&](const SocketHandle& c) {
        c->on.connect([&, c] {
          c->Cork();
          c->Cork();
          for (const char* k : {"p", "q", "r"}) c->Write(k, Called("c3", k));
          c->Uncork();
          length(c, "");
          c->Destroy(Error("Error", "gone"));
          length(c, " 1");
          c->Uncork();
        });
      },
      [&](const SocketHandle& c) {
        c->Write("early", Called("c4", "early"));
        c->End("", [&](const Error*) { process.Log("c4", "cb end"); });
        c->on.finish([&, c] {
          process.Log("c4", "finished ", Bool(c->writable_finished()));
          c->Destroy();
        });
      }};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == steps.size()) {
      server->Close();
      return;
    }
    const Step& step = steps[next++];
    const auto c = Dial(*server, absl::StrCat("c", next));
    step(c);
    c->on.close([&](bool) { start(); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/108-end-callbacks"));
}

TEST_P(V20Ending, Case109Counts) {
  const auto show = [](Socket& s) {
    return absl::StrCat(s.bytes_read(), " ", s.bytes_written(), " ",
                        s.writable_bytes(), " ", s.ready_state(), " ",
                        Bool(s.writable()), " ", Bool(s.readable()), " ",
                        Bool(s.pending()), " ", Bool(s.destroyed()));
  };
  const auto log = [&](Socket& s, const std::string& actor,
                       const std::string& event) {
    return
        [&, actor, event, p = &s] { process.Log(actor, event, " ", show(*p)); };
  };
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& socket) {
        Socket& s = *socket;
        log(s, "srv", "connection")();
        s.on.data([&, p = &s](absl::string_view d) {
          log(*p, "srv", absl::StrCat("data ", d.size()))();
          if (d.size() != 5) return;
          p->Write("0123456789");
          log(*p, "srv", "wrote")();
        });
        s.on.end(log(s, "srv", "end"));
        s.on.finish(log(s, "srv", "finish"));
        s.on.close([&, p = &s](bool) { log(*p, "srv", "close")(); });
        s.on.drain(log(s, "srv", "drain"));
      });
  server->on.listening([&] {
    const auto socket = Dial(*server);
    Socket& c = *socket;
    log(c, "c", "new")();
    c.Write("hello");
    log(c, "c", "wrote")();
    c.on.data([&, p = &c](absl::string_view d) {
      log(*p, "c", absl::StrCat("data ", d.size()))();
      p->End("bye");
      log(*p, "c", "ended")();
    });
    c.on.connect(log(c, "c", "connect"));
    c.on.ready(log(c, "c", "ready"));
    c.on.end(log(c, "c", "end"));
    c.on.finish(log(c, "c", "finish"));
    c.on.close([&, p = &c](bool) {
      log(*p, "c", "close")();
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/109-counters"));
}

TEST_P(V20Ending, Case112ClosesWithConnections) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server = Watched(nullptr, half_open);
  std::vector<SocketHandle> peers;
  // The answer of getConnections() comes in a tick.
  const auto count = [&](const std::string& name) {
    Tick(
        [&, name] { process.Log("server", name, " ", server->connections()); });
  };
  const auto close = [&] {
    server->Close([&](const Error* error) {
      process.Log("server", "cb close ",
                  error == nullptr ? "undefined" : Described(*error));
    });
    process.Log("server", "closing ", Bool(server->listening()));
    process.Log("server", "left ", server->connections());
    peers[0]->Destroy();
    process.Log("server", "left ", server->connections());
    peers[0]->on.close([&](bool) {
      process.Log("p0", "close");
      peers[1]->End();
    });
    peers[1]->on.close([&](bool) {
      process.Log("p1", "close");
      peers[2]->ResetAndDestroy();
      count("none");
    });
    peers[2]->on.close([&](bool) { process.Log("p2", "close"); });
  };
  server->on.connection([&](const SocketHandle& s) {
    peers.push_back(s);
    s->on.error([](const Error&) {});
    s->Resume();
    count("count");
    if (peers.size() == 3) Immediate(close);
  });
  server->on.listening([&] {
    for (const char* k : {"a", "b", "c"}) Dial(*server, k);
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/112-close-with-connections"));
}

TEST_P(V20EndingTimed, Case113ResetsInEachState) {
  int n = 0;
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        process.Watch(s, absl::StrCat("s", ++n));
        if (n == 4) s->ResetAndDestroy();
      });
  const std::vector<Step> steps = {
      [&](const SocketHandle& c) {
        c->ResetAndDestroy();
        process.Log("c", "connecting ", Bool(c->destroyed()), " ",
                    c->ready_state());
      },
      [&](const SocketHandle& c) {
        c->on.connect([&, c] {
          c->Write("lost", Called("c", "lost"));
          c->ResetAndDestroy();
          process.Log("c", "reset ", Bool(c->destroyed()));
        });
      },
      [&](const SocketHandle& c) {
        c->on.connect([&, c] {
          c->End("kept", Called("c", "end"));
          c->on.finish([c] { c->ResetAndDestroy(); });
        });
      },
      [&](const SocketHandle& c) { c->on.connect([c] { c->Write("hello"); }); },
      [&](const SocketHandle& c) {
        c->on.connect([c] {
          c->Destroy();
          c->ResetAndDestroy();
        });
      }};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == steps.size()) {
      server->Close();
      return;
    }
    const auto c = Dial(*server, "c");
    steps[next++](c);
    c->on.close([&](bool) { After(20, [&] { start(); }); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/113-reset-moments"));
}

TEST_P(V20EndingTimed, Case118PausesAtOddPlaces) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->End("hello");
        s->on.error([](const Error&) {});
        s->Resume();
      });
  std::string k;
  const auto data = [&](absl::string_view d) { process.Log(k, "data ", d); };
  const std::vector<Step> steps = {
      [&](const SocketHandle& c) {
        c->on.data(data);
        c->on.connect([&, c] {
          c->Pause();
          Immediate([&, c] {
            Immediate([&, c] {
              process.Log(k, "held ", c->readable_bytes());
              c->Resume();
            });
          });
        });
      },
      [&](const SocketHandle& c) {
        c->on.end([c] {
          c->Pause();
          c->Resume();
        });
        c->on.data([&, c](absl::string_view d) {
          data(d);
          c->Pause();
          Tick([c] { c->Resume(); });
        });
      },
      [&](const SocketHandle& c) {
        c->Resume();
        c->Pause();
        c->on.data(data);
        c->on.ready([c] { c->Resume(); });
      },
      [&](const SocketHandle& c) {
        c->on.connect([c] {
          c->Resume();
          c->Pause();
          c->Resume();
        });
      },
      [&](const SocketHandle& c) {
        c->on.ready([&, c] {
          After(20, [&, c] {
            process.Log(k, "late ", c->ready_state(), " ", c->readable_bytes());
            c->on.data(data);
          });
        });
      },
      [&](const SocketHandle& c) {
        c->on.data.Once([&, c](absl::string_view d) {
          data(d);
          c->Destroy();
          c->Resume();
          c->Pause();
        });
      }};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == steps.size()) {
      server->Close();
      return;
    }
    k = absl::StrCat("c", ++next);
    const auto c = Dial(*server);
    const auto show = [&, p = c.get()](const std::string& event) {
      return [&, p, event] {
        process.Log(k, event, " ", Bool(p->paused()), " ", p->readable_bytes());
      };
    };
    c->on.connect(show("connect"));
    c->on.ready(show("ready"));
    c->on.pause(show("pause"));
    c->on.resume(show("resume"));
    c->on.end(show("end"));
    c->on.finish(show("finish"));
    c->on.close([&, p = c.get()](bool) {
      process.Log(k, "close ", Bool(p->paused()), " ", p->readable_bytes());
    });
    steps[next - 1](c);
    c->on.close([&](bool) { start(); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/118-pause-places"));
}

INSTANTIATE_TEST_SUITE_P(, V20Ending, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20EndingTimed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
