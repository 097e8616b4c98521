// The recorded http programs of Node 20, in C++: they print what Node printed.
// Cases 37 to 50.
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_http.h"

namespace simloop::net {
namespace {

class V20HttpMoreCases : public V20Http {};
// Those with timers run in virtual time only.
class V20HttpMoreCasesTimed : public V20Http {};

TEST_P(V20HttpMoreCases, Case37AbortSignal) {
  const auto to_server = std::make_shared<AbortSignal>();
  const auto server =
      Server::Create(process.stack(), [](const std::shared_ptr<Socket>& s) {
        s->Resume();
        s->on.error([](const Error&) {});
      });
  process.Watch(server, "server");
  Server::ListenOptions listen;
  listen.host = "127.0.0.1";
  listen.signal = to_server;
  server->Listen(listen);
  const auto dial = [&](const std::shared_ptr<AbortSignal>& signal) {
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    Socket::Options options;
    options.signal = signal;
    return Connect(process.stack(), std::move(to), options);
  };
  const auto ask = [&] {
    const auto signal = std::make_shared<AbortSignal>();
    http::RequestOptions options;
    options.port = server->address()->port;
    options.signal = signal;
    const auto q = http::Get(process.stack(), options);
    WatchErrors(q, "c.req");
    WatchEvent(process, q->on.abort, "c.req", "abort");
    q->on.close([&] {
      process.Log("c.req", "close");
      process.Log("main", "abort server");
      to_server->Abort();
    });
    signal->Abort();
  };
  server->on.listening([&] {
    const auto signal = std::make_shared<AbortSignal>();
    const auto c = dial(signal);
    process.Watch(c, "client");
    c->on.connect([&, signal] {
      process.Log("main", "abort()");
      signal->Abort();
    });
    c->on.close([&](bool) {
      const auto aborted = std::make_shared<AbortSignal>();
      aborted->Abort();
      const auto d = dial(aborted);
      process.Watch(d, "client2");
      d->on.close.Once([&](bool) { ask(); });
    });
  });
  // The 'close' that comes from nowhere has no argument there.
  EXPECT_EQ(process.Run(),
            absl::StrReplaceAll(RecordedLines("v20/37-abort-signal"),
                                {{"hadError=undefined", "hadError=false"}}));
}

TEST_P(V20HttpMoreCases, Case44ExpectAndUpgrade) {
  std::shared_ptr<http::Server> server;
  const auto on_request = [&](const Request& q, const Response& r) {
    process.Log("server", "request");
    q->Resume();
    q->on.end([r] { r->End("done"); });
  };
  server = Serve(on_request);
  server->on.check_continue([&](const Request& q, const Response& r) {
    process.Log("server", "checkContinue");
    r->WriteContinue();
    on_request(q, r);
  });
  server->on.upgrade([&](const Request&, const std::shared_ptr<Socket>& socket,
                         absl::string_view head) {
    process.Log("server", "upgrade ", Quoted(head));
    Socket* const s = socket.get();
    s->Write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
        "Connection: Upgrade\r\n\r\nfirst-bytes");
    s->on.data([&, s](absl::string_view d) {
      process.Log("s.sock", "data ", d);
      s->End();
    });
    s->on.end([&] { process.Log("s.sock", "end"); });
    s->on.close([&](bool) {
      process.Log("s.sock", "close");
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    http::RequestOptions options = To(server);
    options.method = "POST";
    options.headers = {{"Expect", "100-continue"}, {"Content-Length", "4"}};
    const auto q = http::Request(process.stack(), options);
    http::ClientRequest* const p = q.get();
    q->FlushHeaders();
    q->on.continued([&, p] {
      process.Log("c.req", "continue");
      p->End("body");
    });
    q->on.information([&](const http::IncomingMessage& i) {
      process.Log("c.req", "information ", i.status_code());
    });
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      WatchEvent(process, r->on.end, "c.res", "end");
    });
    q->on.close([&] {
      process.Log("c.req", "close");
      http::RequestOptions up = To(server);
      up.headers = {{"Connection", "Upgrade"}, {"Upgrade", "x"}};
      const auto u = http::Get(process.stack(), up);
      u->on.response([&](const Request&) { process.Log("c.up", "response"); });
      u->on.upgrade([&](const Request& r, const std::shared_ptr<Socket>& socket,
                        absl::string_view head) {
        process.Log("c.up", "upgrade ", r->status_code(), " ", Quoted(head));
        socket->on.data(
            [&](absl::string_view d) { process.Log("c.sock", "data ", d); });
        socket->on.end([&] { process.Log("c.sock", "end"); });
        socket->on.close([&](bool) { process.Log("c.sock", "close"); });
        socket->Write("raw");
      });
      u->on.close([&] { process.Log("c.up", "close"); });
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/44-http-expect-upgrade"));
}

TEST_P(V20HttpMoreCasesTimed, Case45Timeouts) {
  http::Server::Options options;
  options.headers_timeout = absl::Milliseconds(40);
  options.request_timeout = absl::Milliseconds(40);
  options.connections_checking_interval = absl::Milliseconds(20);
  options.keep_alive_timeout = absl::Milliseconds(30);
  const auto server = Serve(
      [&](const Request& q, const Response& r) {
        const std::string url = q->url();
        process.Log("server", "request ", url);
        if (url == "/ok") r->End("ok");
        r->on.close([&, url] { process.Log("s.res", "close ", url); });
      },
      options);
  std::string answer;
  const auto keep_alive = [&] {
    const auto ka = ConnectTo(server);
    Socket* const s = ka.get();
    s->on.connect([s] { s->Write("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n"); });
    s->on.data([&](absl::string_view d) {
      process.Log("ka", "data ", d.substr(0, d.find("\r\n")));
    });
    s->on.end(
        [&] { process.Log("ka", "end (idle keep-alive closed by server)"); });
    s->on.close([&](bool) { server->Close(); });
  };
  const auto half_head = [&] {
    const auto half = ConnectTo(server);
    Socket* const s = half.get();
    s->on.connect([s] { s->Write("GET / HTTP/1.1\r\nHost: x\r\n"); });
    s->on.data([&](absl::string_view d) { absl::StrAppend(&answer, d); });
    s->on.end([&] {
      process.Log("half", "end ", answer.substr(0, answer.find("\r\n")));
    });
    s->on.close([&](bool) {
      process.Log("half", "close");
      keep_alive();
    });
  };
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Get(process.stack(), To(server, "/slow"));
    http::ClientRequest* const p = q.get();
    q->SetTimeout(absl::Milliseconds(50),
                  [&] { process.Log("c.req", "setTimeout cb"); });
    q->on.timeout([&, p] {
      process.Log("c.req", "timeout destroyed=", Bool(p->destroyed()));
      p->Destroy();
    });
    WatchErrors(q, "c.req");
    q->on.close([&] {
      process.Log("c.req", "close");
      half_head();
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/45-http-timeouts"));
}

TEST_P(V20HttpMoreCasesTimed, Case50ServerCloseKeepAlive) {
  http::Agent::Options kept;
  kept.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), kept);
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->url());
    if (q->url() != "/busy") {
      r->End("i");
      return;
    }
    process.loop().SetTimeout(absl::Milliseconds(50), [&, r] {
      process.Log("server", "finish busy");
      r->End("b");
    });
  });
  const auto go = [&](const std::string& path, std::function<void()> ended) {
    http::RequestOptions options = To(server, path);
    options.agent = agent;
    const auto q =
        http::Get(process.stack(), options, [&, path, ended](const Request& r) {
          process.Log("c.res", path,
                      " connection=", *r->headers().Find("connection"));
          r->Resume();
          r->on.end([&, path, ended] {
            process.Log("c.res", path, " end");
            if (ended != nullptr) ended();
          });
        });
    q->on.socket([&, path](const std::shared_ptr<Socket>& socket) {
      socket->on.close.Once(
          [&, path](bool) { process.Log("c.sock", path, " close"); });
    });
  };
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    go("/busy", nullptr);
    go("/idle", [&] {
      process.loop().SetTimeout(absl::Milliseconds(10), [&] {
        process.Log("main", "server.close()");
        server->Close([&](const Error*) { process.Log("server", "close cb"); });
      });
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/50-http-server-close-keepalive"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V20HttpMoreCases, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V20HttpMoreCasesTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
