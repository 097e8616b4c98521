// Node's own tests of http, each under its name: test/parallel of Node 20.
// Here: servers.
#include <functional>
#include <string>
#include <vector>

#include "tests/net/http_test.h"

namespace simloop::net {
namespace {

class NodeHttpServer : public ModernHttp {};
// With timers, or with so much to do that virtual time is better.
class NodeHttpServerTimed : public ModernHttp {};

// test-http-incoming-pipelined-socket-destroy
TEST_P(NodeHttpServer, IncomingPipelinedSocketDestroy) {
  const std::vector<std::vector<bool>> orders = {{false},
                                                 {true},
                                                 {false, false},
                                                 {false, true},
                                                 {true, false},
                                                 {true, true},
                                                 {true, true, false},
                                                 {false, false, true},
                                                 {true, false, true}};
  for (const std::vector<bool>& destroys : orders) {
    const std::unique_ptr<BackEnd> machine = GetParam().make();
    NodeProcess fresh(*machine, loop::Discipline::kModern);
    std::shared_ptr<http::Server> one;
    int next = 0;
    one = http::Server::Create(
        fresh.stack(), [&](const Request& q, const Response& r) {
          const bool here = next < static_cast<int>(destroys.size()) &&
                            destroys[static_cast<size_t>(next)];
          ++next;
          if (next % 2 == 0) {
            fresh.loop().SetImmediate([q, r, here] {
              if (here) {
                if (q->socket() != nullptr) q->socket()->Destroy();
              } else {
                r->End("Hello");
              }
            });
          } else if (here) {
            r->Destroy();
            if (q->socket() != nullptr) q->socket()->Destroy();
          } else {
            r->End("Hello");
          }
        });
    one->Listen(0, "127.0.0.1");
    one->on.listening([&] {
      const auto socket =
          Connect(fresh.stack(), one->address()->port, "127.0.0.1");
      Socket* const s = socket.get();
      std::string text;
      for (size_t i = 0; i < destroys.size(); ++i) text += Get("/");
      s->on.connect([s, text] { s->Write(text); });
      s->on.data([s](absl::string_view) { s->End(); });
      s->on.error([](const Error&) {});
      s->on.close([&](bool) { one->Close(); });
    });
    fresh.Run();
    EXPECT_LE(next, static_cast<int>(destroys.size()));
  }
}

// test-http-many-ended-pipelines
TEST_P(NodeHttpServer, ManyEndedPipelines) {
  constexpr int kRequests = 20;
  int requests = 0, first = 0;
  Serve(
      [&](const Request& q, const Response& r) {
        ++requests;
        r->End("ok");
        if (q->socket() != nullptr) q->socket()->Destroy();
        if (first++ == 0) server->Close();
      },
      [&] {
        std::string text;
        for (int i = 0; i < kRequests; ++i) text += Get("/");
        Dial(text);
      });
  process.Run();
  EXPECT_EQ(requests, kRequests);
  EXPECT_TRUE(clients[0]->closed);
}

// test-http-pipeline-flood: the server stops reading from who does not read.
TEST_P(NodeHttpServerTimed, PipelineFlood) {
  int connections = 0, requests = 0, timeouts = 0;
  std::shared_ptr<Socket> accepted;
  Serve(
      [&](const Request&, const Response& r) {
        ++requests;
        r->SetHeader("Content-Type", "text/plain");
        r->End(std::string(1024, 'x'));
      },
      [&] {
        std::string text;
        for (int i = 0; i < 10240; ++i) text += Get("/");
        const auto socket = Connect(process.stack(), port(), "127.0.0.1");
        Socket* const s = socket.get();
        s->on.connect([s, text] {
          s->Pause();
          for (int i = 0; i < 20; ++i) s->Write(text);
        });
        s->on.error([](const Error&) {});
        s->on.close([&](bool) { server->Close(); });
      });
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    ++connections;
    accepted = socket;
  });
  server->SetTimeout(absl::Milliseconds(200),
                     [&](const std::shared_ptr<Socket>& socket) {
                       ++timeouts;
                       // What waits is bounded: the high-water mark, and the
                       // answers to one read(2) of 64 KiB.
                       EXPECT_LT(socket->writable_bytes(), 4u << 20);
                       socket->Destroy();
                     });
  process.Run();
  EXPECT_EQ(connections, 1);
  EXPECT_EQ(timeouts, 1);
  EXPECT_LT(requests, 10240 * 20);
}

