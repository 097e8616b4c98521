// The recorded http programs of Node 20, in C++: they print what Node printed.
// Cases 24 to 34.
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_http.h"

namespace simloop::net {
namespace {

class V20HttpCases : public V20Http {};
// Those with timers run in virtual time only.
class V20HttpCasesTimed : public V20Http {};

TEST_P(V20HttpCases, Case24AllEventsOfARequest) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->method(), " ", q->url(), " http/",
                q->http_version());
    WatchEvent(process, q->on.end, "s.req", "end");
    WatchEvent(process, q->on.close, "s.req", "close");
    WatchEvent(process, q->on.aborted, "s.req", "aborted");
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchEvent(process, r->on.close, "s.res", "close");
    WatchEvent(process, r->on.prefinish, "s.res", "prefinish");
    q->Resume();
    q->on.end([r] { r->End("hello"); });
  });
  server->on.connection(
      [&](const std::shared_ptr<Socket>& socket) { WatchEvents(*socket); });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Request(process.stack(), To(server, "/a"));
    q->on.socket([&](const std::shared_ptr<Socket>& socket) {
      process.Log("c.req", "socket");
      WatchEvent(process, socket->on.connect, "c.sock", "connect");
      WatchEvent(process, socket->on.ready, "c.sock", "ready");
      WatchEvent(process, socket->on.end, "c.sock", "end");
      WatchEvent(process, socket->on.finish, "c.sock", "finish");
      socket->on.close([&](bool) { process.Log("c.sock", "close"); });
    });
    WatchEvent(process, q->on.finish, "c.req", "finish");
    WatchEvent(process, q->on.prefinish, "c.req", "prefinish");
    WatchEvent(process, q->on.close, "c.req", "close");
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      WatchEvent(process, r->on.end, "c.res", "end");
      WatchEvent(process, r->on.close, "c.res", "close");
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      http::IncomingMessage* const m = r.get();
      m->on.end([&, m] {
        process.Log("c.res", "complete ", Bool(m->complete()), " ",
                    *m->headers().Find("connection"));
      });
    });
    q->End();
    q->on.close([&] { server->Close(); });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/24-http-basic-all-events"));
}

TEST_P(V20HttpCasesTimed, Case26Pipelining) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    const std::string url = q->url();
    process.Log("server", "request ", url);
    const int k = url[1] - '0';
    process.loop().SetTimeout(absl::Milliseconds((4 - k) * 15), [&, k, r, url] {
      process.Log("server", "res.end ", url);
      r->End(absl::StrCat("body", k));
    });
    r->on.finish([&, url] { process.Log("s.res", "finish ", url); });
    r->on.close([&, url] { process.Log("s.res", "close ", url); });
  });
  std::string bodies;
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto c = ConnectTo(server);
    Socket* const s = c.get();
    s->on.connect([s] {
      s->Write(
          "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
          "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
          "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    });
    s->on.data([&](absl::string_view d) {
      for (size_t at = d.find("body"); at != absl::string_view::npos;
           at = d.find("body", at + 1)) {
        process.Log("client", "got ", d.substr(at, 5));
        absl::StrAppend(&bodies, bodies.empty() ? "" : ",", "\"",
                        d.substr(at, 5), "\"");
      }
    });
    s->on.end([&] { process.Log("client", "end [", bodies, "]"); });
    s->on.close([&](bool) {
      process.Log("client", "close");
      server->Close();
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/26-http-pipelining"));
}

TEST_P(V20HttpCasesTimed, Case27ClientDestroysMidResponse) {
  std::optional<loop::Timer> timer;
  int chunks = 1;
  std::shared_ptr<http::Server> server;
  server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request");
    WatchEvent(process, q->on.aborted, "s.req", "aborted");
    WatchErrors(q, "s.req");
    WatchEvent(process, q->on.close, "s.req", "close");
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchErrors(r, "s.res");
    http::ServerResponse* const p = r.get();
    p->on.close([&, p] {
      process.Log("s.res",
                  "close writableFinished=", Bool(p->writable_finished()));
      timer.reset();
      server->Close();
    });
    p->Write("chunk0");
    timer.emplace(process.loop(), [&, r] {
      const bool more = r->Write(absl::StrCat("chunk", chunks++));
      process.Log("s.res", "write -> ", Bool(more));
    });
    timer->Start(absl::Milliseconds(20), absl::Milliseconds(20));
  });
  server->on.client_error([&](const Error& error, const auto&) {
    process.Log("server", "clientError ", Described(error));
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Get(process.stack(), To(server));
    http::ClientRequest* const p = q.get();
    q->on.response([&, p](const Request& r) {
      process.Log("c.req", "response");
      r->on.data([&, p](absl::string_view d) {
        process.Log("c.res", "data ", d);
        process.Log("c.req", "destroy()");
        p->Destroy();
      });
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      WatchErrors(r, "c.res");
      WatchEvent(process, r->on.end, "c.res", "end");
      http::IncomingMessage* const m = r.get();
      m->on.close([&, m] {
        process.Log("c.res", "close complete=", Bool(m->complete()));
      });
    });
    WatchEvent(process, q->on.abort, "c.req", "abort");
    WatchErrors(q, "c.req");
    WatchEvent(process, q->on.close, "c.req", "close");
  });
  EXPECT_EQ(process.Run(),
            RecordedLines("v20/27-http-client-aborts-mid-response"));
}

TEST_P(V20HttpCases, Case29SocketHangUp) {
  std::shared_ptr<http::Server> server;
  server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request");
    q->socket()->End();
    r->on.close([&] {
      process.Log("s.res", "close");
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Get(process.stack(), To(server), [&](const Request&) {
      process.Log("c.req", "response");
    });
    WatchErrors(q, "c.req");
    WatchEvent(process, q->on.close, "c.req", "close");
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/29-http-socket-hang-up"));
}

TEST_P(V20HttpCases, Case33Http10) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->http_version());
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchEvent(process, r->on.close, "s.res", "close");
    r->send_date = false;
    r->WriteHead(200, {{"Content-Type", "text/plain"}});
    r->End("hello world\n");
  });
  server->on.connection(
      [&](const std::shared_ptr<Socket>& socket) { WatchEvents(*socket); });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto client = ConnectTo(server);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([c] { c->Write("GET / HTTP/1.0\r\n\r\n"); });
    c->on.end([&, c] {
      c->End();
      server->Close();
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/33-http10-blog"));
}

TEST_P(V20HttpCases, Case34Malformed) {
  const auto one = [&](bool listens, std::function<void()> closed) {
    const auto server = Serve([&](const Request&, const Response&) {
      process.Log("server", "request");
    });
    if (listens) {
      server->on.client_error(
          [&](const Error& error, const std::shared_ptr<Socket>& socket) {
            process.Log("server", "clientError ", Described(error));
            socket->End("HTTP/1.1 400 Mine\r\n\r\n");
          });
    }
    server->Listen(0, "127.0.0.1");
    server->on.listening([&, server, closed] {
      const auto client = ConnectTo(server);
      process.Watch(client, "client");
      Socket* const c = client.get();
      c->on.connect([c] { c->Write("BOGUS\r\n\r\n"); });
      c->on.close([server, closed](bool) {
        server->Close([closed](const Error*) { closed(); });
      });
    });
  };
  process.Log("main", "--- no clientError listener");
  one(false, [&] {
    process.Log("main", "--- with clientError listener");
    one(true, [] {});
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/34-http-malformed"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V20HttpCases, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V20HttpCasesTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
