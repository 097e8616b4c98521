// What sockets and servers do in Node 20, event by event: its own programs, and
// what it printed.
#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

TEST_P(ModernNet, EchoesAndEndsBothWays) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.data([c](absl::string_view data) { c->Write(data); });
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    process.Log("client", "connect() returned readyState=", c->ready_state());
    c->on.connect([&, c] {
      process.Log("client", "write -> ", Bool(c->Write("hello")));
    });
    c->on.data([&, c](absl::string_view) {
      process.Log("client", "end()");
      c->End();
    });
  });
  process.Log("main", "listen() returned address=",
              server->address().has_value() ? "bound" : "null");
  EXPECT_EQ(process.Run(), R"(  1 main     listen() returned address=null
  2 server   listening
  3 client   connect() returned readyState=opening
  4 server   connection
  5 client   connect
  6 client   write -> true
  7 client   ready
  8 srv.sock data "hello"
  9 client   data "hello"
 10 client   end()
 11 client   finish
 12 srv.sock end readyState=writeOnly
 13 srv.sock finish
 14 srv.sock close hadError=false readyState=closed
 15 server   close
 16 client   end readyState=closed
 17 client   close hadError=false readyState=closed
 18 process  exit code=0
)");
}

TEST_P(ModernNet, ReportsRefusalBeforeImmediates) {
  const auto client =
      Connect(process.stack(), process.UnusedPort(), "127.0.0.1");
  Socket* const c = client.get();
  c->on.connection_attempt([&](const loop::Address& address) {
    process.Log("client", "connectionAttempt ", address.ip.ToString(),
                " family=4");
  });
  c->on.connection_attempt_failed(
      [&](const loop::Address& address, const Error& error) {
        process.Log("client", "connectionAttemptFailed ", address.ip.ToString(),
                    " family=4 ", Described(error));
      });
  process.Watch(client, "client");
  process.Log("client",
              "connect() returned connecting=", Bool(c->connecting()));
  c->Write("early", [&](const Error* error) {
    process.Log("client", "write cb ", Described(*error));
  });
  process.loop().NextTick([&] { process.Log("main", "nextTick"); });
  process.loop().SetImmediate([&] { process.Log("main", "setImmediate"); });
  EXPECT_EQ(process.Run(), R"(  1 client   connect() returned connecting=true
  2 client   connectionAttempt 127.0.0.1 family=4
  3 main     nextTick
  4 client   connectionAttemptFailed 127.0.0.1 family=4 ECONNREFUSED syscall=connect
  5 client   error ECONNREFUSED syscall=connect
  6 main     setImmediate
  7 client   close hadError=true readyState=closed
  8 client   write cb ERR_SOCKET_CLOSED_BEFORE_CONNECTION "Socket closed before the connection was established"
  9 process  exit code=0
)");
}

TEST_P(ModernNet, RefusesWhenTheListenerClosesInTheSameTick) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    process.Log("main", "server.close()");
    s->Close();
    (void)c;
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 main     server.close()
  3 server   close
  4 client   error ECONNREFUSED syscall=connect
  5 client   close hadError=true readyState=closed
  6 process  exit code=0
)");
}

TEST_P(ModernNet, EndsBeforeConnect) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->End("bye", [&](const Error*) { process.Log("client", "end cb"); });
    process.Log("client", "after end() readyState=", c->ready_state(),
                " writable=", Bool(c->writable()));
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   after end() readyState=opening writable=false
  3 server   connection
  4 client   connect
  5 client   ready
  6 client   end cb
  7 client   finish
  8 srv.sock data "bye"
  9 srv.sock end readyState=writeOnly
 10 srv.sock finish
 11 srv.sock close hadError=false readyState=closed
 12 server   close
 13 client   end readyState=closed
 14 client   close hadError=false readyState=closed
 15 process  exit code=0
)");
}

TEST_P(ModernNet, DestroysInConnect) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->Write("x");
      process.Log("client", "destroy()");
      c->Destroy();
      process.Log("client", "destroyed ", Bool(c->destroyed()));
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   destroy()
  5 client   destroyed true
  6 client   ready
  7 client   close hadError=false readyState=closed
  8 srv.sock data "x"
  9 srv.sock end readyState=writeOnly
 10 srv.sock finish
 11 srv.sock close hadError=false readyState=closed
 12 server   close
 13 process  exit code=0
)");
}

TEST_P(ModernNet, FailsWriteAfterEnd) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->End("first");
      const bool more = c->Write("second", [&](const Error* error) {
        process.Log("client", "write cb ", Described(*error));
      });
      process.Log("client", "write -> ", Bool(more));
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   write -> false
  5 client   ready
  6 client   write cb ERR_STREAM_WRITE_AFTER_END "write after end"
  7 client   error ERR_STREAM_WRITE_AFTER_END "write after end"
  8 client   close hadError=true readyState=closed
  9 srv.sock data "first"
 10 srv.sock end readyState=writeOnly
 11 srv.sock finish
 12 srv.sock close hadError=false readyState=closed
 13 server   close
 14 process  exit code=0
)");
}

TEST_P(ModernNet, FailsWriteAfterThePeersFin) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    process.Log("server", "end() on new socket");
    c->End();
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.end([&, c] {
      process.loop().SetImmediate([&, client = c->shared_from_this()] {
        const bool more = client->Write("late", [&](const Error* error) {
          process.Log("client", "write cb ", Described(*error));
        });
        process.Log("client", "write -> ", Bool(more),
                    " destroyed=", Bool(client->destroyed()));
      });
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   end() on new socket
  3 server   connection
  4 client   connect
  5 client   ready
  6 srv.sock finish
  7 client   end readyState=writeOnly
  8 client   finish
  9 client   write -> false destroyed=true
 10 client   write cb EPIPE "This socket has been ended by the other party"
 11 client   close hadError=false readyState=closed
 12 srv.sock end readyState=closed
 13 srv.sock close hadError=false readyState=closed
 14 server   close
 15 process  exit code=0
)");
}

