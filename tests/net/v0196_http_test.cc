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
  EXPECT_EQ(process.Run(), R"(      | socket(tcp4) -> fdA nonblock,cloexec
      | setsockopt(fdA,SO_REUSEADDR,1); bind(fdA, any) -> 0
      | nextTick queued
  1 main     listen() returned
      | nextTick queued
  2 main     createConnection() returned opening
      | == enter ev_loop
      | == loop iteration 1 (prepare)
      | -- tick: 2 callback(s)
      | listen(fdA, 128) -> 0
      | iowatcher#0.set(fdA,R)
      | iowatcher#0.start (fdA R)
  3 server   listening
      | socket(tcp4) -> fdB nonblock,cloexec
      | connect(fdB) -> EINPROGRESS
      | iowatcher#1.set(fdB,R)
      | iowatcher#2.set(fdB,W)
      | iowatcher#2.start (fdB W)
      | ** watcher#2 fires on fdB W
      | getsockopt(fdB,SO_ERROR) -> 0
      | iowatcher#1.set(fdB,R)
      | iowatcher#1.start (fdB R)
  4 client   connect readyState=open
      | write(fdB, 18) -> 18
  5 client   write -> true
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  6 server   connection
  7 s.sock   connect
      | accept(fdA) -> EAGAIN
      | == loop iteration 2 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 18
  8 server   request 1.0
      | write(fdC, 76) -> 76
  9 s.res    sent
      | shutdown(fdC, write) -> 0
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
 10 client   drain
      | == loop iteration 3 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 76
 11 client   data "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello world\n"
      | == loop iteration 4 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
 12 client   end readyState=writeOnly
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
      | iowatcher#0.stop
      | close(fdA) -> 0
 13 server   close
      | == loop iteration 5 (prepare)
      | -- tick: 1 callback(s)
 14 client   close hadError=false readyState=closed
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
 15 s.sock   end closed
      | == loop iteration 6 (prepare)
      | -- tick: 1 callback(s)
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
  EXPECT_EQ(process.Run(), R"(      | socket(tcp4) -> fdA nonblock,cloexec
      | setsockopt(fdA,SO_REUSEADDR,1); bind(fdA, any) -> 0
      | nextTick queued
      | == enter ev_loop
      | == loop iteration 1 (prepare)
      | -- tick: 1 callback(s)
      | listen(fdA, 128) -> 0
      | iowatcher#0.set(fdA,R)
      | iowatcher#0.start (fdA R)
  1 server   listening
      | nextTick queued
      | == loop iteration 2 (prepare)
      | -- tick: 1 callback(s)
      | socket(tcp4) -> fdB nonblock,cloexec
      | connect(fdB) -> EINPROGRESS
      | iowatcher#1.set(fdB,R)
      | iowatcher#2.set(fdB,W)
      | iowatcher#2.start (fdB W)
      | ** watcher#2 fires on fdB W
      | getsockopt(fdB,SO_ERROR) -> 0
      | iowatcher#1.set(fdB,R)
      | iowatcher#1.start (fdB R)
  2 client   connect readyState=open
      | write(fdB, 19) -> 19
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  3 server   connection
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 19
  4 server   request /1
      | write(fdC, 64) -> 64
  5 s.res    sent /1
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
  6 client   drain
      | == loop iteration 4 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 64
  7 client   data "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
      | write(fdB, 19) -> 19
      | == loop iteration 5 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 19
  8 server   request /2
      | write(fdC, 64) -> 64
  9 s.res    sent /2
      | == loop iteration 6 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 64
 10 client   data "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
 11 client   end()
      | shutdown(fdB, write) -> 0
      | == loop iteration 7 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | == loop iteration 8 (prepare)
      | -- tick: 1 callback(s)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
 12 client   end readyState=closed
      | == loop iteration 9 (prepare)
      | -- tick: 1 callback(s)
 13 client   close hadError=false readyState=closed
      | iowatcher#0.stop
      | close(fdA) -> 0
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
  EXPECT_EQ(process.Run(), R"(      | socket(tcp4) -> fdA nonblock,cloexec
      | setsockopt(fdA,SO_REUSEADDR,1); bind(fdA, any) -> 0
      | nextTick queued
      | == enter ev_loop
      | == loop iteration 1 (prepare)
      | -- tick: 1 callback(s)
      | listen(fdA, 128) -> 0
      | iowatcher#0.set(fdA,R)
      | iowatcher#0.start (fdA R)
  1 server   listening
      | nextTick queued
      | == loop iteration 2 (prepare)
      | -- tick: 1 callback(s)
      | socket(tcp4) -> fdB nonblock,cloexec
      | connect(fdB) -> EINPROGRESS
      | iowatcher#1.set(fdB,R)
      | iowatcher#2.set(fdB,W)
      | iowatcher#2.start (fdB W)
      | ** watcher#2 fires on fdB W
      | getsockopt(fdB,SO_ERROR) -> 0
      | iowatcher#1.set(fdB,R)
      | iowatcher#1.start (fdB R)
  2 client   connect readyState=open
      | write(fdB, 9) -> 9
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  3 server   connection
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 9
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
  4 client   drain
      | == loop iteration 4 (prepare)
      | -- tick: 1 callback(s)
  5 server   clientError "Parse Error"
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
  6 client   end readyState=writeOnly
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
      | == loop iteration 5 (prepare)
      | -- tick: 1 callback(s)
  7 client   close hadError=false readyState=closed
      | iowatcher#0.stop
      | close(fdA) -> 0
  8 server   close
  9 process  exit
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Net, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
