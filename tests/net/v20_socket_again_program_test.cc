// Programs of Node 20 whose sockets are aborted, connect again, or try several
// addresses, and ask for their state, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers, or addresses of their own: simulated only.
class V20SocketAgain : public V20Program {};

TEST_P(V20SocketAgain, Case182AbortedAtEachMoment) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        WatchErrors(s, "srv");
        s->on.data([p = s.get()](absl::string_view) { p->End("bye"); });
        WatchEvent(process, s->on.end, "srv", "end");
        s->on.close([&](bool had_error) {
          process.Log("srv", "close ", Bool(had_error));
        });
      });
  const std::vector<std::string> moments = {"at once", "connect", "data", "end",
                                            "close"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == moments.size()) {
      server->Close();
      return;
    }
    const std::string m = moments[next++];
    process.Log("main", "--- ", m);
    Socket::Options options;
    options.signal = std::make_shared<AbortSignal>();
    const SocketHandle c = Socket::Create(process.stack(), options);
    Socket* const p = c.get();
    WatchStates(c, "c");
    const auto hit = [&, m, p, signal = options.signal](const std::string& e) {
      if (e != m) return;
      process.Log(m, "aborts");
      signal->Abort();
      process.Log(m, "aborted ", State(*p));
    };
    c->on.data([&, hit](absl::string_view d) {
      process.Log("c", "data ", d);
      hit("data");
    });
    c->on.connect([&, p, hit] {
      p->Write("x", Called("c", "write"));
      hit("connect");
    });
    c->on.end([hit] { hit("end"); });
    c->on.close([&, hit](bool) {
      hit("close");
      After(30, [&] { start(); });
    });
    c->Connect(server->address()->port, "127.0.0.1");
    hit("at once");
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/182-net-abort-moments"));
}

TEST_P(V20SocketAgain, Case183ConnectsAgainAndAgain) {
  const uint16_t closed = process.UnusedPort();
  int accepted = 0;
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server =
      Server::Create(process.stack(), half_open, [&](const SocketHandle& s) {
        const int k = ++accepted;
        process.Log("srv", "connection ", k);
        s->on.error([](const Error&) {});
        s->on.data([&, k, p = s.get()](absl::string_view d) {
          process.Log("srv", "data ", d);
          if (k == 2) {
            p->ResetAndDestroy();
          } else {
            p->End(absl::StrCat("re:", d));
          }
        });
        WatchEvent(process, s->on.end, "srv", "end");
        s->on.close([&](bool) { process.Log("srv", "close"); });
      });
  const SocketHandle c = Socket::Create(process.stack());
  int k = 0;
  const auto go = [&] {
    process.Log("main", "--- ", ++k, " ", State(*c));
    if (k == 6) {
      server->Close();
      return;
    }
    c->Connect(k == 3 ? closed : server->address()->port, "127.0.0.1");
    c->Write(absl::StrCat("m", k), [&](const Error* e) {
      process.Log("c", "cb ", e == nullptr ? "null" : Described(*e));
    });
    process.Log("c", "called ", State(*c));
    if (k == 4) c->SetTimeout(absl::Milliseconds(500));
    if (k == 5) c->Destroy();
  };
  server->on.listening([&] {
    WatchStates(c, "c");
    c->on.data([&](absl::string_view d) {
      process.Log("c", "data ", d, " ", State(*c));
    });
    c->on.close([&](bool) {
      if (k < 6) go();
    });
    go();
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/183-net-reconnect"));
}

TEST_P(V20SocketAgain, Case184WhatAServerMakesOfItsSockets) {
  struct Kind {
    std::string name;
    bool paused;
    bool half_open;
  };
  const std::vector<Kind> kinds = {
      {"{\"pauseOnConnect\":true}", true, false},
      {"{\"allowHalfOpen\":true}", false, true},
      {"{}", false, false},
      {"{\"pauseOnConnect\":true,\"allowHalfOpen\":true}", true, true}};
  const auto accepted = [&](const SocketHandle& s, bool half_open) {
    WatchStates(s, "srv");
    process.Log("srv", "connection ", State(*s), " ", Bool(half_open), " ",
                Bool(s->paused()));
    s->on.data([&, p = s.get()](absl::string_view d) {
      process.Log("srv", "data ", d, " ", State(*p));
    });
    process.Log("srv", "listens ", State(*s));
    After(35, [&, s] {
      if (s->destroyed()) return;
      process.Log("srv", "later ", State(*s));
      s->Resume();
    });
    After(60, [&, s] {
      if (s->destroyed()) return;
      process.Log("srv", "ends ", State(*s));
      s->End("bye");
    });
  };
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == kinds.size()) return;
    const Kind& o = kinds[next++];
    process.Log("main", "--- ", o.name);
    Server::Options options;
    options.pause_on_connect = o.paused;
    options.allow_half_open = o.half_open;
    const auto server =
        Server::Create(process.stack(), options,
                       [&, half_open = o.half_open](const SocketHandle& s) {
                         accepted(s, half_open);
                       });
    server->SetMaxConnections(2);
    server->on.listening([&, server] {
      process.Log("server", "listening ", Bool(server->listening()), " IPv4");
      const SocketHandle c = Dial(*server);
      Socket* const p = c.get();
      WatchStates(c, "c");
      c->on.data([&](absl::string_view d) { process.Log("c", "data ", d); });
      c->on.connect([&, p] {
        p->Write("one");
        After(10, [p] {
          if (p->writable()) p->End("two");
        });
      });
      c->on.close([&, server](bool) {
        server->Close([&, server](const Error*) {
          process.Log("server", "closed ", Bool(server->listening()));
          After(80, [&] { start(); });
        });
      });
    });
    Server::ListenOptions on;
    on.host = "127.0.0.1";
    on.backlog = 5;
    server->Listen(on);
  };
  start();
  EXPECT_EQ(process.Run(), RecordedLines("v20/184-server-options"));
}

