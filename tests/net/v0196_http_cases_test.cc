// The recorded http programs of Node v0.1.96, in C++: they print what it
// printed. Where it printed an exception's text, code and system call are
// printed, and of an error of its parser "Parse Error".
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "net/http_old_client.h"
#include "net/http_server.h"
#include "tests/net/http_watch.h"
#include "tests/net/net_test.h"
#include "tests/net/recorded_case.h"

namespace simloop::net {
namespace {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

class V0196Http : public PlainNetTest<loop::Discipline::kV0196> {
 protected:
  std::shared_ptr<http::Server> Serve(http::Server::RequestListener listener) {
    auto server = http::Server::Create(process.stack(), std::move(listener));
    process.Watch(server->net(), "server");
    return server;
  }
  void WatchClientError(const std::shared_ptr<http::Server>& server) {
    server->on.client_error([this](const Error& error, const auto&) {
      process.Log(
          "server", "clientError ",
          error.syscall().empty() ? "\"Parse Error\"" : Described(error));
    });
  }
  void WatchClient(http::OldClient& client) {
    WatchEvent(process, client.on.connect, "c.sock", "connect ");
    WatchEvent(process, client.on.end, "c.sock", "end ");
    client.on.close([this](bool had_error) {
      process.Log("c.sock", "close ", Bool(had_error));
    });
  }
};

// Those with timers run in virtual time only.
class V0196HttpTimed : public V0196Http {};

TEST_P(V0196Http, Case01Blog) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->http_version());
    WatchEvent(process, r->on.sent, "s.res", "sent");
    r->WriteHead(200, {{"Content-Type", "text/plain"}});
    r->End("hello world\n");
  });
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    Socket* const s = socket.get();
    WatchEvent(process, s->on.connect, "s.sock", "connect");
    s->on.end([&, s] { process.Log("s.sock", "end ", s->ready_state()); });
    s->on.close([&](bool had) { process.Log("s.sock", "close ", Bool(had)); });
  });
  server->Listen(0);
  process.Log("main", "listen() returned");
  const auto client = Connect(process.stack(), server->address()->port);
  process.Watch(client, "client");
  Socket* const c = client.get();
  process.Log("main", "createConnection() returned ", c->ready_state());
  c->on.connect([&, c] {
    process.Log("client", "write -> ",
                Bool(c->Write("GET / HTTP/1.0\r\n\r\n")));
  });
  c->on.end([&, c] {
    c->End();
    server->Close();
  });
  EXPECT_EQ(process.Run(), RecordedLines("v0.1.96/01-blog"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/01-blog.strace")));
}

TEST_P(V0196Http, Case22KeepAliveRaw) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    const std::string url = q->url();
    process.Log("server", "request ", url);
    r->on.sent([&, url] { process.Log("s.res", "sent ", url); });
    r->WriteHead(200, {{"Content-Length", "2"}});
    r->End("ok");
  });
  server->Listen(0);
  int chunks = 0;
  server->on.listening([&] {
    const auto client = Connect(process.stack(), server->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([c] { c->Write("GET /1 HTTP/1.1\r\n\r\n"); });
    c->on.data([&, c](absl::string_view) {
      if (chunks++ == 0) {
        c->Write("GET /2 HTTP/1.1\r\n\r\n");
      } else {
        process.Log("client", "end()");
        c->End();
      }
    });
    c->on.close([&](bool) { server->Close(); });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v0.1.96/22-http-keepalive-raw"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/22-http-keepalive-raw.strace")));
}

