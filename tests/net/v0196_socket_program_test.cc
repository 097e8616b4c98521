// What sockets and servers of Node v0.1.96 do in races and at their ends: who
// is told what, in which order, and what is thrown where.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

class V0196Socket : public PlainNetTest<loop::Discipline::kV0196> {
 protected:
  // Prints 'uncaughtException'.
  void LogUncaught() {
    process.loop().SetUncaughtHandler([this](std::exception_ptr thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const Error& error) {
        process.Log(
            "process", "uncaught ",
            error.syscall().empty() ? error.message() : Described(error));
      }
    });
  }
  // Runs `call`; prints what it throws.
  template <typename Call>
  void Try(absl::string_view what, Call call) {
    try {
      call();
      process.Log("main", what, " returns");
    } catch (const Error& error) {
      process.Log("main", what, " throws ", error.message());
    }
  }
  // A server whose sockets are printed and end when their clients do.
  std::shared_ptr<Server> Serve(std::function<void(Server*)> listening) {
    const auto server = Server::Create(process.stack());
    Server* const s = server.get();
    server->on.connection([this](const std::shared_ptr<Socket>& socket) {
      process.Watch(socket, "srv.sock");
      Socket* const c = socket.get();
      c->on.end([c] { c->End(); });
    });
    process.Watch(server, "server");
    server->Listen(0);
    server->on.listening([s, listening] { listening(s); });
    return server;
  }
};

// Those with timers run in virtual time only.
class V0196SocketTimed : public V0196Socket {};

