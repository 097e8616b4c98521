// A program of Node 20 whose server answers before the body has come, over one
// kept connection, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// It has timers: simulated only.
using V20HttpEarly = V20Program;

TEST_P(V20HttpEarly, Case232AnswersBeforeTheBody) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const std::string url = q->url();
        process.Log("srv", q->method(), " ", url, " on ", NumberOf(q));
        q->on.end([&, url] { process.Log("srv", "end ", url); });
        q->on.close([&, url, p = q.get()] {
          process.Log("srv", "close ", url, " ", Bool(p->complete()), " ",
                      Bool(p->aborted()));
        });
        WatchErrors(q, "srv");
        r->on.finish([&, url] { process.Log("srv", "finish ", url); });
        r->on.close([&, url] { process.Log("srv", "res close ", url); });
        if (url == "/reads" || url == "/pauses") {
          q->on.data(
              [&](absl::string_view d) { process.Log("srv", "data ", d); });
        }
        if (url == "/pauses") {
          q->Pause();
          After(60, [q] { q->Resume(); });
        }
        if (url == "/destroys") {
          r->End("no", [&, q](const Error*) {
            process.Log("srv", "cb end");
            q->Destroy();
          });
          return;
        }
        if (url == "/closes") r->SetHeader("Connection", "close");
        r->End("early");
      });
  Number(server);
  http::Agent::Options with;
  with.max_sockets = 1;
  with.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), with);
  agent->on.free([&](const SocketHandle&) { process.Log("agent", "free"); });
  const std::vector<std::string> paths = {"/ignores", "/reads",    "/pauses",
                                          "/closes",  "/destroys", "/plain"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == paths.size()) {
      agent->Destroy();
      server->Close([&](const Error*) { process.Log("server", "closed"); });
      return;
    }
    process.Log("main", "--- ", paths[i]);
    http::RequestOptions options = To(server, paths[i]);
    options.method = "POST";
    options.agent = agent;
    options.headers = {{"Content-Length", "6"}};
    const auto q = http::Request(process.stack(), options);
    q->on.response([&, p = q.get()](const Request& r) {
      process.Log("c", "response ", *r->headers().Find("connection"));
      r->Resume();
      r->on.end([&, p] { process.Log("c", "end ", Bool(p->destroyed())); });
      WatchEvent(process, r->on.close, "c", "res close");
    });
    WatchErrors(q, "c");
    WatchEvent(process, q->on.finish, "c", "finish");
    WatchEvent(process, q->on.close, "c", "close");
    q->Write("abc", [&](const Error* e) {
      process.Log("c", "cb abc ", e == nullptr ? "" : Described(*e));
    });
    After(30, [&, q] {
      process.Log("c", "ends ", Bool(q->destroyed()));
      q->End("def", [&](const Error*) { process.Log("c", "cb end"); });
    });
    After(120, [&, i] { next(i + 1); });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/232-http-early-reuse"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpEarly, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
