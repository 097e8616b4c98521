// Node's own tests of http, each under its name: test/simple and test/pummel of
// v0.1.96.
#include <functional>
#include <string>
#include <vector>

#include "net/http_old_client.h"
#include "tests/net/http_test.h"

namespace simloop::net {
namespace {

class OldNodeHttpTimed : public OldNodeHttp {};

// test-http-1.0
TEST_P(OldNodeHttp, Http10) {
  Serve([](const Request&, const Response& r) { Answer(r, "hello world\n"); },
        [&] {
          Dial("GET / HTTP/1.0\r\n\r\n");
          clients[0]->socket->on.end([&] {
            clients[0]->socket->End();
            server->Close();
          });
        });
  process.Run();
  EXPECT_EQ(
      clients[0]->received.substr(clients[0]->received.find("\r\n\r\n") + 4),
      "hello world\n");
  EXPECT_TRUE(clients[0]->ended);
}

// test-http
TEST_P(OldNodeHttpTimed, Http) {
  std::vector<std::string> bodies(2);
  std::shared_ptr<http::OldClient> client;
  int requests = 0;
  Serve(
      [&](const Request& q, const Response& r) {
        if (requests++ == 0) {
          EXPECT_EQ(q->method(), "GET");
          EXPECT_EQ(q->url(), "/hello");
          EXPECT_EQ(*q->headers().Find("accept"), "*/*");
        } else {
          EXPECT_EQ(q->method(), "POST");
          server->Close();
        }
        q->on.end([r, q] { Answer(r, absl::StrCat("path ", q->url())); });
      },
      [&] {
        client = Client();
        const auto q = client->Request("GET", "/hello", {{"Accept", "*/*"}});
        q->on.response([&](const Request& r) { Collect(r, &bodies[0], {}); });
        q->End();
        After(1, [&] {
          const auto p = client->Request("POST", "/world");
          p->on.response([&](const Request& r) { Collect(r, &bodies[1], {}); });
          p->End();
        });
      });
  process.Run();
  EXPECT_EQ(bodies, (std::vector<std::string>{"path /hello", "path /world"}));
}

// test-http-server
TEST_P(OldNodeHttp, Server) {
  std::vector<std::string> urls;
  std::string states;
  Serve(
      [&](const Request& q, const Response& r) {
        urls.push_back(absl::StrCat(q->method(), " ", q->url()));
        q->on.end([r, q] { Answer(r, absl::StrCat("[", q->url(), "]")); });
        if (urls.size() == 4) server->Close();
      },
      [&] {
        Dial("GET /hello?hello=world HTTP/1.1\r\n\r\n");
        Socket* const s = clients[0]->socket.get();
        bool posted = false, ended = false;
        s->on.data([&, s, posted, ended](absl::string_view) mutable {
          if (!std::exchange(posted, true)) {
            s->Write("POST /quit HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
          } else if (!ended && clients[0]->Count("[/quit]") == 1) {
            ended = true;
            s->Write("GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
            s->End();
            states = std::string(s->ready_state());
          }
        });
        s->on.close(
            [&, s](bool) { states += absl::StrCat(" ", s->ready_state()); });
      });
  process.Run();
  EXPECT_EQ(urls, (std::vector<std::string>{"GET /hello?hello=world",
                                            "POST /quit", "GET /", "GET /2"}));
  EXPECT_EQ(states, "readOnly closed");
  EXPECT_TRUE(clients[0]->ended);
}

// test-http-client-race: the second request comes inside the first's 'end'.
TEST_P(OldNodeHttp, ClientRace) {
  const std::vector<std::string> sent = {std::string(1024, '1'),
                                         std::string(3000, '2')};
  std::vector<std::string> bodies(2);
  std::shared_ptr<http::OldClient> client;
  Serve([&](const Request& q,
            const Response& r) { Answer(r, sent[q->url() == "/1" ? 0 : 1]); },
        [&] {
          client = Client();
          const auto q = client->Request("GET", "/1");
          q->on.response([&](const Request& r) {
            Collect(r, &bodies[0], [&] {
              const auto p = client->Request("GET", "/2");
              p->on.response([&](const Request& second) {
                Collect(second, &bodies[1], [&] { server->Close(); });
              });
              p->End();
            });
          });
          q->End();
        });
  process.Run();
  EXPECT_EQ(bodies, sent);
}

// test-http-client-race-2: half a second later, with a second client between.
TEST_P(OldNodeHttpTimed, ClientRace2) {
  const std::vector<std::string> sent = {
      std::string(1024, '1'), std::string(3000, '2'), std::string(512, '3')};
  std::vector<std::string> bodies(3);
  std::shared_ptr<http::OldClient> client, second;
  Serve(
      [&](const Request& q, const Response& r) {
        Answer(r, sent[static_cast<size_t>(q->url()[1] - '1')]);
      },
      [&] {
        client = Client();
        const auto q = client->Request("GET", "/1");
        q->on.response([&](const Request& r) {
          Collect(r, &bodies[0], [&] {
            After(500, [&] {
              second = Client();
              const auto p = second->Request("GET", "/2");
              p->on.response([&](const Request& m) {
                Collect(m, &bodies[1], [&] {
                  const auto last = client->Request("GET", "/3");
                  last->on.response([&](const Request& l) {
                    Collect(l, &bodies[2], [&] { server->Close(); });
                  });
                  last->End();
                });
              });
              p->End();
            });
          });
        });
        q->End();
      });
  process.Run();
  EXPECT_EQ(bodies, sent);
}

// test-http-eof-on-connect
TEST_P(OldNodeHttp, EofOnConnect) {
  Serve([](const Request&, const Response&) { ADD_FAILURE(); },
        [&] {
          Dial("", [&] { server->Close(); });
          Socket* const s = clients[0]->socket.get();
          s->on.connect([s] { s->End(); });
        });
  process.Run();
  EXPECT_TRUE(clients[0]->closed);
}

// test-http-exceptions. The server's connections, to which no answer comes,
// last until they have been idle for two minutes.
TEST_P(OldNodeHttpTimed, Exceptions) {
  int thrown = 0;
  process.loop().SetUncaughtHandler([&](std::exception_ptr) {
    if (++thrown < 4) return;
    for (const auto& client : clients) client->socket->Destroy();
    server->Close();
  });
  Serve([](const Request&, const Response&) { throw Error("", "intentional"); },
        [&] {
          for (int i = 0; i < 4; ++i) Dial("GET / HTTP/1.1\r\n\r\n");
        });
  process.Run();
  EXPECT_EQ(thrown, 4);
  for (const auto& client : clients) EXPECT_EQ(client->received, "");
}

// test-http-malformed-request
TEST_P(OldNodeHttp, MalformedRequest) {
  std::vector<std::string> urls;
  Serve(
      [&](const Request& q, const Response& r) {
        urls.push_back(q->url());
        Answer(r, "Hello World");
        if (urls.size() == 1) server->Close();
      },
      [&] {
        Dial("GET /hello?foo=%99bar HTTP/1.1\r\nConnection: close\r\n\r\n");
        Socket* const s = clients[0]->socket.get();
        s->on.connect([s] { s->End(); });
      });
  process.Run();
  EXPECT_EQ(urls, std::vector<std::string>{"/hello?foo=%99bar"});
}

// test-http-set-timeout
TEST_P(OldNodeHttpTimed, SetTimeout) {
  int64_t at = 0;
  Serve(
      [&](const Request& q, const Response&) {
        Socket* const s = q->socket().get();
        s->SetTimeout(absl::Milliseconds(500));
        s->on.timeout([&, s] {
          at = Milliseconds();
          s->Destroy();
          server->Close();
        });
      },
      [&] {
        Dial("GET / HTTP/1.1\r\n\r\n");
        clients[0]->socket->on.end([&] { clients[0]->socket->End(); });
      });
  process.Run();
  EXPECT_EQ(at, 500);
}

INSTANTIATE_TEST_SUITE_P(Kernels, OldNodeHttp, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, OldNodeHttpTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