// The kernel resets what waits in the queue of a listener that closes.
TEST_P(V0196Socket, LearnsInConnectOfAListenerThatHasClosed) {
  Serve([&](Server* s) {
    process.Watch(Connect(process.stack(), s->address()->port), "client");
    process.loop().NextTick([s] { s->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   close
  3 client   error ECONNRESET syscall=connect
  4 client   close hadError=true readyState=opening
  5 process  exit
)");
}

TEST_P(V0196Socket, IsDestroyedBetweenConnectAndItsAnswer) {
  Serve([&](Server* s) {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    process.loop().NextTick([&, client] {
      client->Destroy();
      process.Log("client", "destroy() ", client->ready_state());
    });
    client->on.close([s](bool) { s->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   destroy() opening
  3 server   connection
  4 srv.sock connect readyState=open
  5 client   close hadError=false readyState=opening
  6 server   close
  7 srv.sock end readyState=writeOnly
  8 srv.sock close hadError=false readyState=closed
  9 process  exit
)");
}

// Closed in the first 'connection': the loop ends there, and the two that are
// left in the queue are reset.
TEST_P(V0196Socket, ClosesTheListenerInAConnection) {
  Serve([&](Server* s) {
    s->on.connection([s](const std::shared_ptr<Socket>&) { s->Close(); });
    for (int i = 1; i <= 3; ++i) {
      const auto client = Connect(process.stack(), s->address()->port);
      process.Watch(client, absl::StrCat("client", i));
      Socket* const c = client.get();
      c->on.connect([c, i] {
        if (i == 1) c->End();
      });
      c->on.end([c] { c->End(); });
    }
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client3  connect readyState=open
  3 client2  connect readyState=open
  4 client1  connect readyState=open
  5 server   connection
  6 server   close
  7 srv.sock connect readyState=open
  8 srv.sock end readyState=writeOnly
  9 client3  drain
 10 client2  drain
 11 client1  drain
 12 srv.sock close hadError=false readyState=closed
 13 client3  error ECONNRESET syscall=read
 14 client3  close hadError=true readyState=closed
 15 client2  error ECONNRESET syscall=read
 16 client2  close hadError=true readyState=closed
 17 client1  end readyState=closed
 18 client1  close hadError=false readyState=closed
 19 process  exit
)");
}

// An exception in 'connection' leaves the loop of accept(2); the others are
// accepted at the next poll. The first never has its 'connect'.
TEST_P(V0196Socket, GoesOnAcceptingAfterAnException) {
  LogUncaught();
  int connections = 0;
  std::vector<std::shared_ptr<Socket>> clients;
  Serve([&](Server* s) {
    s->on.connection([&, s](const std::shared_ptr<Socket>&) {
      if (++connections == 1) throw Error("", "boom");
      s->Close();
      for (const auto& client : clients) client->Destroy();
    });
    for (int i = 0; i < 2; ++i) {
      clients.push_back(Connect(process.stack(), s->address()->port));
    }
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 process  uncaught boom
  4 server   connection
  5 server   close
  6 srv.sock connect readyState=open
  7 srv.sock end readyState=writeOnly
  8 srv.sock end readyState=writeOnly
  9 srv.sock close hadError=false readyState=closed
 10 srv.sock close hadError=false readyState=closed
 11 process  exit
)");
}

// An exception in 'connect' of an accepted socket destroys it.
TEST_P(V0196Socket, DestroysAnAcceptedSocketThatThrowsInConnect) {
  Serve([&](Server* s) {
    s->on.connection([](const std::shared_ptr<Socket>& socket) {
      socket->on.connect([] { throw Error("", "boom"); });
    });
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.end([c, s] {
      c->End();
      s->Close();
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 server   connection
  4 srv.sock connect readyState=open
  5 srv.sock error "boom"
  6 srv.sock close hadError=true readyState=closed
  7 client   drain
  8 client   end readyState=writeOnly
  9 server   close
 10 client   close hadError=false readyState=closed
 11 process  exit
)");
}

// The same object, three times; 'close' of the last one ends it.
TEST_P(V0196Socket, ConnectsAgainInClose) {
  Serve([&](Server* s) {
    s->on.connection(
        [](const std::shared_ptr<Socket>& socket) { socket->End("bye"); });
    const auto client = Socket::Create(process.stack());
    process.Watch(client, "client");
    Socket* const c = client.get();
    const uint16_t port = s->address()->port;
    c->on.end([c] { c->End(); });
    int times = 1;
    c->on.close([c, s, port, times](bool) mutable {
      if (times++ < 3) {
        c->Connect(port);
      } else {
        s->Close();
      }
    });
    c->Connect(port);
  });
  std::string expected = "  1 server   listening\n";
  int line = 1;
  const auto add = [&](absl::string_view text) {
    ++line;
    absl::StrAppend(&expected, line < 10 ? "  " : " ", line, " ", text, "\n");
  };
  for (int i = 0; i < 3; ++i) {
    add("client   connect readyState=open");
    add("server   connection");
    add("srv.sock connect readyState=readOnly");
    add("client   drain");
    add("client   data \"bye\"");
    add("client   end readyState=writeOnly");
    add("client   close hadError=false readyState=closed");
    if (i == 2) add("server   close");
    add("srv.sock end readyState=closed");
    add("srv.sock close hadError=false readyState=closed");
  }
  add("process  exit");
  EXPECT_EQ(process.Run(), expected);
}

// The first write to a socket that has closed goes; the reset that it brings
// fails the next. What end() is given cannot be written, and end() throws.
TEST_P(V0196SocketTimed, ThrowsFromAnEndWhoseWriteFails) {
  Serve([&](Server* s) {
    s->on.connection([s](const std::shared_ptr<Socket>& socket) {
      socket->Destroy();
      s->Close();
    });
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.end([&, c] {
      process.Log("client", "write ", Bool(c->Write("one")));
      After(process, 10, [&, c] {
        Try("end(data)", [&] { c->End("two"); });
        process.Log("client", "state ", c->ready_state());
        Try("write()", [&] { c->Write("three"); });
        Try("end()", [&] { c->End(); });
        Try("pause()", [&] { c->Pause(); });
        Try("resume()", [&] { c->Resume(); });
      });
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 server   connection
  4 server   close
  5 srv.sock connect readyState=closed
  6 srv.sock close hadError=false readyState=closed
  7 client   drain
  8 client   end readyState=writeOnly
  9 client   write true
 10 main     end(data) throws The connection is not writable
 11 client   state closed
 12 main     write() throws Stream is not writable
 13 main     end() returns
 14 main     pause() throws Cannot pause() closed Stream.
 15 main     resume() throws Cannot resume() closed Stream.
 16 client   error EPIPE syscall=write
 17 client   close hadError=true readyState=closed
 18 process  exit
)");
}

// Behind an end() that waits nothing can be written, not even by end().
TEST_P(V0196Socket, ThrowsForDataBehindAnEndThatWaits) {
  Serve([&](Server* s) {
    s->on.connection([s](const std::shared_ptr<Socket>&) { s->Close(); });
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    c->on.connect([&, c] {
      process.Log("client", "write ",
                  Bool(c->Write(std::string(8 << 20, 'x'))));
      c->End();
      Try("end(data)", [&] { c->End("y"); });
      Try("end()", [&] { c->End(); });
      process.Log("client", "flush ", Bool(c->Flush()), " ", c->ready_state());
      c->Destroy();
    });
  });
  const std::string text = process.Run();
  EXPECT_EQ(text.substr(0, text.find("  6 ")), R"(  1 server   listening
  2 client   write false
  3 main     end(data) throws Stream.close() called already; cannot write.
  4 main     end() returns
  5 client   flush false open
)");
}

// What closes with bytes that it has not read resets the connection: no 'end'.
TEST_P(V0196SocketTimed, IsResetByAPeerThatHasNotRead) {
  Serve([&](Server* s) {
    s->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
      socket->Pause();
      After(process, 5, [socket, s] {
        socket->Destroy();
        s->Close();
      });
    });
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([c] { c->Write("unread"); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 server   connection
  4 srv.sock connect readyState=open
  5 client   drain
  6 server   close
  7 srv.sock close hadError=false readyState=closed
  8 client   error ECONNRESET syscall=read
  9 client   close hadError=true readyState=closed
 10 process  exit
)");
}

// An address takes a tick, "localhost" none, and then all is done at once;
// without a host bind(2) comes inside listen(), and listen(2) in a tick.
TEST_P(V0196Socket, ListensInTheOrderOfItsTicks) {
  std::vector<std::shared_ptr<Server>> servers;
  for (const std::string name : {"ip", "any", "local"}) {
    const auto server = Server::Create(process.stack());
    servers.push_back(server);
    process.Watch(server, name);
    Server::ListenOptions options;
    if (name == "ip") options.host = "127.0.0.1";
    if (name == "local") options.host = "localhost";
    server->Listen(options);
    process.Log(name, "listen() returned, open ", Bool(server->listening()));
  }
  Try("listen()", [&] { servers[1]->Listen(0); });
  Try("close()", [&] { servers[0]->Close(); });
  process.loop().NextTick([&] {
    for (const auto& server : servers) server->Close();
  });
  EXPECT_EQ(process.Run(), R"(  1 ip       listen() returned, open false
  2 any      listen() returned, open true
  3 local    listening
  4 local    listen() returned, open true
  5 main     listen() throws Server already opened
  6 main     close() throws Not running
  7 ip       listening
  8 any      listening
  9 ip       close
 10 any      close
 11 local    close
 12 process  exit
)");
}

// flush() of an empty queue stops the watcher: the 'drain' after 'connect' does
// not come.
TEST_P(V0196SocketTimed, HasNoDrainAfterAFlush) {
  Serve([&](Server* s) {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([&, c, s] {
      c->Write("x");
      process.Log("client", "flush ", Bool(c->Flush()));
      After(process, 5, [c, s] {
        c->Destroy();
        s->Close();
      });
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   connect readyState=open
  3 client   flush true
  4 server   connection
  5 srv.sock connect readyState=open
  6 srv.sock data "x"
  7 server   close
  8 client   close hadError=false readyState=closed
  9 srv.sock end readyState=writeOnly
 10 srv.sock close hadError=false readyState=closed
 11 process  exit
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Socket, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V0196SocketTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
