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
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 client   write -> true
  4 server   connection
  5 srv.sock connect readyState=open
  6 srv.sock data "hello"
  7 client   drain
  8 client   data "hello"
  9 client   end()
 10 client   readyState readOnly
 11 srv.sock end readyState=writeOnly
 12 srv.sock end()
 13 srv.sock close hadError=false readyState=closed
 14 server   close
 15 client   end readyState=closed
 16 client   close hadError=false readyState=closed
 17 process  exit
)");
}

TEST_P(V0196Net, ReportsRefusalOneTickAfterThePoll) {
  const auto client = Connect(process.stack(), process.UnusedPort());
  process.Watch(client, "client");
  process.Log("client", "returned ", client->ready_state());
  process.loop().NextTick([&] { process.Log("main", "nextTick after"); });
  EXPECT_EQ(process.Run(), R"(  1 client   returned opening
  2 main     nextTick after
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
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   write throws Stream is not writable
  3 client   end() ignored opening
  4 client   connect readyState=open
  5 client   end() for real
  6 server   connection
  7 srv.sock connect readyState=open
  8 srv.sock end readyState=writeOnly
  9 client   drain
 10 srv.sock close hadError=false readyState=closed
 11 client   end readyState=closed
 12 client   close hadError=false readyState=closed
 13 server   close
 14 process  exit
)");
}

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
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 client   destroy()
  4 client   readyState closed
  5 server   connection
  6 srv.sock connect readyState=open
  7 client   close hadError=false readyState=closed
  8 srv.sock data "x"
  9 srv.sock end readyState=writeOnly
 10 server   close
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
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 client   write throws Stream is not writable readOnly
  4 client   second end() ignored
  5 server   connection
  6 srv.sock connect readyState=open
  7 srv.sock data "first"
  8 client   drain
  9 srv.sock end readyState=writeOnly
 10 server   close
 11 srv.sock close hadError=false readyState=closed
 12 client   end readyState=closed
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
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 client   readyState readOnly
  4 server   connection
  5 srv.sock connect readyState=open
  6 srv.sock data "request"
  7 client   drain
  8 srv.sock end readyState=writeOnly
  9 srv.sock write after peer FIN -> true
 10 srv.sock end()
 11 srv.sock close hadError=false readyState=closed
 12 server   close
 13 client   data "late"
 14 client   end readyState=closed
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
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client5  connect
  3 client4  connect
  4 client3  connect
  5 client2  connect
  6 client1  connect
  7 server   connection
  8 server   connection
  9 server   connection
 10 server   connection
 11 server   connection
 12 srv.sock data from 5
 13 srv.sock data from 4
 14 srv.sock data from 3
 15 srv.sock data from 2
 16 srv.sock data from 1
 17 srv.sock end
 18 srv.sock end
 19 srv.sock end
 20 srv.sock end
 21 srv.sock end
 22 server   close
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
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 server   connection
  4 client   drain
  5 client   data "one"
  6 client   pause()
  7 srv.sock end()
  8 client   resume()
  9 client   data "two"
 10 client   end readyState=writeOnly
 11 client   close hadError=false readyState=closed
 12 srv.sock close
 13 server   close
 14 process  exit
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Net, testing::Values(LiveBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
