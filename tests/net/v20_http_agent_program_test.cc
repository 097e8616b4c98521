// Programs of Node 20 about http.Agent, recorded here: its queue, its free
// connections and how long they are kept, timeouts, asking again.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using ClientRequest = std::shared_ptr<http::ClientRequest>;

class V20HttpAgent : public V20Program {
 protected:
  void LogState(const http::Agent& agent, const std::string& actor,
                const std::string& when = "") {
    process.Log(actor, when, when.empty() ? "" : " ",
                "busy=", agent.busy_sockets(), " free=", agent.free_sockets(),
                " waiting=", agent.waiting_requests());
  }
};
class V20HttpAgentTimed : public V20HttpAgent {};

TEST_P(V20HttpAgent, Case86RequestsThatWaitForTheOneConnection) {
  http::Agent::Options options;
  options.max_sockets = 1;
  options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), options);
  int sockets = 0;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        Immediate([r, path = q->url()] { r->End(path); });
      });
  server->on.connection([&](const SocketHandle&) {
    process.Log("server", "connection ", ++sockets);
  });
  agent->on.free([&](const SocketHandle& s) {
    process.Log("agent", "free ", Bool(s->destroyed()));
  });
  const auto ask = [&](const std::string& path,
                       http::Headers headers = http::Headers()) {
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    to.headers = std::move(headers);
    const auto q = http::Get(process.stack(), to);
    q->on.socket([&, path, q = q.get()](const SocketHandle&) {
      process.Log(path, "socket ", Bool(q->reused_socket()));
    });
    q->on.response([&, path](const Request& r) {
      process.Log(path, "response");
      r->on.data(
          [&, path](absl::string_view d) { process.Log(path, "data ", d); });
      WatchEvent(process, r->on.end, path, "end");
      WatchEvent(process, r->on.close, path, "res close");
    });
    WatchEvent(process, q->on.abort, path, "abort");
    WatchErrors(q, path);
    q->on.close([&, path] {
      process.Log(path, "close");
      LogState(*agent, "agent");
    });
    return q;
  };
  server->on.listening([&] {
    ask("/a");
    const auto b = ask("/b");
    const auto c = ask("/c");
    ask("/d", {{"Connection", "close"}});
    const auto e = ask("/e");
    LogState(*agent, "agent");
    b->Destroy();
    process.Log("main", "b destroyed");
    LogState(*agent, "agent");
    c->on.socket([&, c](const SocketHandle&) {
      c->Destroy(Error("Error", "boom"));
      process.Log("main", "c destroyed");
    });
    e->on.close([&] {
      LogState(*agent, "agent");
      Immediate([&] {
        LogState(*agent, "agent");
        agent->Destroy();
        Immediate([&] {
          LogState(*agent, "agent");
          server->Close([&](const Error*) { process.Log("server", "closed"); });
        });
      });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/86-http-agent-queue"));
}

TEST_P(V20HttpAgentTimed, Case87FreeConnections) {
  std::vector<const Socket*> accepted;
  const auto number = [&](const Socket* s) {
    return accepted.rend() - std::find(accepted.rbegin(), accepted.rend(), s);
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        r->SetHeader("X-S", absl::StrCat(number(q->socket().get())));
        const std::string path = q->url();
        if (path == "/close") r->SetHeader("Connection", "close");
        After(path == "/close" ? 5 : std::stoi(path.substr(2)),
              [r] { r->End("x"); });
      });
  server->on.connection(
      [&](const SocketHandle& s) { accepted.push_back(s.get()); });
  std::shared_ptr<http::Agent> agent;
  std::string name;
  const auto ask = [&](const std::string& path,
                       std::function<void()> done = nullptr) {
    http::RequestOptions options = To(server, path);
    options.agent = agent;
    const auto q = http::Get(process.stack(), options);
    q->on.response([&, path](const Request& r) {
      r->Resume();
      r->on.end([&, path, r = r.get()] {
        process.Log(name, path, " ", *r->headers().Find("x-s"));
      });
    });
    q->on.close([&, done] {
      if (done != nullptr) After(20, done);
    });
  };
  const auto state = [&](const char* when) { LogState(*agent, name, when); };
  std::vector<std::pair<std::string, http::Agent::Options>> rounds(4);
  for (auto& [who, options] : rounds) options.timeout = absl::ZeroDuration();
  rounds[0].first = "lifo";
  rounds[0].second.max_free_sockets = 2;
  rounds[1].first = "fifo";
  rounds[1].second.max_free_sockets = 2;
  rounds[1].second.scheduling = http::Agent::Scheduling::kFifo;
  rounds[2].first = "closing";
  rounds[2].second.keep_alive = false;
  rounds[2].second.max_sockets = 2;
  rounds[3].first = "total";
  rounds[3].second.max_total_sockets = 2;
  size_t next_round = 0;
  std::function<void()> round;
  const auto end_round = [&] {
    state("after close");
    agent->Destroy();
    After(20, [&] {
      state("destroyed");
      round();
    });
  };
  const auto third = [&] {
    state("after 1");
    ask("/310");
    ask("/330", [&] {
      state("after 2");
      ask("/close", end_round);
    });
  };
  round = [&] {
    if (next_round == rounds.size()) return server->Close();
    name = rounds[next_round].first;
    agent = http::Agent::Create(process.stack(), rounds[next_round++].second);
    accepted.clear();
    ask("/110");
    ask("/130");
    ask("/150");
    ask("/170", [&] {
      state("after 4");
      ask("/210", third);
    });
    state("start");
  };
  server->on.listening([&] { round(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/87-http-agent-free"));
}

TEST_P(V20HttpAgentTimed, Case88KeepAliveHints) {
  http::Agent::Options options;
  options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), options);
  const std::vector<std::string> hints = {"timeout=2", "timeout=1", "timeout=0",
                                          "max=5", "timeout=foo, max=1"};
  size_t hint = 0;
  int n = 0;
  const auto server = Server::Create(process.stack(), [&](const auto& s) {
    const int k = ++n;
    s->on.data([&, s = s.get()](absl::string_view) {
      s->Write(absl::StrCat("HTTP/1.1 200 OK\r\nKeep-Alive: ", hints[hint++],
                            "\r\nContent-Length: 1\r\n\r\nx"));
    });
    s->on.end([&, k] { process.Log("server", "end ", k); });
    s->on.close([&, k](bool) { process.Log("server", "close ", k); });
  });
  std::vector<std::string> names = {"a", "b", "c", "d", "e"};
  size_t next_name = 0;
  std::function<void()> next = [&] {
    if (next_name == names.size()) {
      process.Log("main", "waiting");
      After(1200, [&] {
        process.Log("main", "after 1.2 s");
        agent->Destroy();
        server->Close();
      });
      return;
    }
    const std::string name = names[next_name++];
    http::RequestOptions to;
    to.port = server->address()->port;
    to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.response([&, name](const Request& r) {
      r->Resume();
      WatchEvent(process, r->on.end, name, "end");
    });
    q->on.socket([&, name, q = q.get()](const SocketHandle&) {
      process.Log(name, "socket ", Bool(q->reused_socket()));
    });
    q->on.close([&] { After(100, [&] { next(); }); });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/88-http-keepalive-hint"));
}

TEST_P(V20HttpAgentTimed, Case91Timeouts) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        WatchEvent(process, r->on.close, "s.res", "close");
        if (q->url() == "/slow") {
          r->Write("a");
          After(240, [r] { r->End("b"); });
        } else if (q->url() == "/fast") {
          r->End("x");
        }
      });
  using Set = std::function<void(http::ClientRequest&)>;
  http::Agent::Options agent_options;
  agent_options.timeout = absl::Milliseconds(100);
  const auto agent = http::Agent::Create(process.stack(), agent_options);
  const auto ask = [&](const std::string& path, bool pooled, int timeout,
                       Set set, std::function<void()> next) {
    http::RequestOptions options = To(server, path);
    if (pooled) options.agent = agent;
    if (timeout > 0) options.timeout = absl::Milliseconds(timeout);
    const auto q = http::Get(process.stack(), options);
    q->on.timeout([&, path] { process.Log("c.req", "timeout ", path); });
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      WatchEvent(process, r->on.end, "c.res", "end");
      WatchErrors(r, "c.res");
    });
    WatchErrors(q, "c.req");
    q->on.close([&, next] {
      process.Log("c.req", "close");
      After(30, next);
    });
    if (set != nullptr) set(*q);
  };
  const Set log_socket = [&](http::ClientRequest& q) {
    q.on.socket([&](const SocketHandle& s) {
      process.Log("c.req", "socket ", Bool(q.reused_socket()), " ",
                  absl::ToInt64Milliseconds(s->timeout()));
    });
  };
  const auto sixth = [&] {
    ask(
        "/fast", true, 0,
        [&](http::ClientRequest& q) {
          log_socket(q);
          q.SetTimeout(absl::Milliseconds(70));
          q.SetTimeout(absl::ZeroDuration());
        },
        [&] {
          agent->Destroy();
          server->Close();
        });
  };
  const auto fifth = [&] {
    ask("/fast", true, 0, log_socket, [&] { After(200, sixth); });
  };
  const auto fourth = [&] { ask("/fast", true, 200, log_socket, fifth); };
  const auto third = [&] { ask("/slow", true, 0, nullptr, fourth); };
  const auto second = [&] {
    ask(
        "/never", false, 0,
        [&](http::ClientRequest& q) {
          q.SetTimeout(absl::Milliseconds(100), [&] {
            process.Log("c.req", "callback");
            q.Destroy(Error("Error", "too slow"));
          });
        },
        third);
  };
  server->on.listening([&] { ask("/slow", false, 100, nullptr, second); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/91-http-client-timeouts"));
}

TEST_P(V20HttpAgent, Case92AsksAgainWhenAKeptConnectionDies) {
  http::Agent::Options agent_options;
  agent_options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), agent_options);
  int n = 0;
  const auto server = Server::Create(process.stack(), [&](const auto& socket) {
    const int k = ++n;
    const std::string who = absl::StrCat("s.", k);
    const auto served = std::make_shared<int>(0);
    WatchErrors(socket, who);
    socket->on.close([&, who](bool) { process.Log(who, "close"); });
    socket->on.data([&, who, k, served, s = socket.get()](absl::string_view) {
      process.Log(who, "data");
      if (++*served == 1) {
        s->Write(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
            "Connection: keep-alive\r\n\r\nok");
      } else if (k == 1) {
        s->ResetAndDestroy();
      } else if (k == 2) {
        s->End();
      } else {
        s->End("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut");
      }
    });
  });
  std::function<void(std::string, std::function<void()>)> ask =
      [&](const std::string& name, std::function<void()> next) {
        http::RequestOptions options;
        options.port = server->address()->port;
        options.agent = agent;
        const auto q = http::Get(process.stack(), options);
        const auto failed = std::make_shared<bool>(false);
        q->on.response([&, name](const Request& r) {
          process.Log(name, "response");
          r->on.data([&, name](absl::string_view d) {
            process.Log(name, "data ", d);
          });
          WatchEvent(process, r->on.end, name, "end");
          WatchEvent(process, r->on.aborted, name, "aborted");
          r->on.error([&, name](const Error& error) {
            process.Log(name, "res error ", Described(error));
          });
          WatchEvent(process, r->on.close, name, "res close");
        });
        q->on.socket([&, name, q = q.get()](const SocketHandle&) {
          process.Log(name, "socket ", Bool(q->reused_socket()));
        });
        q->on.error([&, name, next, failed, q = q.get()](const Error& error) {
          *failed = true;
          process.Log(name, "error ", Described(error), " ",
                      Bool(q->reused_socket()));
          if (q->reused_socket() && error.code() == "ECONNRESET") {
            ask(name + "'", next);
          }
        });
        q->on.close([&, name, next, failed] {
          process.Log(name, "close");
          if (!*failed) Immediate(next);
        });
      };
  server->on.listening([&] {
    ask("a", [&] {
      ask("b", [&] {
        ask("c", [&] {
          ask("d", [&] {
            agent->Destroy();
            server->Close();
          });
        });
      });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/92-http-retry"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpAgent, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpAgentTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