struct Round {
  bool is_open;
  std::vector<std::string> list;
  bool auto_select = true;
  AddressFamily family = AddressFamily::kAny;
  std::string at = "";
  int n = 0;
};

TEST_P(V20SocketAgain, Case185SeveralAddresses) {
  const uint16_t closed = process.UnusedPort();
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        process.Log("srv", "connection");
        s->on.error([](const Error&) {});
        s->End();
        s->Resume();
      });
  const auto any = AddressFamily::kAny;
  const std::vector<Round> rounds = {
      {true, {"127.0.0.2", "127.0.0.1"}},
      {true, {"::1", "127.0.0.2", "127.0.0.1"}},
      {false, {"127.0.0.1", "::1", "127.0.0.3"}},
      {true, {"127.0.0.1"}, false},
      {false, {"127.0.0.1"}, false},
      {false, {"127.0.0.1"}, true, AddressFamily::kIpv4},
      {true, {"::1", "127.0.0.1"}, true, any, "connectionAttemptFailed", 1},
      {false, {"::1", "127.0.0.1"}, true, any, "connectionAttemptFailed", 2},
      {true, {"::1", "127.0.0.1"}, true, any, "connect", 1}};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == rounds.size()) {
      server->Close();
      return;
    }
    const Round& r = rounds[next++];
    process.Log("main", "--- ", next);
    ConnectOptions to;
    to.port = r.is_open ? server->address()->port : closed;
    to.host = "name.test";
    to.auto_select_family = r.auto_select;
    to.family = r.family;
    to.lookup = [&](absl::string_view, AddressFamily, ResolveCallback done) {
      Immediate([&, done = std::move(done)]() mutable {
        Resolution answer;
        for (const std::string& ip : r.list) {
          answer.addresses.push_back(*loop::Ip::Parse(ip));
        }
        done(answer);
      });
    };
    const SocketHandle c = Connect(process.stack(), std::move(to));
    Socket* const p = c.get();
    const auto hit = [&, p,
                      k = std::make_shared<int>(0)](const std::string& event) {
      if (event != r.at || ++*k != r.n) return;
      p->Destroy();
      process.Log("c", "destroyed ", State(*p));
    };
    const auto where = [](const loop::Address& a) {
      return absl::StrCat(a.ip.ToString(), " ",
                          a.family == loop::Family::kInet ? 4 : 6);
    };
    c->on.lookup([&](const LookupEvent& e) {
      process.Log("c", "lookup null ", e.ip.ToString(), " ",
                  e.ip.is_v4() ? 4 : 6);
    });
    c->on.connection_attempt([&, p, where](const loop::Address& a) {
      process.Log("c", "attempt ", where(a), " ", Bool(p->connecting()));
    });
    c->on.connection_attempt_failed(
        [&, p, where, hit](const loop::Address& a, const Error& e) {
          process.Log("c", "failed ", where(a), " ", e.code(), " ",
                      Bool(p->connecting()));
          hit("connectionAttemptFailed");
        });
    c->on.connect([&, p, hit] {
      const std::string tried =
          absl::StrJoin(p->attempted_addresses(), ",",
                        [](std::string* out, const loop::Address& a) {
                          absl::StrAppend(out, Quoted(a.ip.ToString()));
                        });
      process.Log("c", "connect ", p->remote_address()->ip.ToString(), " ",
                  tried.empty() ? "" : absl::StrCat("[", tried, "]"));
      hit("connect");
    });
    WatchEvent(process, c->on.ready, "c", "ready");
    c->Resume();
    c->on.error([&](const Error& e) {
      process.Log("c", "error ", e.code(), " ",
                  e.errors().empty() ? "Error" : "AggregateError", " ",
                  absl::StrJoin(e.errors(), ",",
                                [](std::string* out, const Error& one) {
                                  absl::StrAppend(out, one.code());
                                }));
    });
    c->on.close([&, p](bool had_error) {
      process.Log("c", "close ", Bool(had_error), " ", Bool(p->destroyed()));
      After(20, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/185-dial-options"));
}

INSTANTIATE_TEST_SUITE_P(, V20SocketAgain, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
