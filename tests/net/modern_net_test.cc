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
  EXPECT_EQ(process.Run(), Recorded("v20/01-echo-both-end.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/02-connect-refused-ip.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/05-server-closes-same-tick.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/07-client-ends-before-accept.out"));
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
  EXPECT_EQ(process.Run(),
            Recorded("v20/08-client-destroys-before-accept.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/10-write-after-end.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/11-write-after-peer-fin.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/13-reset.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/17-two-clients-race.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/21-pause-resume.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/22-half-open-server.out"));
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
  EXPECT_EQ(process.Run(), Recorded("v20/42-end-callbacks-order.out"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, ModernNet, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
