// Node's own tests of http, each under its name: test/simple and test/pummel of
// v0.1.96.
#include <functional>
#include <string>
#include <vector>

#include "net/http_old_client.h"
#include "tests/net/http_test.h"

namespace simloop::net {
namespace {

class OldNodeHttpMore : public OldNodeHttp {};

constexpr absl::string_view kUpgrade =
    "GET / HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";

// test-http-upgrade
TEST_P(OldNodeHttpMore, Upgrade) {
  int requests = 0;
  std::string head;
  const auto third = [&] {
    Dial("GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
         [&] { server->Close(); });
    clients[2]->socket->on.end([&] { clients[2]->socket->End(); });
  };
  const auto second = [&] {
    server->on.upgrade.Clear();
    Dial(std::string(kUpgrade), third);
    clients[1]->socket->on.end([&] { clients[1]->socket->End(); });
  };
  Serve(
      [&](const Request&, const Response& r) {
        ++requests;
        Answer(r, "okay");
      },
      [&] {
        Dial(absl::StrCat(kUpgrade, "WjN}|M(6"), second);
        Socket* const s = clients[0]->socket.get();
        bool said = false;
        s->on.data([&, s, said](absl::string_view) mutable {
          if (!std::exchange(said, true)) {
            s->Write("test");
          } else {
            s->Write("kill");
          }
        });
        s->on.end([s] { s->End(); });
      });
  server->on.upgrade([&](const Request& q,
                         const std::shared_ptr<Socket>& socket,
                         absl::string_view rest) {
    EXPECT_EQ(q->method(), "GET");
    head = std::string(rest);
    Socket* const s = socket.get();
    s->Write("HTTP/1.1 101 Web Socket Protocol Handshake\r\n\r\n");
    s->on.data([s](absl::string_view d) {
      if (d == "kill") {
        s->End();
      } else {
        s->Write(d);
      }
    });
  });
  process.Run();
  EXPECT_EQ(head, "WjN}|M(6");
  EXPECT_EQ(clients[0]->Count("test"), 1);
  EXPECT_EQ(clients[1]->received, "");
  EXPECT_TRUE(clients[1]->ended);
  EXPECT_EQ(clients[2]->Count("okay"), 1);
  EXPECT_EQ(requests, 1);
}

// test-http-upgrade2
TEST_P(OldNodeHttpMore, Upgrade2) {
  int thrown = 0;
  process.loop().SetUncaughtHandler([&](std::exception_ptr) {
    ++thrown;
    clients[0]->socket->End();
    server->Close();
  });
  Serve([](const Request&, const Response&) { ADD_FAILURE(); },
        [&] {
          Dial(std::string(kUpgrade));
          clients[0]->socket->on.end([&] { clients[0]->socket->End(); });
        });
  server->on.upgrade([](const Request&, const std::shared_ptr<Socket>& socket,
                        absl::string_view) {
    socket->on.end([s = socket.get()] { s->End(); });
    throw Error("", "upgrade error");
  });
  process.Run();
  EXPECT_EQ(thrown, 1);
}

// test-http-wget: HTTP/1.0 with Keep-Alive, and no length.
TEST_P(OldNodeHttpMore, Wget) {
  Serve(
      [](const Request&, const Response& r) {
        r->WriteHead(200, {{"Content-Type", "text/plain"}});
        r->Write("hello ");
        r->Write("world\n");
        r->End();
      },
      [&] {
        Dial("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
             [&] { server->Close(); });
        clients[0]->socket->on.end([&] { clients[0]->socket->End(); });
      });
  process.Run();
  EXPECT_EQ(
      clients[0]->received.substr(clients[0]->received.find("\r\n\r\n") + 4),
      "hello world\n");
  EXPECT_TRUE(clients[0]->ended);
}

// test-http-chunked
TEST_P(OldNodeHttpMore, Chunked) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xe5\x8d\x97\xe8\xb6\x8a";
  std::string body;
  std::shared_ptr<http::OldClient> client;
  Serve(
      [&](const Request&, const Response& r) {
        Answer(r, text);
        server->Close();
      },
      [&] {
        client = Client();
        const auto q = client->Request("GET", "/");
        q->on.response([&](const Request& r) { Collect(r, &body, {}); });
        q->End();
      });
  process.Run();
  EXPECT_EQ(body, text);
}

// test-http-client-upload
TEST_P(OldNodeHttpMore, ClientUpload) {
  std::string sent, answer;
  std::shared_ptr<http::OldClient> client;
  Serve(
      [&](const Request& q, const Response& r) {
        EXPECT_EQ(q->method(), "POST");
        Collect(q, &sent, [&, r] {
          Answer(r, "hello\n");
          server->Close();
        });
      },
      [&] {
        client = Client();
        const auto q = client->Request("POST", "/");
        q->Write("1\n");
        q->Write("2\n");
        q->Write("3\n");
        q->on.response([&](const Request& r) { Collect(r, &answer, {}); });
        q->End();
      });
  process.Run();
  EXPECT_EQ(sent, "1\n2\n3\n");
  EXPECT_EQ(answer, "hello\n");
}

// test-http-proxy
TEST_P(OldNodeHttpMore, Proxy) {
  std::string body;
  std::shared_ptr<http::OldClient> client, to_backend;
  std::shared_ptr<http::Server> proxy;
  Serve([](const Request&, const Response& r) { Answer(r, "hello world\n"); },
        [&] {
          proxy = http::Server::Create(
              process.stack(), [&](const Request& q, const Response& r) {
                to_backend = Client();
                const auto p = to_backend->Request("GET", q->url());
                p->on.response([&, r](const Request& m) {
                  r->WriteHead(m->status_code(), m->raw_headers());
                  m->on.data([r](absl::string_view d) { r->Write(d); });
                  m->on.end([&, r] {
                    r->End();
                    proxy->Close();
                    server->Close();
                  });
                });
                p->End();
              });
          proxy->Listen(0);
          proxy->on.listening([&] {
            client = http::OldClient::Create(process.stack(),
                                             proxy->address()->port);
            const auto q = client->Request("GET", "/test");
            q->on.response([&](const Request& r) {
              EXPECT_EQ(r->status_code(), 200);
              Collect(r, &body, {});
            });
            q->End();
          });
        });
  process.Run();
  EXPECT_EQ(body, "hello world\n");
}

// test-http-304
TEST_P(OldNodeHttpMore, Status304) {
  bool ended = false;
  std::shared_ptr<http::OldClient> client;
  Serve(
      [](const Request&, const Response& r) {
        r->WriteHead(304);
        r->End();
      },
      [&] {
        client = Client();
        const auto q = client->Request("GET", "/");
        q->on.response([&](const Request& r) {
          EXPECT_EQ(r->status_code(), 304);
          r->on.end([&] {
            ended = true;
            server->Close();
          });
        });
        q->End();
      });
  process.Run();
  EXPECT_TRUE(ended);
}

// test-http-full-response
TEST_P(OldNodeHttpMore, FullResponse) {
  const std::string body(1 << 16, 'c');
  size_t total = 0;
  int left = 10;
  std::function<void()> next;
  std::vector<std::shared_ptr<http::OldClient>> used;
  Serve(
      [&](const Request&, const Response& r) {
        r->WriteHead(200, {{"Content-Length", absl::StrCat(body.size())}});
        r->End(body);
      },
      [&] {
        next = [&] {
          used.push_back(Client());
          const auto q = used.back()->Request("GET", "/");
          q->on.response([&](const Request& r) {
            r->on.data([&](absl::string_view d) { total += d.size(); });
            r->on.end([&] {
              if (--left > 0) {
                next();
              } else {
                server->Close();
              }
            });
          });
          q->End();
        };
        next();
      });
  process.Run();
  EXPECT_EQ(total, 10u << 16);
}

// test-http-parser
TEST_P(OldNodeHttpMore, Parser) {
  const auto socket = Socket::Create(process.stack());
  std::string seen;
  bool throws = false;
  http::Parser parser(http::Parser::Kind::kRequests, socket,
                      http::Parser::Limits(), [&](const Request& q) {
                        seen += absl::StrCat(q->method(), " ", q->url(), " ",
                                             q->http_version());
                        if (throws) throw Error("", "hello world");
                        return http::Parser::Rest::kBody;
                      });
  EXPECT_FALSE(parser.Execute("GET /hello HTTP/1.1\r\n").has_value());
  EXPECT_EQ(seen, "");
  EXPECT_FALSE(parser.Execute("\r\n").has_value());
  EXPECT_EQ(seen, "GET /hello 1.1");
  throws = true;
  EXPECT_THROW((void)parser.Execute("GET /2 HTTP/1.1\r\n\r\n"), Error);
}

// test-http-client-reconnect-bug
TEST_P(OldNodeHttpMore, ClientReconnectBug) {
  int errors = 0, ends = 0;
  std::shared_ptr<http::OldClient> client;
  const auto raw = Server::Create(
      process.stack(),
      [](const std::shared_ptr<Socket>& socket) { socket->End(); });
  raw->Listen(0);
  raw->on.listening([&] {
    client = http::OldClient::Create(process.stack(), raw->address()->port);
    client->on.error([&](const Error&) { ++errors; });
    client->on.end([&] {
      ++ends;
      raw->Close();
    });
    client->Request("GET", "/")->End();
  });
  process.Run();
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(ends, 1);
}

INSTANTIATE_TEST_SUITE_P(Kernels, OldNodeHttpMore, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
