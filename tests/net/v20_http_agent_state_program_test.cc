// Programs of Node 20 whose agent's connections fail, are closed while they are
// free, or meet a listener of 'connection', recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpAgentState : public V20Program {
 protected:
  using Handle = std::shared_ptr<http::ClientRequest>;

  // agent.sockets, freeSockets and requests.
  std::string Show() const {
    return absl::StrCat(agent->busy_sockets(), "/", agent->free_sockets(), "/",
                        agent->waiting_requests());
  }
  void Answer176(const Request& q, const Response& r);
  Handle One(const std::string& path);

  std::shared_ptr<http::Server> server;
  std::shared_ptr<http::Agent> agent;
  std::function<void()> start;
  int left = 0;
};

void V20HttpAgentState::Answer176(const Request& q, const Response& r) {
  r->send_date = false;
  q->on.error([](const Error&) {});
  const std::string url = q->url();
  const SocketHandle s = q->socket();
  process.Log("srv", "request ", url);
  if (absl::StrContains(url, "kill")) {
    s->Destroy();
  } else if (absl::StrContains(url, "reset")) {
    s->ResetAndDestroy();
  } else if (absl::StrContains(url, "cut")) {
    r->SetHeader("Content-Length", "9");
    r->Write("half");
    After(10, [s] { s->Destroy(); });
  } else if (absl::StrContains(url, "bad")) {
    s->Write("NOT HTTP\r\n\r\n");
  } else if (absl::StrContains(url, "close")) {
    r->SetHeader("Connection", "close");
    r->End("c");
  } else if (absl::StrContains(url, "hint")) {
    r->SetHeader("Keep-Alive", "timeout=1");
    r->End("h");
  } else {
    r->End(url);
  }
}

V20HttpAgentState::Handle V20HttpAgentState::One(const std::string& path) {
  ++left;
  http::RequestOptions to = To(server, path);
  to.agent = agent;
  const Handle q =
      http::Get(process.stack(), to, [this, path](const Request& r) {
        process.Log(path, "response ", r->status_code(), " ", Show());
        r->on.data([this, path](absl::string_view d) {
          process.Log(path, "data ", d);
        });
        r->on.end([this, path] { process.Log(path, "end ", Show()); });
        r->on.error([this, path](const Error& e) {
          process.Log(path, "res error ", Described(e));
        });
        r->on.close([this, path] { process.Log(path, "res close ", Show()); });
      });
  q->on.socket([this, path, p = q.get()](const SocketHandle& s) {
    process.Log(path, "socket ", Bool(p->reused_socket()), " ",
                Bool(s->connecting()), " ", Show());
  });
  q->on.error([this, path](const Error& e) {
    process.Log(path, "error ", Described(e), " ", Show());
  });
  q->on.close([this, path] {
    process.Log(path, "close ", Show());
    if (--left == 0) After(20, [this] { start(); });
  });
  return q;
}

