// Programs of Node 20 that set several idle times of one exchange: of the
// server, the request, the answer, the socket and the agent, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpIdle : public V20Program {
 protected:
  using Act =
      std::function<void(const Request&, const Response&, const SocketHandle&)>;
  using Handle = std::shared_ptr<http::ClientRequest>;

  static absl::Duration Ms(int ms) { return absl::Milliseconds(ms); }
  std::function<void()> Says(const std::string& actor,
                             const std::string& what) {
    return [this, actor, what] { process.Log(actor, what); };
  }
  std::vector<std::pair<std::string, Act>> ServerActs();
  void Again(const Response& r);
  std::vector<std::function<Handle(http::RequestOptions)>> ClientActs();
  void WatchClient(const Handle& q);

  std::shared_ptr<http::Server> server;
  std::shared_ptr<http::Agent> agent, plain;
};

void V20HttpIdle::Again(const Response& r) {
  const auto k = std::make_shared<int>(0);
  r->SetTimeout(Ms(30), [this, k, p = r.get()] {
    process.Log("res", "timeout ", ++*k);
    if (*k == 1) p->Write("x");
    if (*k == 2) p->SetTimeout(Ms(40));
    if (*k == 3) p->End();
  });
}

std::vector<std::pair<std::string, V20HttpIdle::Act>>
V20HttpIdle::ServerActs() {
  return {{"server",
           [&](const Request&, const Response&, const SocketHandle&) {
             server->SetTimeout(Ms(50), [&](const SocketHandle&) {
               process.Log("server", "timeout cb");
             });
           }},
          {"req",
           [&](const Request& q, const Response&, const SocketHandle&) {
             q->SetTimeout(Ms(50), Says("req", "timeout"));
           }},
          {"res",
           [&](const Request&, const Response& r, const SocketHandle&) {
             r->SetTimeout(Ms(50), Says("res", "timeout"));
           }},
          {"socket",
           [&](const Request&, const Response&, const SocketHandle& s) {
             s->SetTimeout(Ms(50), Says("socket", "timeout cb"));
           }},
          {"nobody", [&](const Request&, const Response&,
                         const SocketHandle& s) { s->SetTimeout(Ms(50)); }},
          {"two",
           [&](const Request& q, const Response& r, const SocketHandle&) {
             q->SetTimeout(Ms(40), Says("req", "timeout"));
             r->SetTimeout(Ms(60), Says("res", "timeout"));
           }},
          {"after end",
           [&](const Request& q, const Response& r, const SocketHandle&) {
             r->End("x");
             q->SetTimeout(Ms(50), Says("req", "timeout late"));
             r->SetTimeout(Ms(50), Says("res", "timeout late"));
           }},
          {"again", [&](const Request&, const Response& r,
                        const SocketHandle&) { Again(r); }}};
}

TEST_P(V20HttpIdle, Case174AServersIdleTimes) {
  const auto acts = ServerActs();
  size_t next = 0;
  server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const SocketHandle s = q->socket();
        const auto idle = [p = s.get()] {
          return absl::ToInt64Milliseconds(p->timeout());
        };
        s->on.timeout([&, idle] { process.Log("socket", "timeout ", idle()); });
        s->on.close([&](bool) { process.Log("socket", "close"); });
        WatchErrors(q, "req");
        WatchEvent(process, q->on.close, "req", "close");
        r->on.close([&, p = r.get()] {
          process.Log("res", "close ", Bool(p->writable_finished()));
        });
        acts[next - 1].second(q, r, s);
        process.Log("socket", "timeout is ", idle());
      });
  std::function<void()> start = [&] {
    if (next == acts.size()) {
      server->Close();
      return;
    }
    process.Log("main", "--- ", acts[next++].first);
    const SocketHandle c = ConnectTo(server);
    WatchErrors(c, "c");
    c->on.data([&](absl::string_view d) {
      const std::vector<std::string> lines = absl::StrSplit(d, "\r\n");
      process.Log("c", "data ", lines[0]);
    });
    WatchEvent(process, c->on.end, "c", "end");
    const auto timer =
        std::make_shared<loop::Timer>(process.loop(), [&, p = c.get()] {
          process.Log("c", "gives up");
          p->Destroy();
        });
    timer->Start(Ms(170));
    c->on.close([&, timer](bool) {
      timer->Stop();
      process.Log("c", "close");
      server->SetTimeout(absl::ZeroDuration());
      server->on.timeout.Clear();
      After(20, [&] { start(); });
    });
    c->Write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/174-http-timeout-mix"));
}