TEST_P(V0196Http, Case24ClientTwoRequests) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->url(), " ",
                *q->headers().Find("connection"));
    r->WriteHead(200, {{"Content-Type", "text/plain"}});
    r->Write("hel");
    r->End(absl::StrCat("lo", q->url()));
  });
  server->Listen(0);
  std::shared_ptr<http::OldClient> client;
  int done = 0;
  server->on.listening([&] {
    client = http::OldClient::Create(process.stack(), server->address()->port);
    WatchClient(*client);
    WatchEvent(process, client->on.drain, "c.sock", "drain ");
    for (const std::string url : {"/a", "/b"}) {
      const auto q = client->Request("GET", url);
      WatchEvent(process, q->on.sent, "c.req", absl::StrCat("sent ", url));
      q->on.response([&, url](const Request& r) {
        process.Log("c.req", "response ", url, " ",
                    *r->headers().Find("connection"), " ",
                    *r->headers().Find("transfer-encoding"));
        r->on.data(
            [&](absl::string_view d) { process.Log("c.res", "data ", d); });
        r->on.end([&, url] {
          process.Log("c.res", "end ", url);
          if (++done == 2) server->Close();
        });
      });
      q->End();
    }
  });
  EXPECT_EQ(process.Run(),
            RecordedLines("v0.1.96/24-http-client-two-requests"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/24-http-client-two-requests.strace")));
}

TEST_P(V0196Http, Case26Malformed) {
  const auto server = Serve([&](const Request&, const Response&) {
    process.Log("server", "request");
  });
  WatchClientError(server);
  server->Listen(0);
  server->on.listening([&] {
    const auto client = Connect(process.stack(), server->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([c] { c->Write("BOGUS\r\n\r\n"); });
    c->on.close([&](bool) { server->Close(); });
    c->on.end([c] { c->End(); });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v0.1.96/26-http-malformed"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/26-http-malformed.strace")));
}

TEST_P(V0196Http, Case27Upgrade) {
  constexpr absl::string_view kUpgrade =
      "GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
  const auto server = Serve([&](const Request&, const Response&) {
    process.Log("server", "request");
  });
  server->on.upgrade([&](const Request&, const std::shared_ptr<Socket>& socket,
                         absl::string_view head) {
    process.Log("server", "upgrade ", Quoted(head));
    Socket* const s = socket.get();
    s->Write("HTTP/1.1 101 X\r\n\r\n");
    s->on.data([&, s](absl::string_view d) {
      process.Log("s.sock", "data ", d);
      s->End();
    });
  });
  server->Listen(0);
  bool wrote = false;
  const auto without_listener = [&] {
    server->on.upgrade.Clear();
    const auto second = Connect(process.stack(), server->address()->port);
    process.Watch(second, "client2");
    Socket* const d = second.get();
    d->on.connect([d, kUpgrade] { d->Write(kUpgrade); });
    d->on.end([d] { d->End(); });
    d->on.close([&](bool) { server->Close(); });
  };
  server->on.listening([&] {
    const auto client = Connect(process.stack(), server->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect(
        [c, kUpgrade] { c->Write(absl::StrCat(kUpgrade, "HEAD-BYTES")); });
    c->on.data([&, c](absl::string_view) {
      if (!std::exchange(wrote, true)) c->Write("raw");
    });
    c->on.end([c] { c->End(); });
    c->on.close([&](bool) { without_listener(); });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v0.1.96/27-http-upgrade"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/27-http-upgrade.strace")));
}

TEST_P(V0196HttpTimed, Case36ClientAborts) {
  std::optional<loop::Timer> timer;
  std::shared_ptr<http::Server> server;
  server = Serve([&](const Request& q, const Response& r) {
    WatchEvent(process, q->on.end, "s.req", "end");
    Socket* const s = q->socket().get();
    s->on.end([&, s] { process.Log("s.sock", "end ", s->ready_state()); });
    s->on.close([&](bool had_error) {
      process.Log("s.sock", "close ", Bool(had_error));
      timer.reset();
      server->Close();
    });
    r->WriteHead(200);
    r->Write("chunk0");
    r->Write("chunk1");
    timer.emplace(process.loop(), [&, r] {
      process.Log("s.res", "write");
      r->Write("x");
    });
    timer->Start(absl::Milliseconds(20), absl::Milliseconds(20));
  });
  WatchClientError(server);
  server->Listen(0);
  std::shared_ptr<http::OldClient> client;
  server->on.listening([&] {
    client = http::OldClient::Create(process.stack(), server->address()->port);
    WatchClient(*client);
    client->on.error([&](const Error& error) {
      process.Log("c.sock", "error ", Described(error));
    });
    const auto q = client->Request("GET", "/");
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      r->on.data([&](absl::string_view d) {
        process.Log("c.res", "data ", d);
        if (client->ready_state() == "closed") return;
        process.Log("c", "destroy()");
        client->Destroy();
      });
      WatchEvent(process, r->on.end, "c.res", "end");
    });
    q->End();
  });
  EXPECT_EQ(process.Run(), RecordedLines("v0.1.96/36-http-client-aborts"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/36-http-client-aborts.strace")));
}

TEST_P(V0196Http, Case39ClientAfterRefused) {
  const auto client =
      http::OldClient::Create(process.stack(), process.UnusedPort());
  http::OldClient* const c = client.get();
  c->on.error([&](const Error& error) {
    process.Log("c.sock", "error ", Described(error));
  });
  c->on.close([&, c](bool had_error) {
    process.Log("c.sock", "close ", Bool(had_error), " ", c->ready_state());
    const auto second = c->Request("GET", "/2");
    second->on.response(
        [&](const Request&) { process.Log("c.req", "response"); });
    second->End();
    process.Log("c", "second request queued ", c->ready_state());
  });
  c->Request("GET", "/1")->End();
  EXPECT_EQ(process.Run(),
            RecordedLines("v0.1.96/39-http-client-after-refused"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/39-http-client-after-refused.strace")));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Http, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V0196HttpTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