TEST_P(V20HttpAgentState, Case176WaitingBehindFailures) {
  http::Agent::Options options;
  options.max_sockets = 1;
  options.max_free_sockets = 1;
  options.timeout = absl::ZeroDuration();
  agent = http::Agent::Create(process.stack(), options);
  server = http::Server::Create(
      process.stack(),
      [&](const Request& q, const Response& r) { Answer176(q, r); });
  agent->on.free([&](const SocketHandle& s) {
    process.Log("agent", "free ", Bool(s->destroyed()), " ", Show());
  });
  const auto all = [&](std::vector<std::string> paths) {
    for (const std::string& path : paths) One(path);
  };
  const std::vector<std::function<void()>> rounds = {
      [&] {
        all({"/kill1", "/a", "/reset1", "/b"});
      },
      [&] {
        all({"/cut", "/c", "/bad", "/d"});
      },
      [&] {
        all({"/close", "/e", "/hint", "/f"});
      },
      [&] {
        One("/g");
        const Handle q = One("/never");
        One("/h");
        q->Destroy();
      },
      [&] {
        One("/i");
        const Handle q = One("/abort");
        One("/j");
        q->on.socket([p = q.get()](const SocketHandle&) {
          p->Destroy(Error("Error", "mine"));
        });
      },
      [&] {
        all({"/k", "/l"});
        agent->Destroy();
        process.Log("agent", "destroyed ", Show());
      },
      [&] {
        One("/m");
        After(10, [&] {
          process.Log("agent", "idle ", Show());
          agent->Destroy();
          process.Log("agent", "destroyed ", Show());
          One("/n");
        });
      }};
  size_t next = 0;
  start = [&] {
    if (next == rounds.size()) {
      agent->Destroy();
      server->Close();
      return;
    }
    const auto& round = rounds[next++];
    process.Log("main", "--- ", next, " ", Show());
    round();
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/176-http-agent-errors"));
}

TEST_P(V20HttpAgentState, Case177AFreeConnectionIsClosed) {
  server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("srv", "request ", q->url());
        r->End(q->url());
        r->on.close([&, s = q->socket(), url = q->url()] {
          if (url != "/first") return;
          After(30, [&, s] {
            process.Log("srv", "closes");
            s->Destroy();
          });
        });
      });
  server->on.connection([&](const SocketHandle& s) {
    process.Log("srv", "connection");
    s->on.close([&](bool) { process.Log("srv", "socket close"); });
    s->on.error([&](const Error& e) {
      process.Log("srv", "socket error ", Described(e));
    });
  });
  http::Agent::Options options;
  options.timeout = absl::ZeroDuration();
  agent = http::Agent::Create(process.stack(), options);
  SocketHandle kept;
  const auto get = [&](const std::string& path, std::function<void()> done) {
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    const Handle q = http::Get(process.stack(), to);
    http::ClientRequest* const p = q.get();
    q->on.response([&, path, p](const Request& r) {
      process.Log(path, "response ", Bool(p->reused_socket()));
      r->Resume();
      WatchEvent(process, r->on.end, path, "end");
    });
    q->on.socket([&, path, p](const SocketHandle& s) {
      kept = s;
      process.Log(path, "socket ", Bool(p->reused_socket()), " ",
                  Bool(s->destroyed()), " ", s->ready_state());
    });
    WatchEvent(process, q->on.finish, path, "finish");
    WatchErrors(q, path);
    q->on.close([&, path, done] {
      process.Log(path, "close");
      done();
    });
  };
  const auto last = [&] {
    After(20, [&] {
      agent->Destroy();
      server->Close();
    });
  };
  server->on.listening([&] {
    get("/first", [&] {
      After(5, [&] {
        process.Log("main", "blocks");
        agent->on.free(
            [&](const SocketHandle&) { process.Log("agent", "free"); });
        kept->on.close([&, s = kept.get()](bool) {
          process.Log("c", "free socket close ", Bool(s->destroyed()));
        });
        WatchEvent(process, kept->on.end, "c", "free socket end");
        After(60, [&] {
          process.Log("main", "again");
          get("/second", last);
        });
      });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/177-http-reuse-race"));
}

TEST_P(V20HttpAgentState, Case178AListenerOfConnections) {
  const std::vector<std::string> modes = {
      "destroy", "end",          "pause",         "write",
      "timeout", "tick destroy", "error listener"};
  std::string m;
  server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("srv", "request ", q->url(), " ", State(*q->socket()));
        r->on.close([&, p = r.get()] {
          process.Log("res", "close ", Bool(p->writable_finished()));
        });
        r->End("ok");
      });
  server->on.connection([&](const SocketHandle& s) {
    Socket* const p = s.get();
    process.Log("srv", "connection ", State(*s));
    s->on.close([&, p](bool had_error) {
      process.Log("srv", "sock close ", Bool(had_error), " ", State(*p));
    });
    s->on.end([&, p] { process.Log("srv", "sock end ", State(*p)); });
    if (m == "destroy") s->Destroy();
    if (m == "end") s->End("bye");
    if (m == "pause") {
      s->Pause();
      After(30, [&, s] {
        process.Log("srv", "resumes");
        s->Resume();
      });
    }
    if (m == "write") s->Write("HTTP/1.1 100 Continue\r\n\r\n");
    if (m == "timeout") {
      s->SetTimeout(absl::Milliseconds(20),
                    [&, p] { process.Log("srv", "cb timeout ", State(*p)); });
    }
    if (m == "tick destroy") Tick([s] { s->Destroy(); });
    if (m == "error listener") {
      s->on.error([&](const Error& e) {
        process.Log("srv", "sock error ", Described(e));
      });
      s->Destroy(Error("Error", "mine"));
    }
  });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("srv", "clientError ", Described(e), " ", Bool(s->destroyed()));
  });
  size_t next = 0;
  start = [&] {
    if (next == modes.size()) {
      server->Close(Plain([&] { process.Log("srv", "closed"); }));
      return;
    }
    m = modes[next++];
    process.Log("main", "--- ", m);
    const Handle q =
        http::Get(process.stack(), To(server), [&](const Request& r) {
          process.Log("q", "response ", r->status_code());
          r->Resume();
          WatchEvent(process, r->on.end, "q", "end");
        });
    if (m == "timeout") {
      q->Destroy();
      const SocketHandle c = ConnectTo(server);
      c->on.close([&](bool) { process.Log("c", "close"); });
      WatchEvent(process, c->on.end, "c", "end");
      c->Resume();
      c->on.error([](const Error&) {});
    }
    WatchEvent(process, q->on.continued, "q", "continue");
    WatchErrors(q, "q");
    q->on.close([&] {
      process.Log("q", "close");
      After(60, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/178-http-listener-socket"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpAgentState,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
