// What sockets and servers do in Node v0.1.96, event by event: its own
// programs, and what it printed.
#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

TEST_P(V0196Net, EchoesAndEndsBothWays) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.data([c](absl::string_view data) { c->Write(data); });
    c->on.end([&, c] {
      process.Log("srv.sock", "end()");
      c->End();
    });
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      process.Log("client", "write -> ", Bool(c->Write("hello")));
    });
    c->on.data([&, c](absl::string_view) {
      process.Log("client", "end()");
      c->End();
      process.Log("client", "readyState ", c->ready_state());
    });
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
      | write(fdB, 5) -> 5
  3 client   write -> true
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  4 server   connection
  5 srv.sock connect readyState=open
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 5
  6 srv.sock data "hello"
      | write(fdC, 5) -> 5
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
  7 client   drain
      | == loop iteration 4 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 5
  8 client   data "hello"
  9 client   end()
      | shutdown(fdB, write) -> 0
 10 client   readyState readOnly
      | == loop iteration 5 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
 11 srv.sock end readyState=writeOnly
 12 srv.sock end()
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | == loop iteration 6 (prepare)
      | -- tick: 1 callback(s)
 13 srv.sock close hadError=false readyState=closed
      | iowatcher#0.stop
      | close(fdA) -> 0
 14 server   close
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
 15 client   end readyState=closed
      | == loop iteration 7 (prepare)
      | -- tick: 1 callback(s)
 16 client   close hadError=false readyState=closed
 17 process  exit
)");
}

TEST_P(V0196Net, ReportsRefusalOneTickAfterThePoll) {
  const auto client = Connect(process.stack(), process.UnusedPort());
  process.Watch(client, "client");
  process.Log("client", "returned ", client->ready_state());
  process.loop().NextTick([&] { process.Log("main", "nextTick after"); });
  EXPECT_EQ(process.Run(), R"(      | nextTick queued
  1 client   returned opening
      | nextTick queued
      | == enter ev_loop
      | == loop iteration 1 (prepare)
      | -- tick: 2 callback(s)
      | socket(tcp4) -> fdA nonblock,cloexec
      | connect(fdA) -> EINPROGRESS
      | iowatcher#0.set(fdA,R)
      | iowatcher#1.set(fdA,W)
      | iowatcher#1.start (fdA W)
  2 main     nextTick after
      | ** watcher#1 fires on fdA W
      | getsockopt(fdA,SO_ERROR) -> ECONNREFUSED
      | iowatcher#1.stop
      | iowatcher#0.stop
      | close(fdA) -> 0
      | nextTick queued
      | == loop iteration 2 (prepare)
      | -- tick: 1 callback(s)
  3 client   error ECONNREFUSED syscall=connect
  4 client   close hadError=true readyState=opening
  5 process  exit
)");
}

TEST_P(V0196Net, ThrowsOnWriteAndIgnoresEndBeforeConnect) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([c] { c->End(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    try {
      c->Write("x");
    } catch (const Error& error) {
      process.Log("client", "write throws ", error.message());
    }
    c->End();
    process.Log("client", "end() ignored ", c->ready_state());
    c->on.connect([&, c] {
      process.Log("client", "end() for real");
      c->End();
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
  2 client   write throws Stream is not writable
  3 client   end() ignored opening
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
  4 client   connect readyState=open
  5 client   end() for real
      | shutdown(fdB, write) -> 0
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  6 server   connection
  7 srv.sock connect readyState=open
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
  8 srv.sock end readyState=writeOnly
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
  9 client   drain
      | == loop iteration 4 (prepare)
      | -- tick: 1 callback(s)
 10 srv.sock close hadError=false readyState=closed
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
 11 client   end readyState=closed
      | == loop iteration 5 (prepare)
      | -- tick: 1 callback(s)
 12 client   close hadError=false readyState=closed
      | iowatcher#0.stop
      | close(fdA) -> 0
 13 server   close
 14 process  exit
)");
}

// Node took the two watchers of the destroyed socket for the accepted one; here
// watchers are never used again: 3 and 4 instead of 2 and 1.
TEST_P(V0196Net, DestroysInConnect) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([c, s] {
      c->End();
      s->Close();
    });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->Write("x");
      process.Log("client", "destroy()");
      c->Destroy();
      process.Log("client", "readyState ", c->ready_state());
    });
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
      | write(fdB, 1) -> 1
  3 client   destroy()
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
  4 client   readyState closed
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  5 server   connection
  6 srv.sock connect readyState=open
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | -- tick: 1 callback(s)
  7 client   close hadError=false readyState=closed
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 1
  8 srv.sock data "x"
      | == loop iteration 4 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
  9 srv.sock end readyState=writeOnly
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | iowatcher#0.stop
      | close(fdA) -> 0
 10 server   close
      | == loop iteration 5 (prepare)
      | -- tick: 1 callback(s)
 11 srv.sock close hadError=false readyState=closed
 12 process  exit
)");
}

