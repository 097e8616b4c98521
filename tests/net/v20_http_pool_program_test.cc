// Programs of Node 20 about an agent's connections, recorded here: refused
// while requests wait, limited over all servers, taken by turns.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpPool : public V20Program {
 protected:
  std::shared_ptr<http::Agent> NewAgent(http::Agent::Options options) {
    return http::Agent::Create(process.stack(), options);
  }
};
class V20HttpPoolTimed : public V20HttpPool {};

TEST_P(V20HttpPool, Case128IsRefusedWhileOthersWait) {
  const uint16_t port = process.UnusedPort();
  http::Agent::Options one;
  one.max_sockets = 1;
  const auto agent = NewAgent(one);
  int left = 4;
  // The numbers of addresses that have some.
  const auto any = [](size_t count) { return count > 0 ? 1 : 0; };
  for (const std::string k : {"a", "b", "c", "d"}) {
    http::RequestOptions to;
    to.port = port;
    to.agent = agent;
    to.path = "/" + k;
    const auto q = http::Request(process.stack(), to);
    if (k != "d") q->End();
    q->on.socket([&, k, p = q.get()](const SocketHandle&) {
      process.Log(k, "socket ", Bool(p->reused_socket()));
    });
    q->on.error([&, k](const Error& e) {
      process.Log(k, "error ", e.code(), " ", e.syscall());
    });
    WatchEvent(process, q->on.finish, k, "finish");
    q->on.close([&, k] {
      process.Log(k, "close ", any(agent->busy_sockets()), " ",
                  any(agent->waiting_requests()));
      if (--left == 0) agent->Destroy();
    });
    if (k == "c") q->Destroy();
  }
  EXPECT_EQ(process.Run(), RecordedLines("v20/128-http-refused-queue"));
}

TEST_P(V20HttpPoolTimed, Case129LimitsAllConnections) {
  const auto make = [&](const std::string& k) {
    return http::Server::Create(
        process.stack(), [&, k](const Request& q, const Response& r) {
          r->send_date = false;
          process.Log(k, "request ", q->url());
          q->socket()->on.close.Once(
              [&, k](bool) { process.Log(k, "socket close"); });
          After(40, [r, k] { r->End(k); });
        });
  };
  const auto a = make("A");
  const auto b = make("B");
  http::Agent::Options two;
  two.max_total_sockets = 2;
  const auto agent = NewAgent(two);
  int left = 6;
  const auto ask = [&](const std::shared_ptr<http::Server>& server, int n) {
    const std::string who = absl::StrCat("c", n);
    http::RequestOptions to = To(server, absl::StrCat("/", n));
    to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.response([&, who](const Request& r) {
      r->Resume();
      WatchEvent(process, r->on.end, who, "end");
    });
    q->on.socket([&, who, p = q.get()](const SocketHandle&) {
      process.Log(who, "socket ", Bool(p->reused_socket()));
    });
    q->on.close([&, who] {
      process.Log(who, "close");
      if (--left > 0) return;
      After(60, [&] {
        process.Log("agent", "destroy");
        agent->Destroy();
        a->Close();
        b->Close();
      });
    });
  };
  a->on.listening([&] { b->Listen(0, "127.0.0.1"); });
  b->on.listening([&] {
    ask(a, 1);
    ask(a, 2);
    ask(b, 3);
    ask(a, 4);
    ask(b, 5);
    ask(a, 6);
  });
  a->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/129-http-total-sockets"));
}

TEST_P(V20HttpPool, Case130TakesFreeConnectionsByTurns) {
  // Looked up only: the numbers of the connections of the server.
  std::map<Socket*, int> numbers;
  int n = 0;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        int& number = numbers[q->socket().get()];
        if (number == 0) {
          number = ++n;
          q->socket()->on.close(
              [&, s = q->socket().get()](bool) { numbers.erase(s); });
        }
        r->SetHeader("X-N", absl::StrCat(number));
        r->End();
      });
  std::shared_ptr<http::Agent> agent;
  using Then = std::function<void()>;
  const auto one = [&](const std::string& k, Then then) {
    http::RequestOptions to = To(server, "/" + k);
    to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.response([&, k, q](const Request& r) {
      r->Resume();
      r->on.end([&, k, q, m = r.get()] {
        process.Log(k, "on ", *m->headers().Find("x-n"), " ",
                    Bool(q->reused_socket()));
      });
    });
    q->on.close([&, k, then] {
      process.Log(k, "close");
      Immediate(then);
    });
  };
  int left = 0;
  int two = 0;
  Then next;
  const auto end = [&] {
    if (--two > 0) return;
    agent->Destroy();
    Immediate(next);
  };
  const auto go = [&](http::Agent::Options options, Then then) {
    n = 0;
    agent = NewAgent(options);
    agent->on.free([&](const SocketHandle&) { process.Log("agent", "free"); });
    left = 3;
    two = 2;
    next = then;
    for (const char* k : {"a", "b", "c"}) {
      one(k, [&] {
        if (--left > 0) return;
        process.Log("free", agent->free_sockets());
        one("d", [&] {
          one("e", [&] {
            one("f", end);
            one("g", end);
          });
        });
      });
    }
  };
  http::Agent::Options fifo;
  fifo.scheduling = http::Agent::Scheduling::kFifo;
  http::Agent::Options few;
  few.max_free_sockets = 1;
  server->on.listening([&] {
    go(fifo, [&] {
      go(http::Agent::Options(), [&] { go(few, [&] { server->Close(); }); });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/130-http-scheduling"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpPool, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpPoolTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
