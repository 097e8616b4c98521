// Node's own tests of http, each under its name: test/parallel of Node 20.
// Here: agents.
#include <functional>
#include <string>
#include <vector>

#include "tests/net/http_test.h"

namespace simloop::net {
namespace {

class NodeHttpAgent : public ModernHttp {};
// With timers, or with so much to do that virtual time is better.
class NodeHttpAgentTimed : public ModernHttp {};

// test-http-abort-queued
TEST_P(NodeHttpAgent, AbortQueued) {
  http::Agent::Options one;
  one.max_sockets = 1;
  one.keep_alive = false;
  const auto agent = http::Agent::Create(process.stack(), one);
  std::vector<std::string> paths;
  int connections = 0;
  std::string error;
  Serve(
      [&](const Request& q, const Response& r) {
        paths.push_back(q->url());
        r->End("ok");
      },
      [&] {
        const auto ask = [&](const std::string& path) {
          http::RequestOptions options = To(path);
          options.agent = agent;
          const auto q = http::Get(process.stack(), options,
                                   [](const Request& r) { r->Resume(); });
          return q;
        };
        ask("/1");
        const auto second = ask("/2");
        second->on.error([&](const Error& e) { error = e.code(); });
        second->Destroy();
        ask("/3")->on.close([&] { server->Close(); });
        EXPECT_EQ(agent->waiting_requests(), 2u);
      });
  server->on.connection([&](const std::shared_ptr<Socket>&) { ++connections; });
  process.Run();
  EXPECT_EQ(paths, (std::vector<std::string>{"/1", "/3"}));
  EXPECT_EQ(error, "ECONNRESET");
  EXPECT_EQ(connections, 1);
}

// test-http-agent-destroyed-socket
TEST_P(NodeHttpAgent, AgentDestroyedSocket) {
  http::Agent::Options one;
  one.max_sockets = 1;
  const auto agent = http::Agent::Create(process.stack(), one);
  std::shared_ptr<Socket> first, second;
  Serve([](const Request&, const Response& r) { r->End("Hello World\n"); },
        [&] {
          http::RequestOptions options = To();
          options.agent = agent;
          const auto q =
              http::Get(process.stack(), options, [&](const Request& r) {
                first = r->socket();
                r->Resume();
                r->on.end([&] { first->Destroy(); });
              });
          const auto waiting =
              http::Get(process.stack(), options, [&](const Request& r) {
                second = r->socket();
                r->Resume();
              });
          waiting->on.close([&] {
            process.loop().SetImmediate([&] { agent->Destroy(); });
            server->Close();
          });
        });
  process.Run();
  ASSERT_NE(second, nullptr);
  EXPECT_NE(first, second);
}

// test-http-keepalive-request, test-http-keep-alive
TEST_P(NodeHttpAgent, KeepAliveRequest) {
  http::Agent::Options one;
  one.max_sockets = 1;
  const auto agent = http::Agent::Create(process.stack(), one);
  std::shared_ptr<Socket> client_socket, server_socket;
  int done = 0;
  std::function<void()> next;
  Serve(
      [&](const Request& q, const Response& r) {
        if (server_socket == nullptr) server_socket = q->socket();
        EXPECT_EQ(q->socket(), server_socket);
        EXPECT_EQ(*q->headers().Find("connection"), "keep-alive");
        r->End("ok");
      },
      [&] {
        next = [&] {
          http::RequestOptions options = To();
          options.agent = agent;
          const auto q =
              http::Get(process.stack(), options, [&](const Request& r) {
                if (client_socket == nullptr) client_socket = r->socket();
                EXPECT_EQ(r->socket(), client_socket);
                r->Resume();
              });
          q->on.close([&] {
            if (++done < 10) {
              process.loop().SetImmediate([&] { next(); });
            } else {
              process.loop().SetImmediate([&] { agent->Destroy(); });
              server->Close();
            }
          });
        };
        next();
      });
  process.Run();
  EXPECT_EQ(done, 10);
}

// test-http-keepalive-maxsockets
TEST_P(NodeHttpAgent, KeepAliveMaxSockets) {
  http::Agent::Options few;
  few.max_sockets = 5;
  few.max_free_sockets = 2;
  const auto agent = http::Agent::Create(process.stack(), few);
  int connections = 0, done = 0;
  Serve([](const Request&, const Response& r) { r->End("hello world\n"); },
        [&] {
          for (int i = 0; i < 10; ++i) {
            http::RequestOptions options = To();
            options.agent = agent;
            http::Get(process.stack(), options, [](const Request& r) {
              r->Resume();
            })->on.close([&] {
              if (++done < 10) return;
              // Those that are too many close first.
              process.loop().SetTimeout(absl::Milliseconds(1), [&] {
                EXPECT_EQ(agent->free_sockets(), 2u);
                EXPECT_EQ(agent->busy_sockets(), 0u);
                agent->Destroy();
                server->Close();
              });
            });
          }
          EXPECT_EQ(agent->busy_sockets(), 5u);
          EXPECT_EQ(agent->waiting_requests(), 5u);
        });
  server->on.connection([&](const std::shared_ptr<Socket>&) { ++connections; });
  process.Run();
  EXPECT_EQ(connections, 5);
}

// test-http-client-keep-alive-hint: "timeout=1" is too short to keep.
TEST_P(NodeHttpAgentTimed, ClientKeepAliveHint) {
  const auto agent = http::Agent::Create(process.stack());
  const auto raw = Server::Create(
      process.stack(), [](const std::shared_ptr<Socket>& socket) {
        Socket* const s = socket.get();
        s->on.data([s](absl::string_view) {
          s->Write(
              "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
              "Keep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n");
        });
      });
  int64_t closed_at = -1;
  raw->on.connection([&](const std::shared_ptr<Socket>& socket) {
    socket->on.close([&](bool) {
      closed_at = Milliseconds();
      raw->Close();
    });
  });
  raw->Listen(0, "127.0.0.1");
  raw->on.listening([&] {
    http::RequestOptions options;
    options.port = raw->address()->port;
    options.agent = agent;
    http::Get(process.stack(), options, [](const Request& r) { r->Resume(); });
  });
  process.Run();
  // Kept for 2 s - 1 s.
  EXPECT_EQ(closed_at, 1000);
}

// test-http-end-throw-socket-handling
TEST_P(NodeHttpAgent, EndThrowSocketHandling) {
  http::Agent::Options one;
  one.max_sockets = 1;
  one.keep_alive = false;
  const auto agent = http::Agent::Create(process.stack(), one);
  int thrown = 0;
  process.loop().SetUncaughtHandler([&](std::exception_ptr) {
    if (++thrown == 10) server->Close();
  });
  Serve([](const Request&, const Response& r) { r->End("hello"); },
        [&] {
          for (int i = 0; i < 10; ++i) {
            http::RequestOptions options = To();
            options.agent = agent;
            const auto q =
                http::Get(process.stack(), options, [](const Request& r) {
                  r->Resume();
                  r->on.end([] { throw Error("", "gleep glorp"); });
                });
          }
        });
  process.Run();
  EXPECT_EQ(thrown, 10);
  EXPECT_EQ(agent->busy_sockets(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeHttpAgent, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, NodeHttpAgentTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
