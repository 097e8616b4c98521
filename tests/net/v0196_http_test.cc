// What the http server does in Node v0.1.96, event by event: its own programs,
// and what it printed.
#include "gtest/gtest.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/http_watch.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

TEST_P(V0196Net, AnswersTheAnatomyOfANetConnection) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& request, const Response& response) {
        process.Log("server", "request ", request->http_version());
        WatchEvent(process, response->on.sent, "s.res", "sent");
        response->WriteHead(200, {{"Content-Type", "text/plain"}});
        response->End("hello world\n");
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    WatchEvent(process, c->on.connect, "s.sock", "connect");
    c->on.end([&, c] { process.Log("s.sock", "end ", c->ready_state()); });
    c->on.close([&](bool had_error) {
      process.Log("s.sock", "close ", Bool(had_error));
    });
  });
  server->Listen(0);
  process.Log("main", "listen() returned");
  const auto client = Connect(process.stack(), server->address()->port);
  Socket* const c = client.get();
  process.Watch(client, "client");
  process.Log("main", "createConnection() returned ", c->ready_state());
  c->on.connect([&, c] {
    process.Log("client", "write -> ",
                Bool(c->Write("GET / HTTP/1.0\r\n\r\n")));
  });
  c->on.end([c, s] {
    c->End();
    s->Close();
  });
  EXPECT_EQ(process.Run(), R"(  1 main     listen() returned
  2 main     createConnection() returned opening
  3 server   listening
  4 client   connect readyState=open
  5 client   write -> true
  6 server   connection
  7 s.sock   connect
  8 server   request 1.0
  9 s.res    sent
 10 client   drain
 11 client   data "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello world\n"
 12 client   end readyState=writeOnly
 13 server   close
 14 client   close hadError=false readyState=closed
 15 s.sock   end closed
 16 s.sock   close false
 17 process  exit
)");
}

TEST_P(V0196Net, KeepsAConnectionForTheNextRequest) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& request, const Response& response) {
        process.Log("server", "request ", request->url());
        WatchEvent(process, response->on.sent, "s.res",
                   absl::StrCat("sent ", request->url()));
        response->WriteHead(200, {{"Content-Length", "2"}});
        response->End("ok");
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->Listen(0);
  int chunks = 0;
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([c] { c->Write("GET /1 HTTP/1.1\r\n\r\n"); });
    c->on.data([&, c](absl::string_view) {
      if (chunks++ == 0) {
        c->Write("GET /2 HTTP/1.1\r\n\r\n");
      } else {
        process.Log("client", "end()");
        c->End();
      }
    });
    c->on.close([s](bool) { s->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 server   connection
  4 server   request /1
  5 s.res    sent /1
  6 client   drain
  7 client   data "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
  8 server   request /2
  9 s.res    sent /2
 10 client   data "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
 11 client   end()
 12 client   end readyState=closed
 13 client   close hadError=false readyState=closed
 14 server   close
 15 process  exit
)");
}

TEST_P(V0196Net, ClosesWhatIsNoRequest) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request&, const Response&) {
        process.Log("server", "request");
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->on.client_error([&](const Error&, const std::shared_ptr<Socket>&) {
    process.Log("server", "clientError \"Parse Error\"");
  });
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([c] { c->Write("BOGUS\r\n\r\n"); });
    c->on.close([s](bool) { s->Close(); });
    c->on.end([c] { c->End(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 server   connection
  4 client   drain
  5 server   clientError "Parse Error"
  6 client   end readyState=writeOnly
  7 client   close hadError=false readyState=closed
  8 server   close
  9 process  exit
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Net, testing::Values(LiveBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
