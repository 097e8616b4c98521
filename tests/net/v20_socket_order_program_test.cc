// Programs of Node 20 about the order of what a socket calls: callbacks of
// writes, listeners that end it, pipes that break, idle times that are equal,
// recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "net/pipe.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20SocketOrder : public V20Program {};

TEST_P(V20SocketOrder, Case159EqualIdleTimes) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->on.error([](const Error&) {});
        s->Resume();
      });
  std::vector<SocketHandle> cs;
  int up = 0;
  int gone = 0;
  const auto go = [&] {
    After(140, [&] { process.Log("t", "before"); });
    After(40, [&] {
      cs[2]->Write("x");
      After(100, [&] { process.Log("t", "between"); });
      cs[1]->Write("x");
      cs[0]->Write("x");
      After(100, [&] { process.Log("t", "after"); });
    });
  };
  const auto timeout = [&](const std::string& k) {
    process.Log(k, "timeout");
    if (++gone == 6) {
      for (const SocketHandle& c : cs) c->Destroy();
      server->Close();
    } else if (gone == 3) {
      for (const int i : {1, 2, 0}) cs[i]->Write("x");
    }
  };
  server->on.listening([&] {
    for (const std::string k : {"a", "b", "c"}) {
      const SocketHandle c = Dial(*server);
      cs.push_back(c);
      c->SetTimeout(absl::Milliseconds(100));
      c->on.timeout([&, k] { timeout(k); });
      c->on.connect([&] {
        if (++up == 3) go();
      });
    }
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/159-idle-order"));
}

TEST_P(V20SocketOrder, Case162EndsInEachListener) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server =
      Server::Create(process.stack(), half_open, [&](const SocketHandle& s) {
        Socket* const p = s.get();
        s->on.data(
            [&](absl::string_view d) { process.Log("srv", "data ", d); });
        s->on.end([&, p] {
          process.Log("srv", "end ", State(*p));
          p->Write("a", Plain([&] { process.Log("srv", "cb a"); }));
          p->End("b", Plain([&] { process.Log("srv", "cb b"); }));
          p->End("", Plain([&] { process.Log("srv", "cb end"); }));
        });
        WatchErrors(s, "srv");
        s->on.finish([&, p] {
          process.Log("srv", "finish ", State(*p));
          p->End("", Called("srv", "again"));
        });
        s->on.close([&, p](bool) { process.Log("srv", "close ", State(*p)); });
      });
  const std::vector<std::string> events = {"connect", "ready", "data",
                                           "finish",  "end",   "tick"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == events.size()) {
      server->Close();
      return;
    }
    const std::string m = events[next++];
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    Socket::Options options;
    options.allow_half_open = true;
    const SocketHandle c = Connect(process.stack(), std::move(to), options);
    Socket* const p = c.get();
    process.Log(m, "---");
    const auto hit = [&, m, p](const std::string& e) {
      if (e != m) return;
      process.Log(m, "write ", Bool(p->Write(e, Called(m, "write"))));
      p->End("", Called(m, "end"));
      process.Log(m, "ended ", State(*p));
    };
    const auto on = [&, m, p, hit](auto& event, const std::string& e) {
      event([&, m, p, e, hit] {
        process.Log(m, e, " ", State(*p));
        hit(e);
        if (e != "connect") return;
        if (m == "data" || m == "end" || m == "finish") {
          p->Write("first");
          if (m != "data") p->End();
        }
      });
    };
    on(c->on.connect, "connect");
    on(c->on.ready, "ready");
    on(c->on.finish, "finish");
    on(c->on.end, "end");
    c->on.data([&, m, hit](absl::string_view d) {
      process.Log(m, "data ", d);
      hit("data");
    });
    WatchErrors(c, m);
    c->on.close([&, m, p](bool had_error) {
      process.Log(m, "close ", Bool(had_error), " ", State(*p));
      After(20, [&] { start(); });
    });
    if (m == "tick") Tick([=] { hit("tick"); });
    if (m == "data") {
      After(30, [c] {
        if (!c->writable_ended()) c->End();
      });
    }
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/162-end-in-each"));
}