// test-http-keep-alive-drop-requests
TEST_P(NodeHttpServer, KeepAliveDropRequests) {
  http::Server::Options options;
  options.max_requests_per_socket = 1;
  int requests = 0, dropped = 0;
  Serve(
      [&](const Request&, const Response& r) {
        ++requests;
        r->End("ok");
      },
      [&] {
        Dial(Get("/") + Get("/"), [&] { server->Close(); });
        clients[0]->socket->on.data([&](absl::string_view) {
          if (clients[0]->Count("HTTP/1.1 ") == 2) clients[0]->socket->End();
        });
      },
      options);
  server->on.drop_request(
      [&](const Request&, const std::shared_ptr<Socket>&) { ++dropped; });
  process.Run();
  EXPECT_EQ(requests, 1);
  EXPECT_EQ(dropped, 1);
  EXPECT_EQ(clients[0]->Count("503 Service Unavailable"), 1);
}

// test-http-server-close-all
TEST_P(NodeHttpServer, ServerCloseAll) {
  int requests = 0;
  bool closed = false;
  Serve(
      [&](const Request&, const Response& r) {
        ++requests;
        r->End("ok");
      },
      [&] {
        // One stuck in its head, one idle.
        Dial("GET / HTTP/1.1\r\nHost: x\r\n");
        Dial(Get("/"));
        clients[1]->socket->on.data([&](absl::string_view) {
          server->CloseAllConnections();
          server->Close([&](const Error*) { closed = true; });
        });
      });
  process.Run();
  EXPECT_TRUE(closed);
  EXPECT_EQ(requests, 1);
  EXPECT_TRUE(clients[0]->closed);
  EXPECT_TRUE(clients[1]->closed);
  EXPECT_EQ(clients[0]->received, "");
}

// test-http-server-close-idle, -wait-response
TEST_P(NodeHttpServer, ServerCloseIdleWaitResponse) {
  Serve(
      [&](const Request& q, const Response& r) {
        if (q->url() == "/idle") {
          r->End("idle");
          return;
        }
        // The other connection is idle by now.
        server->CloseIdleConnections();
        process.loop().SetImmediate([&, r] {
          r->End("active");
          server->Close();
        });
      },
      [&] {
        Dial(Get("/idle"));
        clients[0]->socket->on.data([&](absl::string_view) {
          if (clients.size() == 1)
            Dial(Get("/active", "Connection: close\r\n"));
        });
      });
  process.Run();
  EXPECT_EQ(clients[0]->Count("idle"), 1);
  EXPECT_TRUE(clients[0]->closed);
  EXPECT_EQ(clients[1]->Count("active"), 1);
}

// test-http-set-timeout-server: who hears 'timeout': the request (if it is not
// complete), the response, the server; nobody: destroyed.
TEST_P(NodeHttpServerTimed, SetTimeoutServer) {
  const auto run = [&](int who, const std::string& text) {
    const std::unique_ptr<BackEnd> machine = GetParam().make();
    NodeProcess fresh(*machine, loop::Discipline::kModern);
    std::string heard;
    std::shared_ptr<http::Server> one;
    one = http::Server::Create(
        fresh.stack(), [&](const Request& q, const Response& r) {
          const std::shared_ptr<Socket> socket = q->socket();
          if (who == 1) {
            q->SetTimeout(absl::Milliseconds(50), [&, socket] {
              heard += "request ";
              socket->Destroy();
            });
          } else if (who == 2) {
            r->SetTimeout(absl::Milliseconds(50), [&, socket] {
              heard += "response ";
              socket->Destroy();
            });
          } else if (who == 3) {
            socket->SetTimeout(absl::Milliseconds(50));
          }
          r->on.close([&] {
            heard += "close";
            one->Close();
          });
        });
    if (who == 4) {
      one->SetTimeout(absl::Milliseconds(50),
                      [&](const std::shared_ptr<Socket>& socket) {
                        heard += "server ";
                        socket->Destroy();
                      });
    }
    one->Listen(0, "127.0.0.1");
    one->on.listening([&] {
      const auto socket =
          Connect(fresh.stack(), one->address()->port, "127.0.0.1");
      Socket* const s = socket.get();
      s->on.connect([s, text] { s->Write(text); });
      s->on.error([](const Error&) {});
    });
    fresh.Run();
    return heard;
  };
  const std::string post =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";
  EXPECT_EQ(run(1, post), "request close");
  EXPECT_EQ(run(2, Get("/")), "response close");
  EXPECT_EQ(run(3, Get("/")), "close");
  EXPECT_EQ(run(4, Get("/")), "server close");
}

