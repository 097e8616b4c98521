// Programs of Node 20 in which several sockets go in one turn of the loop, and
// listeners throw, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Together : public V20Program {
 protected:
  void Boom(const std::string& who, const std::string& event) {
    process.Log(who, event, " first");
    Throw(who + " " + event);
  }
  template <typename Named>
  void BoomAt(Named& event, const std::string& who, const std::string& name) {
    event([this, who, name](auto&&...) { Boom(who, name); });
    event([this, who, name](auto&&...) { process.Log(who, name, " second"); });
  }
  std::function<void()> next;
};
class V20TogetherTimed : public V20Together {};

TEST_P(V20TogetherTimed, Case199ThrowsInListeners) {
  LogExceptions();
  SocketHandle srv;
  SocketHandle c;
  const auto server = Watched([&](const SocketHandle& s) {
    BoomAt(s->on.data, "srv", "data");
    BoomAt(s->on.end, "srv", "end");
    BoomAt(s->on.finish, "srv", "finish");
    BoomAt(s->on.close, "srv", "close");
    srv = s;
    Throw("connection");
  });
  server->on.listening([&] {
    c = Dial(*server);
    BoomAt(c->on.connect, "client", "connect");
    BoomAt(c->on.ready, "client", "ready");
    BoomAt(c->on.data, "client", "data");
    BoomAt(c->on.end, "client", "end");
    BoomAt(c->on.finish, "client", "finish");
    BoomAt(c->on.close, "client", "close");
    const auto told = [&](const std::string& name) {
      return [&, name](const Error*) {
        process.Log("client", name);
        Throw(name);
      };
    };
    c->Write("one", told("write cb"));
    After(10, [&, told] {
      c->Write("two", told("write cb two"));
      Tick([&] {
        process.Log("main", "tick");
        Throw("tick");
      });
      Tick([&] { process.Log("main", "tick 2"); });
      Throw("timer");
    });
    After(20, [&, told] { c->End("", told("end cb")); });
    After(40, [&] {
      server->Close([&](const Error*) {
        process.Log("server", "close cb");
        Throw("server close");
      });
      srv->Destroy();
      c->Destroy();
      Throw("last");
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/199-throw-in-listeners"));
}

TEST_P(V20Together, Case201DestroysFiveAtOnce) {
  std::vector<SocketHandle> all;
  const auto closed = [&](const std::string& who) {
    return [&, who](const Error*) { process.Log(who, "close cb"); };
  };
  const auto other = Server::Create(process.stack());
  std::shared_ptr<Server> server;
  server = Server::Create(process.stack(), [&](const SocketHandle& s) {
    all.push_back(s);
    process.Watch(s, absl::StrCat("srv", all.size()));
    if (all.size() < 5) return;
    Immediate([&] { process.Log("main", "immediate before"); });
    for (size_t i = 0; i < all.size(); ++i) {
      if (i == 2) {
        all[i]->Destroy(Error("Error", "mine"));
      } else {
        all[i]->Destroy();
      }
    }
    server->Close(closed("server"));
    other->Close(closed("other"));
    Immediate([&] { process.Log("main", "immediate after"); });
    Tick([&] { process.Log("main", "tick"); });
  });
  process.Watch(server, "server");
  process.Watch(other, "other");
  int k = 0;
  next = [&] {
    if (k++ >= 5) return;
    const auto c = Dial(*server);
    // The callback of net.connect() is there first.
    c->on.connect.Once([&] { next(); });
    process.Watch(c, absl::StrCat("client", k));
  };
  other->on.listening([&] { server->Listen(0, "127.0.0.1"); });
  server->on.listening([&] { next(); });
  other->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/201-several-closed"));
}

TEST_P(V20Together, Case202ThrowsInClose) {
  LogExceptions();
  std::vector<SocketHandle> all;
  std::shared_ptr<Server> server;
  const auto accept = [&](const SocketHandle& s) {
    all.push_back(s);
    const int k = static_cast<int>(all.size());
    const std::string who = absl::StrCat("srv", k);
    s->Resume();
    s->on.error([&, who, k](const Error& e) {
      process.Log(who, "error ", e.message());
      Throw(absl::StrCat("in error ", k));
    });
    s->on.close([&, who, k](bool had) {
      process.Log(who, "close ", Bool(had));
      Tick([&, who] { process.Log(who, "tick of close"); });
      Throw(absl::StrCat("in close ", k));
    });
    if (k < 4) return;
    server->Close([&](const Error*) { process.Log("server", "close cb"); });
    for (int i = 0; i < 4; ++i) {
      if (i % 2 == 1) {
        all[i]->Destroy(Error("Error", absl::StrCat("e", i + 1)));
      } else {
        all[i]->Destroy();
      }
    }
    Throw("in connection");
  };
  server = Server::Create(process.stack(), accept);
  process.Watch(server, "server");
  int k = 0;
  next = [&] {
    if (k++ >= 4) return;
    const std::string who = absl::StrCat("client", k);
    const auto c = Dial(*server);
    c->on.connect.Once([&] { next(); });
    c->on.end([&, who] {
      process.Log(who, "end");
      Throw(who + " end");
    });
    c->on.close([&, who](bool had) {
      process.Log(who, "close ", Bool(had));
      Throw(who + " close");
    });
    c->Resume();
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/202-throw-in-close"));
}

TEST_P(V20Together, Case215GoesInSixWays) {
  std::vector<SocketHandle> got;
  std::shared_ptr<Server> server;
  const auto go = [&] {
    Tick([&] { process.Log("main", "tick"); });
    Immediate([&] { process.Log("main", "immediate"); });
    got[0]->Destroy();
    got[1]->Destroy(Error("Error", "mine"));
    got[2]->ResetAndDestroy();
    got[3]->End("bye");
    got[4]->Write("x", [&](const Error* e) {
      process.Log("srv5", "cb x ", e == nullptr ? "null" : Described(*e));
    });
    got[4]->Destroy();
    got[5]->End();
    got[5]->Destroy();
    server->Close([&](const Error*) { process.Log("server", "closed"); });
    process.Log("main", "gone");
  };
  int n = 0;
  const auto watch = [&](const SocketHandle& s, const std::string& who) {
    WatchErrors(s, who);
    s->on.end([&, who] { process.Log(who, "end"); });
    s->on.close([&, who](bool had) { process.Log(who, "close ", Bool(had)); });
  };
  server = Server::Create(process.stack(), [&](const SocketHandle& s) {
    const std::string who = absl::StrCat("srv", ++n);
    got.push_back(s);
    s->on.data([&, who](absl::string_view d) {
      process.Log(who, "data ", d);
      if (who == "srv6") go();
    });
    watch(s, who);
  });
  int i = 0;
  next = [&] {
    const int k = ++i;
    const std::string who = absl::StrCat("c", k);
    const auto c = Dial(*server);
    c->on.connect([&, c = c.get(), who, k] {
      c->Write(who);
      if (k < 6) next();
    });
    c->on.data([&, who](absl::string_view d) { process.Log(who, "data ", d); });
    watch(c, who);
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/215-close-order"));
}

TEST_P(V20Together, Case216PhasesOfAnExchange) {
  const auto phases = [&](const std::string& who) {
    Tick([&, who] { process.Log(who, "tick"); });
    process.loop().QueueMicrotask([&, who] { process.Log(who, "microtask"); });
    Immediate([&, who] { process.Log(who, "immediate"); });
  };
  // Prints an event, and when what follows it runs.
  const auto on = [&](auto& event, const std::string& who,
                      const std::string& name, const std::string& phase) {
    event([&, who, name, phase](auto&&...) {
      process.Log(who, name);
      phases(phase);
    });
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("srv", "request");
        phases("request");
        q->on.data([&](absl::string_view d) {
          process.Log("req", "data ", d);
          phases("req data");
        });
        q->on.end([&, r] {
          process.Log("req", "end");
          phases("req end");
          r->Write("a", [&](const Error*) { process.Log("res", "cb a"); });
          Tick([&, r] { r->End("b", [&] { process.Log("res", "cb end"); }); });
        });
        on(q->on.close, "req", "close", "req close");
        on(r->on.finish, "res", "finish", "finish");
        on(r->on.close, "res", "close", "res close");
      });
  server->on.listening([&] {
    http::RequestOptions to = To(server);
    to.method = "POST";
    const auto q = http::Request(process.stack(), to);
    on(q->on.socket, "q", "socket", "socket");
    on(q->on.finish, "q", "finish", "q finish");
    q->on.response([&](const Request& r) {
      process.Log("q", "response");
      phases("response");
      r->on.data([&](absl::string_view d) {
        process.Log("r", "data ", d);
        phases("r data");
      });
      on(r->on.end, "r", "end", "r end");
      on(r->on.close, "r", "close", "r close");
    });
    q->on.close([&] {
      process.Log("q", "close");
      phases("q close");
      server->Close([&](const Error*) { process.Log("server", "close"); });
    });
    q->End("body");
    phases("main");
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/216-http-phases"));
}

TEST_P(V20TogetherTimed, Case218TwoServersInOneTimer) {
  std::vector<SocketHandle> as;
  std::vector<SocketHandle> bs;
  const auto make = [&](const std::string& who, auto& list) {
    const auto server =
        Server::Create(process.stack(), [&, who](const SocketHandle& s) {
          list.push_back(s);
          process.Watch(s, absl::StrCat(who, list.size()));
        });
    process.Watch(server, who);
    return server;
  };
  const auto a = make("A", as);
  const auto b = make("B", bs);
  const auto closed = [&](const std::string& who) {
    return [&, who](const Error*) { process.Log(who, "close cb"); };
  };
  SocketHandle b2;
  bool again = false;
  const auto start = [&] {
    const auto a1 = Dial(*a, "a1");
    const auto b1 = Dial(*b, "b1");
    const auto a2 = Dial(*a, "a2");
    b2 = Dial(*b, "b2");
    b2->on.connect([&] {
      if (again) b2->End("again");
    });
    b2->on.close([&](bool) {
      if (again) return b->Close(closed("B"));
      again = true;
      b2->Connect((a->listening() ? a : b)->address()->port, "127.0.0.1");
    });
    After(20, [&, a1, b1, a2] {
      process.Log("main", "timer 1");
      a1->Write("one", [&](const Error*) { process.Log("a1", "write cb"); });
      as[0]->End("from A1");
      a1->End();
      b1->Destroy();
      bs[0]->Write("late", [&](const Error* e) {
        process.Log("B1", "write cb ", e == nullptr ? "ok" : e->code());
      });
      a->Close(closed("A"));
      b2->End("two");
      Tick([&] { process.Log("main", "tick"); });
      Immediate([&, a2] {
        process.Log("main", "immediate");
        as[1]->Destroy();
        a2->End();
      });
    });
  };
  a->on.listening([&] { b->Listen(0, "127.0.0.1"); });
  b->on.listening([&] { start(); });
  a->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/218-close-in-one-turn"));
}

INSTANTIATE_TEST_SUITE_P(, V20Together, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20TogetherTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