TEST_P(V0196Net, ThrowsOnWriteAfterEnd) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([c, s] {
      c->End();
      s->Close();
    });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->End("first");
      try {
        c->Write("second");
      } catch (const Error& error) {
        process.Log("client", "write throws ", error.message(), " ",
                    c->ready_state());
      }
      c->End();
      process.Log("client", "second end() ignored");
    });
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
      | write(fdB, 5) -> 5
      | shutdown(fdB, write) -> 0
  3 client   write throws Stream is not writable readOnly
  4 client   second end() ignored
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  5 server   connection
  6 srv.sock connect readyState=open
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 5
  7 srv.sock data "first"
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
  8 client   drain
      | == loop iteration 4 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
  9 srv.sock end readyState=writeOnly
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | iowatcher#0.stop
      | close(fdA) -> 0
 10 server   close
      | == loop iteration 5 (prepare)
      | -- tick: 1 callback(s)
 11 srv.sock close hadError=false readyState=closed
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
 12 client   end readyState=closed
      | == loop iteration 6 (prepare)
      | -- tick: 1 callback(s)
 13 client   close hadError=false readyState=closed
 14 process  exit
)");
}

TEST_P(V0196Net, StaysHalfOpenByDefault) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([&, c] {
      process.loop().SetTimeout(absl::Milliseconds(20), [&, c] {
        process.Log("srv.sock", "write after peer FIN -> ",
                    Bool(c->Write("late")));
        process.Log("srv.sock", "end()");
        c->End();
      });
    });
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->End("request");
      process.Log("client", "readyState ", c->ready_state());
    });
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
      | write(fdB, 7) -> 7
      | shutdown(fdB, write) -> 0
  3 client   readyState readOnly
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  4 server   connection
  5 srv.sock connect readyState=open
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 7
  6 srv.sock data "request"
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
  7 client   drain
      | == loop iteration 4 (prepare)
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
  8 srv.sock end readyState=writeOnly
      | == loop iteration 5 (prepare)
      | == loop iteration 6 (prepare)
      | write(fdC, 4) -> 4
  9 srv.sock write after peer FIN -> true
 10 srv.sock end()
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | == loop iteration 7 (prepare)
      | -- tick: 1 callback(s)
 11 srv.sock close hadError=false readyState=closed
      | iowatcher#0.stop
      | close(fdA) -> 0
 12 server   close
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 4
 13 client   data "late"
      | == loop iteration 8 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
 14 client   end readyState=closed
      | == loop iteration 9 (prepare)
      | -- tick: 1 callback(s)
 15 client   close hadError=false readyState=closed
 16 process  exit
)");
}