// test-http-1.0-keep-alive
TEST_P(NodeHttpServer, Http10KeepAlive) {
  struct Exchange {
    std::string name;
    http::Headers fields;
    bool kept;
  };
  // To a client of 1.0 that asks for keep-alive; since Node 20 never granted,
  // whatever the response's framing, unless the program says so itself.
  const std::vector<Exchange> table = {
      {"chunked", {{"Transfer-Encoding", "chunked"}}, false},
      {"length", {{"Content-Length", "5"}}, false},
      {"neither", {}, false},
      {"said", {{"Content-Length", "5"}, {"Connection", "keep-alive"}}, true}};
  for (const Exchange& exchange : table) {
    const std::unique_ptr<BackEnd> machine = GetParam().make();
    NodeProcess fresh(*machine, loop::Discipline::kModern);
    int answers = 0;
    std::shared_ptr<http::Server> one;
    one = http::Server::Create(fresh.stack(),
                               [&](const Request&, const Response& r) {
                                 ++answers;
                                 r->WriteHead(200, exchange.fields);
                                 r->End("hello");
                               });
    std::string received;
    one->Listen(0, "127.0.0.1");
    one->on.listening([&] {
      const std::string text =
          "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
      const auto socket =
          Connect(fresh.stack(), one->address()->port, "127.0.0.1");
      Socket* const s = socket.get();
      s->on.connect([s, text] { s->Write(text); });
      s->on.data([&, s, text](absl::string_view d) {
        absl::StrAppend(&received, d);
        if (exchange.kept && answers == 1) s->Write(text);
        if (answers == 2) s->End();
      });
      s->on.close([&](bool) { one->Close(); });
    });
    fresh.Run();
    EXPECT_EQ(answers, exchange.kept ? 2 : 1) << exchange.name << received;
  }
}

// test-http-response-close
TEST_P(NodeHttpServer, ResponseClose) {
  int request_closes = 0, response_closes = 0;
  Serve(
      [&](const Request& q, const Response& r) {
        q->on.close([&] { ++request_closes; });
        r->on.close([&] {
          ++response_closes;
          server->Close();
        });
        r->WriteHead(200);
        r->Write("a");
      },
      [&] {
        const auto q = http::Get(process.stack(), To(), [](const Request& r) {
          r->on.data([s = r->socket()](absl::string_view) { s->Destroy(); });
        });
        q->on.error([](const Error&) {});
      });
  process.Run();
  EXPECT_EQ(request_closes, 1);
  EXPECT_EQ(response_closes, 1);
}

// test-http-server-headers-timeout-delayed-headers
TEST_P(NodeHttpServerTimed, ServerHeadersTimeoutDelayedHeaders) {
  http::Server::Options options;
  options.headers_timeout = absl::Milliseconds(200);
  options.request_timeout = absl::ZeroDuration();
  options.connections_checking_interval = absl::Milliseconds(50);
  int requests = 0;
  int64_t closed_at = 0;
  Serve([&](const Request&, const Response&) { ++requests; },
        [&] {
          Dial("", [&] {
            closed_at = Milliseconds();
            server->Close();
          });
          Socket* const s = clients[0]->socket.get();
          s->on.connect([this, s] {
            s->Write("POST / HTTP/1.1\r\n");
            After(1000, [s] {
              if (!s->destroyed()) s->Write("Host: x\r\n\r\n");
            });
          });
        },
        options);
  process.Run();
  EXPECT_EQ(requests, 0);
  EXPECT_EQ(clients[0]->received,
            "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
  // The check at 200 ms is not yet over the limit; the next is at 250.
  EXPECT_EQ(closed_at, 250);
}

// test-http-server-request-timeout-delayed-body
TEST_P(NodeHttpServerTimed, ServerRequestTimeoutDelayedBody) {
  http::Server::Options options;
  options.headers_timeout = absl::ZeroDuration();
  options.request_timeout = absl::Milliseconds(200);
  options.connections_checking_interval = absl::Milliseconds(50);
  int requests = 0;
  Serve(
      [&](const Request& q, const Response& r) {
        ++requests;
        q->Resume();
        q->on.end([r] { r->End("too late"); });
      },
      [&] {
        Dial("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n12345",
             [&] { server->Close(); });
      },
      options);
  process.Run();
  EXPECT_EQ(requests, 1);
  EXPECT_EQ(clients[0]->received,
            "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeHttpServer, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, NodeHttpServerTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
