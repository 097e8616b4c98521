// Programs of Node 20 that ask a socket for all its properties at each of its
// events, recorded here.
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20SocketState : public V20Program {
 protected:
  // The addresses of a socket, as far as it knows them.
  static std::string Ends(Socket& s) {
    const auto text = [](const std::optional<loop::Address>& a) {
      return a.has_value() ? absl::StrCat(a->ip.ToString(), " ",
                                          Bool(a->port > 0), " IPv4")
                           : "undefined - undefined";
    };
    return absl::StrCat(text(s.local_address()), " ", text(s.remote_address()));
  }
};
class V20SocketStateBoth : public V20SocketState {};

TEST_P(V20SocketState, Case158AddressesAtEachEvent) {
  int accepted = 0;
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        const int k = accepted++;
        process.Log("srv", "connection ", k == 0 ? "-" : Ends(*s));
        s->Resume();
        s->on.end([&, k, p = s.get()] {
          process.Log("srv", "end ", k == 1 ? Ends(*p) : "-");
        });
        s->on.close(
            [&, p = s.get()](bool) { process.Log("srv", "close ", Ends(*p)); });
      });
  const std::vector<std::string> modes = {"late", "connect", "early", "each"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == modes.size()) {
      server->Close();
      return;
    }
    const std::string m = modes[next++];
    const SocketHandle c = Dial(*server);
    const auto tell = [&, m, p = c.get()](const std::string& event) {
      process.Log(m, event, " ", Ends(*p));
    };
    if (m == "early" || m == "each") tell("called");
    Tick([=] {
      if (m == "each") tell("tick");
    });
    c->on.connect([=, p = c.get()] {
      if (m != "late") tell("connect");
      p->End();
    });
    c->on.finish([=] {
      if (m == "each") tell("finish");
    });
    c->on.end([=] {
      if (m == "each") tell("end");
    });
    c->Resume();
    c->on.close([&, tell](bool) {
      tell("close");
      After(20, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/158-address-moments"));
}

TEST_P(V20SocketStateBoth, Case160AtEachEvent) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server =
      Server::Create(process.stack(), half_open, [&](const SocketHandle& s) {
        WatchStates(s, "srv");
        process.Log("srv", "connection ", State(*s));
        Socket* const p = s.get();
        s->on.data([&, p](absl::string_view d) {
          process.Log("srv", "data ", d, " ", State(*p));
          p->Write(absl::StrCat("re:", d), Plain([&, p] {
                     process.Log("srv", "cb write ", State(*p));
                   }));
        });
        s->on.end([&, p] {
          p->End("bye",
                 Plain([&, p] { process.Log("srv", "cb end ", State(*p)); }));
          process.Log("srv", "ended ", State(*p));
        });
      });
  server->on.listening([&] {
    const SocketHandle c = Socket::Create(process.stack());
    Socket* const p = c.get();
    WatchStates(c, "c");
    const auto tell = [&, p](const std::string& what) {
      process.Log("c", what, " ", State(*p));
    };
    tell("new");
    c->Connect(server->address()->port, "127.0.0.1");
    tell("called");
    const bool room = c->Write("one", Plain([=] { tell("cb one"); }));
    tell(absl::StrCat("write ", Bool(room)));
    c->on.data([&, tell, p](absl::string_view d) {
      tell(absl::StrCat("data ", d));
      if (p->writable_ended()) return;
      p->End("two", Plain([=] { tell("cb end"); }));
      tell("end()");
    });
    tell("data listener");
    c->on.close([&, tell, c](bool) {
      server->Close();
      Immediate([c, tell] { tell("after"); });
    });
    Tick([=] { tell("tick"); });
    Immediate([=] { tell("immediate"); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/160-socket-states"));
}

TEST_P(V20SocketState, Case161WhereItFails) {
  size_t next = 0;
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->on.error([&, p = s.get()](const Error& e) {
          process.Log("srv", "error ", Described(e), " ", State(*p));
        });
        s->on.close([&, p = s.get()](bool had_error) {
          process.Log("srv", "close ", Bool(had_error), " ", State(*p));
        });
        s->Resume();
        if (next == 2) s->ResetAndDestroy();
      });
  using Act = std::function<void(const SocketHandle&)>;
  const std::vector<Act> acts = {
      [&](const SocketHandle& c) {
        c->on.connect([&, c] {
          c->Write("x", Stated(c, "c", "x"));
          c->Destroy(Error("Error", "mine"));
          process.Log("c", "destroyed ", State(*c));
        });
      },
      [&](const SocketHandle& c) {
        c->on.connect([&, c] { c->Write("x", Called("c", "x")); });
      },
      [&](const SocketHandle& c) {
        c->on.connect([&, c] {
          c->End("x");
          c->Write("y", Stated(c, "c", "y"));
          process.Log("c", "wrote ", State(*c));
          c->Destroy(Error("Error", "late"));
        });
      },
      [&](const SocketHandle& c) {
        c->Write("x", Stated(c, "c", "x"));
        c->Write("y", Stated(c, "c", "y"));
        c->End("z", Stated(c, "c", "end"));
        c->Destroy(Error("Error", "first"));
        c->Destroy(Error("Error", "second"));
        process.Log("c", "destroyed ", State(*c));
      },
      [&](const SocketHandle& c) {
        c->on.connect([&, c] {
          c->Cork();
          c->Write("x", Called("c", "x"));
          c->Write("y", Called("c", "y"));
          process.Log("c", "corked ", State(*c));
          c->Destroy();
          c->Uncork();
          process.Log("c", "uncorked ", State(*c));
          c->Write("z", Stated(c, "c", "z"));
          c->End("", Stated(c, "c", "end"));
        });
      }};
  std::function<void()> start = [&] {
    if (next == acts.size()) {
      server->Close();
      return;
    }
    const Act& act = acts[next++];
    const SocketHandle c = Dial(*server);
    process.Log("c", "--- ", next);
    WatchStates(c, "c");
    c->Resume();
    act(c);
    c->on.close([&](bool) { After(20, [&] { start(); }); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/161-error-states"));
}

TEST_P(V20SocketState, Case165IdleTimesInEachState) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server =
      Server::Create(process.stack(), half_open, [&](const SocketHandle& s) {
        s->on.error([](const Error&) {});
        s->Resume();
        Socket* const p = s.get();
        s->SetTimeout(absl::Milliseconds(250), [&, p] {
          process.Log("srv", "cb timeout ",
                      absl::ToInt64Milliseconds(p->timeout()), " ", State(*p));
          p->End();
        });
        WatchEvent(process, s->on.timeout, "srv", "timeout");
        s->on.close([&](bool) { process.Log("srv", "close"); });
        WatchEvent(process, s->on.end, "srv", "end");
      });
  server->on.listening([&] {
    Socket::Options options;
    options.allow_half_open = true;
    const SocketHandle c = Socket::Create(process.stack(), options);
    Socket* const p = c.get();
    const auto set = [p](int ms, std::function<void()> f = nullptr) {
      if (f == nullptr) {
        p->SetTimeout(absl::Milliseconds(ms));
      } else {
        p->SetTimeout(absl::Milliseconds(ms), f);
      }
    };
    const auto idle = [p] { return absl::ToInt64Milliseconds(p->timeout()); };
    c->Resume();
    process.Log("c", "timeout is undefined");  // JavaScript's word for none
    set(60, [&, idle] { process.Log("c", "cb once ", idle()); });
    set(0);
    process.Log("c", "timeout is ", idle());
    set(60);
    c->on.timeout([&, p, set, k = 0]() mutable {
      process.Log("c", "timeout ", ++k, " ", State(*p));
      if (k == 1) set(70);
      if (k == 2) set(40);
      if (k == 3) set(0);
    });
    After(100, [&, c] {
      process.Log("c", "connects");
      c->Connect(server->address()->port, "127.0.0.1");
    });
    WatchEvent(process, c->on.connect, "c", "connect");
    c->on.end([&, p, set] {
      process.Log("c", "end ", State(*p));
      set(50);
      After(80, [p] { p->End(); });
    });
    WatchEvent(process, c->on.finish, "c", "finish");
    c->on.close([&, idle, set](bool) {
      process.Log("c", "close ", idle());
      set(10, [&] { process.Log("c", "never"); });
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/165-timeout-again"));
}

TEST_P(V20SocketStateBoth, Case167AUnixSocketWithMuchData) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const std::string path = absl::StrCat("./net_test_", getpid(), "_167.sock");
  size_t accepted = 0;
  const auto server =
      Server::Create(process.stack(), half_open, [&](const SocketHandle& s) {
        s->on.error([](const Error&) {});
        process.Log("srv", "connection ", State(*s));
        Socket* const p = s.get();
        s->on.data([&](absl::string_view d) { accepted += d.size(); });
        s->on.end([&, p] {
          process.Log("srv", "end ", accepted, " ", State(*p));
          accepted = 0;
          p->End(std::string(300000, 'y'),
                 Plain([&, p] { process.Log("srv", "cb end ", State(*p)); }));
        });
        WatchEvent(process, s->on.finish, "srv", "finish");
        s->on.close([&, p](bool) { process.Log("srv", "close ", State(*p)); });
      });
  size_t got = 0;
  server->on.listening([&] {
    process.Log("server", "listening ", Bool(server->address()->path == path),
                " true");
    const SocketHandle c = ConnectPath(process.stack(), path);
    Socket* const p = c.get();
    process.Log("c", "called ", State(*c));
    c->on.connect([&, p] {
      process.Log("c", "connect ", State(*p), " undefined undefined");
    });
    const bool room = c->Write(
        std::string(1 << 20, 'x'),
        Plain([&, p] { process.Log("c", "cb big ", p->writable_bytes()); }));
    process.Log("c", "write ", Bool(room), " ", c->writable_bytes());
    c->End("tail", Plain([&, p] { process.Log("c", "cb end ", State(*p)); }));
    c->on.data([&](absl::string_view d) { got += d.size(); });
    c->on.end([&, p] { process.Log("c", "end ", got, " ", State(*p)); });
    WatchEvent(process, c->on.drain, "c", "drain");
    WatchEvent(process, c->on.finish, "c", "finish");
    c->on.close([&, p](bool had_error) {
      process.Log("c", "close ", Bool(had_error), " ", State(*p));
      const SocketHandle d = ConnectPath(process.stack(), path);
      d->on.connect([&, q = d.get()] {
        try {
          q->ResetAndDestroy();
        } catch (const Error& e) {
          process.Log("d", Described(e));
        }
        q->Destroy();
      });
      d->on.close([&](bool) {
        server->Close(Plain([&] { process.Log("server", "closed false"); }));
      });
    });
  });
  Server::ListenOptions on;
  on.path = path;
  server->Listen(on);
  EXPECT_EQ(process.Run(), RecordedLines("v20/167-unix-flow"));
}

INSTANTIATE_TEST_SUITE_P(, V20SocketState, testing::Values(SimulatedBackEnd()),
                         NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20SocketStateBoth, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