TEST_P(V0196Net, CallsBackInReverseOfTheKernelsOrder) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  int closed = 0;
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.data([&](absl::string_view data) {
      process.Log("srv.sock", "data ", data);
    });
    c->on.end([&, c] {
      process.Log("srv.sock", "end");
      c->End();
    });
    c->on.close([&, s](bool) {
      if (++closed == 5) s->Close();
    });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    for (int i = 1; i <= 5; ++i) {
      const auto client = Connect(process.stack(), s->address()->port);
      Socket* const c = client.get();
      const std::string name = absl::StrCat("client", i);
      c->on.connect([&, c, name, i] {
        process.Log(name, "connect");
        c->Write(absl::StrCat("from ", i));
        c->End();
      });
      c->on.close([&, name](bool) { process.Log(name, "close"); });
    }
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
      | nextTick queued
      | nextTick queued
      | nextTick queued
      | nextTick queued
      | == loop iteration 2 (prepare)
      | -- tick: 5 callback(s)
      | socket(tcp4) -> fdB nonblock,cloexec
      | connect(fdB) -> EINPROGRESS
      | iowatcher#1.set(fdB,R)
      | iowatcher#2.set(fdB,W)
      | iowatcher#2.start (fdB W)
      | socket(tcp4) -> fdC nonblock,cloexec
      | connect(fdC) -> EINPROGRESS
      | iowatcher#3.set(fdC,R)
      | iowatcher#4.set(fdC,W)
      | iowatcher#4.start (fdC W)
      | socket(tcp4) -> fdD nonblock,cloexec
      | connect(fdD) -> EINPROGRESS
      | iowatcher#5.set(fdD,R)
      | iowatcher#6.set(fdD,W)
      | iowatcher#6.start (fdD W)
      | socket(tcp4) -> fdE nonblock,cloexec
      | connect(fdE) -> EINPROGRESS
      | iowatcher#7.set(fdE,R)
      | iowatcher#8.set(fdE,W)
      | iowatcher#8.start (fdE W)
      | socket(tcp4) -> fdF nonblock,cloexec
      | connect(fdF) -> EINPROGRESS
      | iowatcher#9.set(fdF,R)
      | iowatcher#10.set(fdF,W)
      | iowatcher#10.start (fdF W)
      | ** watcher#10 fires on fdF W
      | getsockopt(fdF,SO_ERROR) -> 0
      | iowatcher#9.set(fdF,R)
      | iowatcher#9.start (fdF R)
  2 client5  connect
      | write(fdF, 6) -> 6
      | shutdown(fdF, write) -> 0
      | ** watcher#8 fires on fdE W
      | getsockopt(fdE,SO_ERROR) -> 0
      | iowatcher#7.set(fdE,R)
      | iowatcher#7.start (fdE R)
  3 client4  connect
      | write(fdE, 6) -> 6
      | shutdown(fdE, write) -> 0
      | ** watcher#6 fires on fdD W
      | getsockopt(fdD,SO_ERROR) -> 0
      | iowatcher#5.set(fdD,R)
      | iowatcher#5.start (fdD R)
  4 client3  connect
      | write(fdD, 6) -> 6
      | shutdown(fdD, write) -> 0
      | ** watcher#4 fires on fdC W
      | getsockopt(fdC,SO_ERROR) -> 0
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
  5 client2  connect
      | write(fdC, 6) -> 6
      | shutdown(fdC, write) -> 0
      | ** watcher#2 fires on fdB W
      | getsockopt(fdB,SO_ERROR) -> 0
      | iowatcher#1.set(fdB,R)
      | iowatcher#1.start (fdB R)
  6 client1  connect
      | write(fdB, 6) -> 6
      | shutdown(fdB, write) -> 0
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdG nonblock,cloexec
      | iowatcher#12.set(fdG,W)
      | iowatcher#11.set(fdG,R)
      | iowatcher#11.start (fdG R)
  7 server   connection
      | accept(fdA) -> fdH nonblock,cloexec
      | iowatcher#14.set(fdH,W)
      | iowatcher#13.set(fdH,R)
      | iowatcher#13.start (fdH R)
  8 server   connection
      | accept(fdA) -> fdI nonblock,cloexec
      | iowatcher#16.set(fdI,W)
      | iowatcher#15.set(fdI,R)
      | iowatcher#15.start (fdI R)
  9 server   connection
      | accept(fdA) -> fdJ nonblock,cloexec
      | iowatcher#18.set(fdJ,W)
      | iowatcher#17.set(fdJ,R)
      | iowatcher#17.start (fdJ R)
 10 server   connection
      | accept(fdA) -> fdK nonblock,cloexec
      | iowatcher#20.set(fdK,W)
      | iowatcher#19.set(fdK,R)
      | iowatcher#19.start (fdK R)
 11 server   connection
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#19 fires on fdK R
      | read(fdK) -> 6
 12 srv.sock data from 5
      | ** watcher#17 fires on fdJ R
      | read(fdJ) -> 6
 13 srv.sock data from 4
      | ** watcher#15 fires on fdI R
      | read(fdI) -> 6
 14 srv.sock data from 3
      | ** watcher#13 fires on fdH R
      | read(fdH) -> 6
 15 srv.sock data from 2
      | ** watcher#11 fires on fdG R
      | read(fdG) -> 6
 16 srv.sock data from 1
      | ** watcher#10 fires on fdF W
      | iowatcher#10.stop
      | ** watcher#8 fires on fdE W
      | iowatcher#8.stop
      | ** watcher#6 fires on fdD W
      | iowatcher#6.stop
      | ** watcher#4 fires on fdC W
      | iowatcher#4.stop
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
      | == loop iteration 4 (prepare)
      | ** watcher#19 fires on fdK R
      | read(fdK) -> 0
      | iowatcher#19.stop
 17 srv.sock end
      | iowatcher#20.stop
      | iowatcher#19.stop
      | close(fdK) -> 0
      | nextTick queued
      | ** watcher#17 fires on fdJ R
      | read(fdJ) -> 0
      | iowatcher#17.stop
 18 srv.sock end
      | iowatcher#18.stop
      | iowatcher#17.stop
      | close(fdJ) -> 0
      | nextTick queued
      | ** watcher#15 fires on fdI R
      | read(fdI) -> 0
      | iowatcher#15.stop
 19 srv.sock end
      | iowatcher#16.stop
      | iowatcher#15.stop
      | close(fdI) -> 0
      | nextTick queued
      | ** watcher#13 fires on fdH R
      | read(fdH) -> 0
      | iowatcher#13.stop
 20 srv.sock end
      | iowatcher#14.stop
      | iowatcher#13.stop
      | close(fdH) -> 0
      | nextTick queued
      | ** watcher#11 fires on fdG R
      | read(fdG) -> 0
      | iowatcher#11.stop
 21 srv.sock end
      | iowatcher#12.stop
      | iowatcher#11.stop
      | close(fdG) -> 0
      | nextTick queued
      | == loop iteration 5 (prepare)
      | -- tick: 5 callback(s)
      | iowatcher#0.stop
      | close(fdA) -> 0
 22 server   close
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | ** watcher#5 fires on fdD R
      | read(fdD) -> 0
      | iowatcher#5.stop
      | iowatcher#6.stop
      | iowatcher#5.stop
      | close(fdD) -> 0
      | nextTick queued
      | ** watcher#7 fires on fdE R
      | read(fdE) -> 0
      | iowatcher#7.stop
      | iowatcher#8.stop
      | iowatcher#7.stop
      | close(fdE) -> 0
      | nextTick queued
      | ** watcher#9 fires on fdF R
      | read(fdF) -> 0
      | iowatcher#9.stop
      | iowatcher#10.stop
      | iowatcher#9.stop
      | close(fdF) -> 0
      | nextTick queued
      | == loop iteration 6 (prepare)
      | -- tick: 5 callback(s)
 23 client1  close
 24 client2  close
 25 client3  close
 26 client4  close
 27 client5  close
 28 process  exit
)");
}