TEST_P(V20SocketOrder, Case163CallbacksOfWrites) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->on.data(
            [&](absl::string_view d) { process.Log("srv", "data ", d); });
        WatchEvent(process, s->on.end, "srv", "end");
        s->on.error([](const Error&) {});
        s->on.close([&](bool) { process.Log("srv", "close"); });
      });
  const auto cb = [&](Socket* c, const std::string& k,
                      std::function<void()> then = nullptr) {
    return [&, c, k, then](const Error* e) {
      process.Log("c", "cb ", k, " ", e == nullptr ? "null" : Described(*e),
                  " ", c->writable_bytes());
      if (then != nullptr) then();
    };
  };
  using Act = std::function<void(Socket*)>;
  const std::vector<Act> acts = {
      [&](Socket* c) {
        c->Write("a", cb(c, "a", [&, c] {
                   c->Write("c",
                            cb(c, "c", [&, c] { c->End("d", cb(c, "d")); }));
                 }));
        c->Write("b", cb(c, "b"));
      },
      [&](Socket* c) {
        c->Write("a", cb(c, "a", [c] { c->Destroy(); }));
        c->Write("b", cb(c, "b"));
        c->Write("c", cb(c, "c"));
        c->End("", cb(c, "end"));
      },
      [&](Socket* c) {
        c->Cork();
        c->Write("a", cb(c, "a", [c] { c->Destroy(Error("Error", "mine")); }));
        c->Write("b", cb(c, "b"));
        Tick([&, c] {
          c->Uncork();
          c->Write("c", cb(c, "c"));
        });
      },
      [&](Socket* c) {
        c->End("a", cb(c, "a", [&, c] {
                 process.Log("c", "in cb ", State(*c));
                 c->Write("z", cb(c, "z"));
               }));
      },
      [&](Socket* c) {
        c->Write("", cb(c, "empty"));
        c->Write("a", cb(c, "a"));
        c->Write("", cb(c, "empty2"));
        c->End("", cb(c, "end"));
        process.Log("c", "len ", c->writable_bytes());
      }};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == acts.size()) {
      server->Close();
      return;
    }
    const Act& act = acts[next++];
    const SocketHandle c = Dial(*server);
    process.Log("c", "--- ", next);
    c->on.connect([&, p = c.get()] {
      act(p);
      Tick([&] { process.Log("c", "tick"); });
      Immediate([&] { process.Log("c", "immediate"); });
    });
    WatchEvent(process, c->on.finish, "c", "finish");
    WatchEvent(process, c->on.drain, "c", "drain");
    WatchErrors(c, "c");
    c->Resume();
    c->on.close([&](bool had_error) {
      process.Log("c", "close ", Bool(had_error));
      After(20, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/163-write-callbacks"));
}

TEST_P(V20SocketOrder, Case166ClosesAtEachMoment) {
  std::vector<std::string> moments = {
      "at once", "listening", "tick", "connection", "connection destroy",
      "end",     "twice"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == moments.size()) return;
    const std::string m = moments[next++];
    process.Log("main", "--- ", m);
    auto hit = std::make_shared<std::function<void()>>();
    auto self = std::make_shared<std::weak_ptr<Server>>();
    const auto server = Watched([&, m, hit, self](const SocketHandle& s) {
      const auto server = self->lock();
      process.Log(m, "accepted ", Bool(server->listening()));
      s->on.error([](const Error&) {});
      s->Resume();
      s->on.close([&](bool) { process.Log("srv", "close"); });
      if (m == "connection") (*hit)();
      if (m == "connection destroy") {
        (*hit)();
        s->Destroy();
      }
      s->on.end([m, hit] {
        if (m == "end") (*hit)();
      });
      server->GetConnections(
          [&, m](size_t count) { process.Log(m, "connections ", count); });
      if (m == "twice") {
        (*hit)();
        (*hit)();
      }
    });
    *self = server;
    *hit = [&, m, self] {
      const auto server = self->lock();
      server->Close([&, m, self](const Error* e) {
        const auto closed = self->lock();
        process.Log(m, "cb close ", e == nullptr ? "undefined" : Described(*e),
                    " ", Bool(closed->listening()));
      });
      process.Log(m, "closed ", Bool(server->listening()), " ",
                  Bool(!server->address().has_value()));
    };
    server->on.close([&] { After(30, [&] { start(); }); });
    server->Listen(0, "127.0.0.1");
    if (m == "at once") {
      (*hit)();
      return;
    }
    if (m == "tick") {
      Tick([hit] { (*hit)(); });
      return;
    }
    server->on.listening([&, m, hit, self] {
      if (m == "listening") {
        (*hit)();
        return;
      }
      const SocketHandle c = Dial(*self->lock(), "c");
      c->on.connect([&, c] { After(20, [c] { c->End(); }); });
    });
  };
  start();
  EXPECT_EQ(process.Run(), RecordedLines("v20/166-server-close-moments"));
}

INSTANTIATE_TEST_SUITE_P(, V20SocketOrder, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
