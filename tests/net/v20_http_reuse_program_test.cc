// Programs of Node 20 in which http requests come one after the other over a
// kept connection, or over none, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpReuse : public V20Program {
 protected:
  // Whether some address has some.
  static int Any(size_t count) { return count > 0 ? 1 : 0; }
  template <typename Named>
  void On(Named& event, const std::string& who, const std::string& name) {
    event([this, who, name](auto&&...) { process.Log(who, name); });
  }
  std::shared_ptr<http::Agent> agent;
};

TEST_P(V20HttpReuse, Case203AsksThreeTimes) {
  agent = http::Agent::Create(process.stack());
  agent->on.free([&](const SocketHandle&) {
    process.Log("agent", "free null");
    process.Log("c.sock", "free");  // the socket's own event is behind it
  });
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->url(), " ",
                *q->headers().Find("connection"));
    On(q->on.end, "s.req", "end");
    On(q->on.close, "s.req", "close");
    On(r->on.finish, "s.res", "finish");
    On(r->on.close, "s.res", "close");
    r->End("body of " + q->url());
  });
  int connections = 0;
  server->on.connection([&](const SocketHandle& s) {
    const std::string who = absl::StrCat("s.sock", ++connections);
    On(s->on.end, who, "end");
    On(s->on.finish, who, "finish");
    On(s->on.close, who, "close");
  });
  int k = 0;
  std::function<void()> next = [&] {
    const int mine = ++k;
    const std::string who = absl::StrCat("c.req", mine);
    http::RequestOptions to = To(server, absl::StrCat("/", mine));
    to.agent = agent;
    const auto q = http::Get(process.stack(), to, [&, who](const Request& r) {
      process.Log(who, "response ", r->status_code(), " ",
                  *r->headers().Find("connection"), " ",
                  *r->headers().Find("keep-alive"));
      const std::string res = absl::StrCat("c.res", k);
      On(r->on.end, res, "end");
      On(r->on.close, res, "close");
      r->on.data(
          [&, res](absl::string_view d) { process.Log(res, "data ", d); });
    });
    On(q->on.finish, who, "finish");
    q->on.socket([&, who, p = q.get()](const SocketHandle& s) {
      process.Log(who, "socket reused=", Bool(p->reused_socket()),
                  " connecting=", Bool(s->connecting()));
      if (p->reused_socket()) return;
      On(s->on.connect, "c.sock", "connect");
      On(s->on.ready, "c.sock", "ready");
      On(s->on.end, "c.sock", "end");
      On(s->on.finish, "c.sock", "finish");
      On(s->on.close, "c.sock", "close");
      On(s->on.timeout, "c.sock", "timeout");
    });
    q->on.close([&, who] {
      process.Log(who, "close sockets=", Any(agent->busy_sockets()),
                  " free=", Any(agent->free_sockets()));
      if (k == 1) return next();
      if (k < 3) return Immediate([&] { next(); });
      Immediate([&] {
        process.Log("main", "agent.destroy()");
        agent->Destroy();
        server->Close();
      });
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/203-http-agent-reuse"));
}

TEST_P(V20HttpReuse, Case206QueuesForOneConnection) {
  int left = 0;
  std::shared_ptr<http::Server> server;
  // How many requests listen to the 'free' and 'close' of the connection.
  int heard = 0;
  const auto ask = [&](int i) {
    const std::string who = absl::StrCat("req", i);
    http::RequestOptions to = To(server, absl::StrCat("/", i));
    to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.socket([&, who, p = q.get()](const SocketHandle& s) {
      process.Log(who, "socket reused=", Bool(p->reused_socket()));
      if (p->reused_socket()) return;
      ++heard;
      On(s->on.close, "c.sock", "close");
    });
    On(q->on.finish, who, "finish");
    WatchErrors(q, who);
    q->on.response([&, who](const Request& r) {
      process.Log(who, "response");
      r->on.data(
          [&, who](absl::string_view d) { process.Log(who, "data ", d); });
      On(r->on.end, who, "res end");
      On(r->on.close, who, "res close");
    });
    q->on.close([&, who] {
      process.Log(who, "close requests=", Any(agent->waiting_requests()),
                  " sockets=", Any(agent->busy_sockets()),
                  " free=", Any(agent->free_sockets()));
      if (--left > 0) return;
      agent->Destroy();
      server->Close();
    });
    if (i == 3) q->Destroy();
  };
  const auto run = [&](bool keep_alive, std::function<void()> then) {
    http::Agent::Options options;
    options.keep_alive = keep_alive;
    options.max_sockets = 1;
    agent = http::Agent::Create(process.stack(), options);
    heard = 0;
    agent->on.free([&](const SocketHandle&) {
      process.Log("agent", "free null");
      for (int i = 0, n = heard; i < n; ++i) process.Log("c.sock", "free");
    });
    server = Serve([&](const Request& q, const Response& r) {
      process.Log("server", "request ", q->url());
      Immediate([r, url = q->url()] { r->End(url); });
    });
    server->on.connection([&](const SocketHandle& s) {
      On(s->on.end, "s.sock", "end");
      On(s->on.close, "s.sock", "close");
    });
    left = 4;
    server->on.listening([&] {
      for (int i = 1; i <= 4; ++i) ask(i);
      process.Log("main", "queued [", agent->waiting_requests(), "]");
    });
    if (then != nullptr) server->on.close(then);
    server->Listen(0, "127.0.0.1");
  };
  run(true, [&] {
    process.Log("main", "without keepAlive");
    run(false, nullptr);
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/206-http-max-sockets"));
}

TEST_P(V20HttpReuse, Case207AsksAroundFree) {
  agent = http::Agent::Create(process.stack());
  int connections = 0;
  int left = 0;
  Socket* first = nullptr;
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->url());
    r->End("x");
  });
  server->on.connection([&](const SocketHandle&) {
    process.Log("server", "conn ", ++connections);
  });
  agent->on.free([&](const SocketHandle& s) {
    if (s.get() == first) process.Log("c.sock", "free");
  });
  std::function<void(std::string, bool)> get = [&](std::string path,
                                                   bool inside) {
    ++left;
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    const auto q =
        http::Get(process.stack(), to, [&, path, inside](const Request& r) {
          r->Resume();
          r->on.end([&, path, inside] {
            process.Log(path, "res end");
            if (inside) get("/in-end", false);
          });
          r->on.close([&, path, inside] {
            process.Log(path, "res close");
            if (inside) get("/in-res-close", false);
          });
        });
    q->on.socket([&, path, inside, p = q.get()](const SocketHandle& s) {
      process.Log(path, "socket reused=", Bool(p->reused_socket()));
      if (inside) first = s.get();
    });
    q->on.close([&, path, inside] {
      process.Log(path, "close");
      if (inside) {
        get("/in-close", false);
        Tick([&] { get("/in-tick", false); });
        Immediate([&] { get("/in-immediate", false); });
      }
      if (--left > 0) return;
      Immediate([&] {
        if (left > 0) return;
        process.Log("main", "free [", agent->free_sockets(), "]");
        agent->Destroy();
        server->Close();
      });
    });
  };
  server->on.listening([&] { get("/first", true); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/207-http-free-race"));
}

TEST_P(V20HttpReuse, Case211IsRefused) {
  const uint16_t port = process.UnusedPort();
  http::Agent::Options one;
  one.max_sockets = 1;
  agent = http::Agent::Create(process.stack(), one);
  const auto make = [&](const std::string& who, bool pooled, bool body) {
    http::RequestOptions to;
    to.port = port;
    to.method = "POST";
    if (pooled) to.agent = agent;
    const auto q = http::Request(process.stack(), to);
    q->on.socket([&, who](const SocketHandle& s) {
      process.Log(who, "socket connecting=", Bool(s->connecting()));
      s->on.error([&, who](const Error& e) {
        process.Log(who, "sock error ", Described(e));
      });
      s->on.close(
          [&, who](bool had) { process.Log(who, "sock close ", Bool(had)); });
    });
    WatchErrors(q, who);
    On(q->on.finish, who, "finish");
    q->on.close([&, who, p = q.get()] {
      process.Log(who, "close ", Bool(p->destroyed()), " ",
                  Bool(p->writable_finished()));
    });
    if (body) {
      q->Write("body", [&, who](const Error* e) {
        process.Log(who, "write cb ", e == nullptr ? "null" : Described(*e));
      });
    }
    q->End("", [&, who] { process.Log(who, "end cb"); });
  };
  make("plain", false, false);
  make("body", false, true);
  make("agent1", true, false);
  make("agent2", true, true);
  Tick([&] { process.Log("main", "tick"); });
  Immediate([&] { process.Log("main", "immediate"); });
  EXPECT_EQ(process.Run(), RecordedLines("v20/211-http-refused"));
}

class V20HttpReuseTimed : public V20HttpReuse {
 protected:
  std::string Show() const {
    return absl::StrCat("busy=", agent->busy_sockets(),
                        " free=", agent->free_sockets());
  }
};

TEST_P(V20HttpReuseTimed, Case214UsesFreeConnections) {
  agent = http::Agent::Create(process.stack());
  SocketHandle held;
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->url());
    held = q->socket();
    r->End("x");
  });
  server->on.connection([&](const SocketHandle& s) {
    On(s->on.end, "s.sock", "end");
    On(s->on.close, "s.sock", "close");
  });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("server", "clientError ", Described(e));
    s->Destroy();
  });
  using Then = std::function<void(SocketHandle)>;
  const auto get = [&](const std::string& path, Then then) {
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    const auto q = http::Get(process.stack(), to, [&](const Request& r) {
      r->Resume();
      WatchErrors(r, "c.res");
    });
    const auto sock = std::make_shared<SocketHandle>();
    q->on.socket([&, path, sock, p = q.get()](const SocketHandle& s) {
      process.Log(path, "socket reused=", Bool(p->reused_socket()),
                  " destroyed=", Bool(s->destroyed()), " ", Show());
      *sock = s;
      if (p->reused_socket()) return;
      On(s->on.end, "c.sock", "end");
      s->on.close([&](bool had) {
        process.Log("c.sock", "close ", Bool(had), " ", Show());
      });
      WatchErrors(s, "c.sock");
    });
    q->on.error([&, path, p = q.get()](const Error& e) {
      process.Log(path, "error ", Described(e),
                  " reused=", Bool(p->reused_socket()));
    });
    q->on.close([&, path, then, sock] {
      process.Log(path, "close ", Show());
      Immediate([then, sock] { then(*sock); });
    });
  };
  const std::vector<std::string> ways = {
      "destroy",      "error",       "server-end",    "server-destroy",
      "server-reset", "server-data", "destroy-later", "end"};
  size_t k = 0;
  std::function<void()> next;
  const auto act = [&](const std::string& way, const SocketHandle& s) {
    process.Log("main", "acts ", Show());
    if (way == "destroy") s->Destroy();
    if (way == "error") s->Destroy(Error("Error", "mine"));
    if (way == "server-end") held->End();
    if (way == "server-destroy") held->Destroy();
    if (way == "server-reset") held->ResetAndDestroy();
    if (way == "server-data") {
      held->Write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny");
    }
    if (way == "end") s->End();
    if (way == "destroy-later") Tick([s] { s->Destroy(); });
    get("/2", [&](const SocketHandle&) { After(20, [&] { next(); }); });
  };
  next = [&] {
    if (k == ways.size()) {
      agent->Destroy();
      return server->Close();
    }
    const std::string way = ways[k++];
    process.Log("main", "--- ", way);
    get("/1", [&, way](const SocketHandle& s) { act(way, s); });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/214-free-sockets"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpReuse, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpReuseTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
