// Node's own tests of http, each under its name: test/parallel of Node 20.
// Here: clients.
#include <functional>
#include <string>
#include <vector>

#include "tests/net/http_test.h"

namespace simloop::net {
namespace {

class NodeHttpClient : public ModernHttp {};

// A server that is none: answers `text` to whatever comes, and ends.
template <typename Test>
std::shared_ptr<Server> AnswerRaw(Test& process, const std::string& text,
                                  bool twice = false) {
  auto server = Server::Create(
      process.stack(), [text, twice](const std::shared_ptr<Socket>& socket) {
        Socket* const s = socket.get();
        s->on.data([s, text, twice](absl::string_view) {
          if (twice) s->Write(text);
          s->End(text);
        });
        s->on.error([](const Error&) {});
      });
  server->Listen(0, "127.0.0.1");
  return server;
}

// test-http-conn-reset
TEST_P(NodeHttpClient, ConnReset) {
  std::string error;
  int responses = 0;
  Serve([](const Request&, const Response&) {},
        [&] {
          const auto q = http::Get(process.stack(), To(),
                                   [&](const Request&) { ++responses; });
          q->on.error([&](const Error& e) {
            error = e.code();
            server->Close();
          });
        });
  server->on.connection(
      [](const std::shared_ptr<Socket>& socket) { socket->Destroy(); });
  process.Run();
  EXPECT_EQ(error, "ECONNRESET");
  EXPECT_EQ(responses, 0);
}

// test-http-abort-before-end
TEST_P(NodeHttpClient, AbortBeforeEnd) {
  int requests = 0, errors = 0;
  Serve([&](const Request&, const Response&) { ++requests; },
        [&] {
          http::RequestOptions options = To();
          options.method = "GET";
          const auto q = http::Request(process.stack(), options);
          q->on.error([&](const Error&) { ++errors; });
          q->on.close([&] { server->Close(); });
          q->Abort();
          q->End();
        });
  process.Run();
  EXPECT_EQ(requests, 0);
  EXPECT_LE(errors, 1);
}

// test-http-abort-client
TEST_P(NodeHttpClient, AbortClient) {
  std::string events;
  Serve(
      [](const Request& q, const Response& r) {
        r->WriteHead(200, {{"Content-Length", "100"}});
        r->Write("Part of my res.",
                 [q](const Error*) { q->socket()->Destroy(); });
      },
      [&] {
        const auto q = http::Get(process.stack(), To(), [&](const Request& r) {
          r->on.data([](absl::string_view) {});
          r->on.aborted([&] { events += "aborted "; });
          r->on.end([&] { events += "end "; });
          r->on.error([&](const Error& e) { events += e.code() + " "; });
          r->on.close([&] {
            events += "close";
            server->Close();
          });
        });
      });
  process.Run();
  EXPECT_EQ(events, "aborted ECONNRESET close");
}

// test-http-destroyed-socket-write2
TEST_P(NodeHttpClient, DestroyedSocketWrite2) {
  int errors = 0;
  std::string code;
  std::function<void()> write;
  Serve([](const Request&, const Response& r) { r->Destroy(); },
        [&] {
          http::RequestOptions options = To();
          options.method = "POST";
          const auto q = http::Request(process.stack(), options);
          http::ClientRequest* const p = q.get();
          p->on.response([](const Request&) { ADD_FAILURE(); });
          p->on.error([&](const Error& e) {
            ++errors;
            code = e.code();
          });
          bool over = false;
          p->on.close([&, over]() mutable {
            over = true;
            server->Close();
          });
          write = [&, p = q] {
            if (p->destroyed()) return;
            p->Write("hello");
            process.loop().SetImmediate([&] { write(); });
          };
          write();
        });
  process.Run();
  write = nullptr;
  EXPECT_EQ(errors, 1);
  EXPECT_TRUE(code == "ECONNRESET" || code == "EPIPE") << code;
}

// test-http-extra-response
TEST_P(NodeHttpClient, ExtraResponse) {
  const auto raw = AnswerRaw(process,
                             "HTTP/1.1 500 Internal Server Error\r\n"
                             "Content-Length: 5\r\nX: y\r\n\r\nhello",
                             /*twice=*/true);
  std::string body;
  int ends = 0;
  raw->on.listening([&] {
    http::RequestOptions options;
    options.port = raw->address()->port;
    const auto q = http::Get(process.stack(), options, [&](const Request& r) {
      r->on.data([&](absl::string_view d) { absl::StrAppend(&body, d); });
      r->on.end([&] {
        ++ends;
        raw->Close();
      });
    });
    q->on.error([](const Error&) {});
  });
  process.Run();
  EXPECT_EQ(body, "hello");
  EXPECT_EQ(ends, 1);
}

// test-http-client-parse-error
TEST_P(NodeHttpClient, ClientParseError) {
  const std::vector<std::string> answers = {
      "bad http - should trigger parse error\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nfoo\r\n\r\n"};
  std::vector<std::string> codes;
  std::vector<std::shared_ptr<Server>> servers;
  for (const std::string& answer : answers) {
    servers.push_back(AnswerRaw(process, answer));
    const auto raw = servers.back();
    raw->on.listening([&, raw] {
      http::RequestOptions options;
      options.port = raw->address()->port;
      const auto q = http::Get(process.stack(), options);
      q->on.error([&](const Error& e) { codes.push_back(e.code()); });
      q->on.close([raw] { raw->Close(); });
    });
  }
  process.Run();
  ASSERT_EQ(codes.size(), 3u);
  for (const std::string& code : codes) {
    EXPECT_EQ(code.substr(0, 4), "HPE_") << code;
  }
}

// test-http-pause-resume-one-end
TEST_P(NodeHttpClient, PauseResumeOneEnd) {
  int ends = 0;
  std::string body;
  Serve(
      [&](const Request&, const Response& r) {
        r->WriteHead(200);
        r->End("Hello World\n");
        server->Close();
      },
      [&] {
        http::Get(process.stack(), To(), [&](const Request& r) {
          http::IncomingMessage* const m = r.get();
          m->on.data([&, m](absl::string_view d) {
            absl::StrAppend(&body, d);
            m->Pause();
            process.loop().SetImmediate([r = m->socket(), m] { m->Resume(); });
          });
          m->on.end([&, keep = r.get()] { ++ends; });
        });
      });
  process.Run();
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(body, "Hello World\n");
}

// test-http-client-spurious-aborted, test-http-client-aborted-event
TEST_P(NodeHttpClient, ClientSpuriousAborted) {
  const auto run = [&](bool whole) {
    const std::unique_ptr<BackEnd> machine = GetParam().make();
    NodeProcess fresh(*machine, loop::Discipline::kModern);
    const auto raw = AnswerRaw(
        fresh, absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                            whole ? "hello" : "he"));
    std::string events;
    raw->on.listening([&] {
      http::RequestOptions options;
      options.port = raw->address()->port;
      http::Get(fresh.stack(), options, [&](const Request& r) {
        r->on.data([](absl::string_view) {});
        r->on.aborted([&] { events += "aborted "; });
        r->on.error([&](const Error&) { events += "error "; });
        r->on.end([&] { events += "end "; });
        r->on.close([&] { events += "close"; });
      })->on.close([&] { raw->Close(); });
    });
    fresh.Run();
    return events;
  };
  EXPECT_EQ(run(true), "end close");
  EXPECT_EQ(run(false), "aborted error close");
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeHttpClient, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
