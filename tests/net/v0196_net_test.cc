// What sockets and servers do in Node v0.1.96, event by event: its own
// programs, and what it printed.
#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

// With timers in them: a loaded machine's clock would have its say.
class V0196NetTimed : public V0196Net {};

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
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/02-echo-both-end.trace"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/02-echo-both-end.strace")));
}

TEST_P(V0196Net, ReportsRefusalOneTickAfterThePoll) {
  const auto client = Connect(process.stack(), process.UnusedPort());
  process.Watch(client, "client");
  process.Log("client", "returned ", client->ready_state());
  process.loop().NextTick([&] { process.Log("main", "nextTick after"); });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/03-connect-refused.trace"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/03-connect-refused.strace")));
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
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/05-early-end-and-write.trace"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/05-early-end-and-write.strace")));
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
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/09-write-after-end.trace"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/09-write-after-end.strace")));
}

TEST_P(V0196NetTimed, StaysHalfOpenByDefault) {
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
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/14-half-open.trace"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/14-half-open.strace")));
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
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/17-five-clients.trace"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/17-five-clients.strace")));
}

TEST_P(V0196NetTimed, ReadsNothingWhilePaused) {
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
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/20-pause-resume.trace"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/20-pause-resume.strace")));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Net, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V0196NetTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