std::vector<std::function<V20HttpIdle::Handle(http::RequestOptions)>>
V20HttpIdle::ClientActs() {
  const auto get = [&](http::RequestOptions o, const std::string& path,
                       int timeout = 0,
                       std::shared_ptr<http::Agent> agent = nullptr) {
    o.path = path;
    if (timeout > 0) o.timeout = Ms(timeout);
    o.agent = agent;
    return http::Get(process.stack(), o);
  };
  using O = http::RequestOptions;
  return {
      [=, this](O o) {
        const Handle q = get(o, "/150", 40);
        q->SetTimeout(Ms(60), Says("q", "cb 60"));
        return q;
      },
      [=, this](O o) {
        const Handle q = get(o, "/200");
        q->SetTimeout(Ms(40), Says("q", "cb once"));
        q->on.timeout([this, p = q.get(), k = 0]() mutable {
          if (++k < 3) p->SetTimeout(Ms(30), Says("q", "cb again"));
        });
        return q;
      },
      [=, this](O o) { return get(o, "/120", 0, agent); },
      [=, this](O o) { return get(o, "/120", 40, agent); },
      [=, this](O o) { return get(o, "/5", 0, agent); },
      [=, this](O o) { return get(o, "/120", 40, plain); },
      [=, this](O o) { return get(o, "/120", 0, plain); },
      [=, this](O o) {
        const Handle q = get(o, "/-120");
        q->on.response([this](const Request& r) {
          r->SetTimeout(Ms(40), Says("r", "cb timeout"));
          WatchEvent(process, r->on.timeout, "r", "timeout");
        });
        return q;
      },
      [=](O o) {
        const Handle q = get(o, "/100");
        q->SetTimeout(Ms(30));
        q->SetTimeout(Ms(0));
        return q;
      },
      [=, this](O o) {
        const Handle q = get(o, "/100");
        q->on.socket([this](const SocketHandle& s) {
          s->SetTimeout(Ms(30), Says("s", "cb"));
        });
        return q;
      },
      [=](O o) {
        const Handle q = get(o, "/100");
        q->SetTimeout(Ms(30));
        q->on.timeout([p = q.get()] { p->Destroy(); });
        return q;
      },
      [=](O o) {
        const Handle q = get(o, "/100");
        q->SetTimeout(Ms(30));
        q->on.timeout([p = q.get()] { p->Destroy(Error("Error", "slow")); });
        return q;
      },
      [=](O o) {
        const Handle q = get(o, "/-100", 30);
        q->on.timeout([p = q.get()] { p->Destroy(Error("Error", "slow")); });
        return q;
      }};
}

void V20HttpIdle::WatchClient(const Handle& q) {
  http::ClientRequest* const p = q.get();
  const auto idle = [p] {
    return absl::ToInt64Milliseconds(p->socket()->timeout());
  };
  q->on.timeout([this, idle] { process.Log("q", "timeout ", idle()); });
  q->on.socket([this, p](const SocketHandle& s) {
    process.Log("q", "socket ", Bool(p->reused_socket()), " ",
                absl::ToInt64Milliseconds(s->timeout()));
  });
  q->on.response([this, idle](const Request& r) {
    process.Log("q", "response ", idle());
    r->on.data([this](absl::string_view d) { process.Log("r", "data ", d); });
    WatchEvent(process, r->on.end, "r", "end");
    WatchEvent(process, r->on.aborted, "r", "aborted");
    WatchErrors(r, "r");
  });
  WatchErrors(q, "q");
}

TEST_P(V20HttpIdle, Case175ARequestsIdleTimes) {
  server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        q->on.error([](const Error&) {});
        int ms = 0;
        ASSERT_TRUE(absl::SimpleAtoi(q->url().substr(1), &ms));
        if (ms < 0) {
          r->Write("p");
          After(-ms, [r] { r->End("q"); });
        } else {
          After(ms, [r] { r->End("x"); });
        }
      });
  http::Agent::Options with_timeout;
  with_timeout.timeout = Ms(70);
  agent = http::Agent::Create(process.stack(), with_timeout);
  http::Agent::Options without;
  without.timeout = absl::ZeroDuration();
  plain = http::Agent::Create(process.stack(), without);
  const auto acts = ClientActs();
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == acts.size()) {
      agent->Destroy();
      plain->Destroy();
      server->Close();
      return;
    }
    const auto& act = acts[next++];
    process.Log("main", "--- ", next);
    const Handle q = act(To(server));
    WatchClient(q);
    q->on.close([&] {
      process.Log("q", "close");
      After(20, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/175-http-client-timeout-mix"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpIdle, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