TEST_P(ModernNet, ResetsAndDestroys) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.data([&, c](absl::string_view) {
      process.Log("srv.sock", "resetAndDestroy()");
      c->ResetAndDestroy();
    });
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([c] { c->Write("x"); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   ready
  5 srv.sock data "x"
  6 srv.sock resetAndDestroy()
  7 srv.sock close hadError=false readyState=closed
  8 server   close
  9 client   error ECONNRESET syscall=read
 10 client   close hadError=true readyState=closed
 11 process  exit code=0
)");
}

TEST_P(ModernNet, AcceptsOncePerReadinessInTheKernelsOrder) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  int closed = 0;
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.data([&](absl::string_view data) {
      process.Log("srv.sock", "data ", data);
    });
    c->on.end([&] { process.Log("srv.sock", "end"); });
    c->on.close([&, s](bool) {
      if (++closed == 5) s->Close();
    });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    for (int i = 1; i <= 5; ++i) {
      const auto client =
          Connect(process.stack(), s->address()->port, "127.0.0.1");
      Socket* const c = client.get();
      const std::string name = absl::StrCat("client", i);
      c->on.connect([&, c, name, i] {
        process.Log(name, "connect");
        c->End(absl::StrCat("from ", i));
      });
      c->on.close([&, name](bool) { process.Log(name, "close"); });
      c->Resume();
    }
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client1  connect
  4 client2  connect
  5 client3  connect
  6 client4  connect
  7 client5  connect
  8 server   connection
  9 srv.sock data from 1
 10 server   connection
 11 srv.sock end
 12 srv.sock data from 2
 13 server   connection
 14 srv.sock end
 15 srv.sock data from 3
 16 client1  close
 17 server   connection
 18 srv.sock end
 19 srv.sock data from 4
 20 client2  close
 21 srv.sock end
 22 srv.sock data from 5
 23 client3  close
 24 srv.sock end
 25 server   close
 26 client4  close
 27 client5  close
 28 process  exit code=0
)");
}

TEST_P(ModernNet, HoldsEndBackBehindUnreadData) {
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
    c->Resume();
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.data.Once([&, c](absl::string_view) {
      c->Pause();
      process.Log("client", "pause() isPaused=", Bool(c->paused()));
      process.loop().SetTimeout(absl::Milliseconds(100), [&, c] {
        process.Log("client", "resume() buffered=", c->readable_bytes());
        c->Resume();
        process.Log("client", "resume() returned");
      });
    });
    c->on.pause([&] { process.Log("client", "pause event"); });
    c->on.resume([&] { process.Log("client", "resume event"); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   resume event
  3 server   connection
  4 client   connect
  5 client   ready
  6 client   data "one"
  7 client   pause event
  8 client   pause() isPaused=true
  9 srv.sock end()
 10 client   resume() buffered=3
 11 client   resume() returned
 12 client   resume event
 13 client   data "two"
 14 client   end readyState=writeOnly
 15 client   finish
 16 srv.sock close
 17 server   close
 18 client   close hadError=false readyState=closed
 19 process  exit code=0
)");
}

TEST_P(ModernNet, WritesOnWhenHalfOpenIsAllowed) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server = Server::Create(process.stack(), half_open);
  Server* const s = server.get();
  int late = 0;
  std::optional<loop::Timer> timer;
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    timer.emplace(process.loop(), [&, c] {
      if (late < 3) {
        c->Write(absl::StrCat("late", late++));
      } else {
        timer->Stop();
        process.Log("srv.sock", "end()");
        c->End();
      }
    });
    c->on.end(
        [&] { timer->Start(absl::Milliseconds(10), absl::Milliseconds(10)); });
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->End("request");
      process.Log("client", "end() called readyState=", c->ready_state());
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   end() called readyState=readOnly
  5 client   ready
  6 client   finish
  7 srv.sock data "request"
  8 srv.sock end readyState=writeOnly
  9 client   data "late0"
 10 client   data "late1"
 11 client   data "late2"
 12 srv.sock end()
 13 srv.sock finish
 14 client   end readyState=closed
 15 client   close hadError=false readyState=closed
 16 srv.sock close hadError=false readyState=closed
 17 server   close
 18 process  exit code=0
)");
}

TEST_P(ModernNet, OrdersTheCallbacksOfWritesAndEnd) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->Write("a", [&](const Error*) { process.Log("client", "write cb a"); });
      c->Write("b", [&](const Error*) { process.Log("client", "write cb b"); });
      c->End("c", [&](const Error*) { process.Log("client", "end cb"); });
      process.Log("client",
                  "sync part done writableEnded=", Bool(c->writable_ended()),
                  " finished=", Bool(c->writable_finished()));
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   sync part done writableEnded=true finished=false
  5 client   ready
  6 client   write cb a
  7 client   write cb b
  8 client   end cb
  9 client   finish
 10 srv.sock data "abc"
 11 srv.sock end readyState=writeOnly
 12 srv.sock finish
 13 srv.sock close hadError=false readyState=closed
 14 server   close
 15 client   end readyState=closed
 16 client   close hadError=false readyState=closed
 17 process  exit code=0
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, ModernNet, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