TEST_P(V0196Net, ReadsNothingWhilePaused) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->Write("one");
    process.loop().SetTimeout(absl::Milliseconds(20), [c] { c->Write("two"); });
    process.loop().SetTimeout(absl::Milliseconds(40), [&, c] {
      process.Log("srv.sock", "end()");
      c->End();
    });
    c->on.close([&, s](bool) {
      process.Log("srv.sock", "close");
      s->Close();
    });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.data.Once([&, c](absl::string_view) {
      c->Pause();
      process.Log("client", "pause()");
      process.loop().SetTimeout(absl::Milliseconds(100), [&, c] {
        process.Log("client", "resume()");
        c->Resume();
      });
    });
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
      | ** watcher#0 fires on fdA R
      | accept(fdA) -> fdC nonblock,cloexec
      | iowatcher#4.set(fdC,W)
      | iowatcher#3.set(fdC,R)
      | iowatcher#3.start (fdC R)
      | write(fdC, 3) -> 3
  3 server   connection
      | accept(fdA) -> EAGAIN
      | == loop iteration 3 (prepare)
      | ** watcher#2 fires on fdB W
      | iowatcher#2.stop
  4 client   drain
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 3
  5 client   data "one"
      | iowatcher#1.stop
  6 client   pause()
      | == loop iteration 4 (prepare)
      | == loop iteration 5 (prepare)
      | write(fdC, 3) -> 3
      | == loop iteration 6 (prepare)
  7 srv.sock end()
      | shutdown(fdC, write) -> 0
      | == loop iteration 7 (prepare)
  8 client   resume()
      | iowatcher#1.set(fdB,R)
      | iowatcher#1.start (fdB R)
      | == loop iteration 8 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 3
  9 client   data "two"
      | == loop iteration 9 (prepare)
      | ** watcher#1 fires on fdB R
      | read(fdB) -> 0
      | iowatcher#1.stop
 10 client   end readyState=writeOnly
      | iowatcher#2.stop
      | iowatcher#1.stop
      | close(fdB) -> 0
      | nextTick queued
      | == loop iteration 10 (prepare)
      | -- tick: 1 callback(s)
 11 client   close hadError=false readyState=closed
      | ** watcher#3 fires on fdC R
      | read(fdC) -> 0
      | iowatcher#3.stop
      | iowatcher#4.stop
      | iowatcher#3.stop
      | close(fdC) -> 0
      | nextTick queued
      | == loop iteration 11 (prepare)
      | -- tick: 1 callback(s)
 12 srv.sock close
      | iowatcher#0.stop
      | close(fdA) -> 0
 13 server   close
 14 process  exit
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Net, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
