// Of Node's own tests (test/parallel), those about how sockets and servers end,
// each under its name there.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/node_parallel.h"

namespace simloop::net {
namespace {

using NodeCloseTest = PlainNetTest<loop::Discipline::kModern>;

void Ignore(const Error&) {}

// test-net-after-close: every accessor is harmless after 'close'.
TEST_P(NodeCloseTest, TestNetAfterClose) {
  bool looked = false;
  const auto server = Serve(
      process, {}, [](const std::shared_ptr<Socket>& socket) { socket->End(); },
      [&](uint16_t port) {
        const auto client = To(process, port);
        client->Resume();
        client->on.close([&, client](bool) {
          client->SetNoDelay(true);
          client->SetKeepAlive(true);
          EXPECT_EQ(client->readable_bytes(), 0u);
          client->Pause();
          client->Resume();
          EXPECT_FALSE(client->local_address().has_value());
          EXPECT_FALSE(client->remote_address().has_value());
          EXPECT_EQ(client->bytes_written(), 0u);
          client->Ref();
          client->Unref();
          looked = true;
        });
      });
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    socket->on.close([&](bool) { server->Close(); });
  });
  process.Run();
  EXPECT_TRUE(looked);
}

// test-net-bind-twice, test-net-eaddrinuse: only the second gets EADDRINUSE.
TEST_P(NodeCloseTest, TestNetBindTwice) {
  std::string code;
  const auto second = Server::Create(process.stack());
  std::shared_ptr<Server> first;
  first = Serve(process, {}, nullptr, [&](uint16_t port) {
    second->on.listening([] { ADD_FAILURE() << "it cannot listen"; });
    second->on.error([&, port](const Error& error) {
      code = error.code();
      EXPECT_EQ(error.syscall(), "listen");
      EXPECT_EQ(error.address(), "127.0.0.1");
      EXPECT_EQ(error.port(), port);
      EXPECT_EQ(error.message(),
                absl::StrCat("listen EADDRINUSE: address already in use "
                             "127.0.0.1:",
                             port));
      first->Close();
    });
    second->Listen(port, "127.0.0.1");
  });
  process.Run();
  EXPECT_EQ(code, "EADDRINUSE");
}

// test-net-server-try-ports: the same object listens elsewhere afterwards.
TEST_P(NodeCloseTest, TestNetServerTryPorts) {
  bool listens = false;
  const auto second = Server::Create(process.stack());
  std::shared_ptr<Server> first;
  first = Serve(process, {}, nullptr, [&](uint16_t port) {
    second->on.error([&](const Error& error) {
      EXPECT_EQ(error.code(), "EADDRINUSE");
      second->Listen(0, "127.0.0.1");
    });
    second->on.listening([&] {
      listens = true;
      second->Close();
      first->Close();
    });
    second->Listen(port, "127.0.0.1");
  });
  process.Run();
  EXPECT_TRUE(listens);
}

// test-net-listen-close-server: neither 'listening' nor 'error'.
TEST_P(NodeCloseTest, TestNetListenCloseServer) {
  const auto server = Server::Create(process.stack());
  server->on.listening([] { ADD_FAILURE() << "it was closed"; });
  server->on.error([](const Error&) { ADD_FAILURE() << "it was closed"; });
  server->Listen(0);
  server->Close();
  process.Run();
}

// test-net-listen-error: an address that is not ours.
TEST_P(NodeCloseTest, TestNetListenError) {
  std::string message;
  const auto server = Server::Create(process.stack());
  server->on.listening([] { ADD_FAILURE() << "it cannot listen"; });
  server->on.error([&](const Error& error) { message = error.message(); });
  server->Listen(1, "198.51.100.1");
  process.Run();
  EXPECT_EQ(message,
            "listen EADDRNOTAVAIL: address not available 198.51.100.1:1");
}

// test-net-during-close: accessors of a socket that connects do not throw.
TEST_P(NodeCloseTest, TestNetDuringClose) {
  std::shared_ptr<Server> server;
  server = Serve(
      process, {}, [](const std::shared_ptr<Socket>& socket) { socket->End(); },
      [&](uint16_t port) {
        const auto client = To(process, port);
        client->on.error(Ignore);
        server->Close();
        EXPECT_FALSE(client->remote_address().has_value());
        EXPECT_EQ(client->ready_state(), "opening");
        EXPECT_TRUE(client->pending());
      });
  process.Run();
}

// test-net-end-without-connect: nothing happens.
TEST_P(NodeCloseTest, TestNetEndWithoutConnect) {
  const auto socket = Socket::Create(process.stack());
  socket->on.error([](const Error&) { ADD_FAILURE() << "an error"; });
  socket->End();
  EXPECT_FALSE(socket->writable());
  process.Run();
}

// test-net-connect-immediate-finish: an unknown name, and an end at once.
TEST_P(NodeCloseTest, TestNetConnectImmediateFinish) {
  int errors = 0;
  const auto client = Connect(process.stack(), 80, "this.hostname.is.invalid");
  client->on.error([&](const Error& error) {
    ++errors;
    EXPECT_EQ(error.code(), "ENOTFOUND");
    EXPECT_EQ(error.syscall(), "getaddrinfo");
    EXPECT_EQ(error.message(),
              "getaddrinfo ENOTFOUND this.hostname.is.invalid");
  });
  client->End();
  process.Run();
  EXPECT_EQ(errors, 1);
}

// test-net-reconnect-error: 51 'error', 51 'close', never 'connect'.
TEST_P(NodeCloseTest, TestNetReconnectError) {
  int errors = 0;
  int closes = 0;
  const uint16_t port = process.UnusedPort();
  const auto client = To(process, port);
  Socket* const c = client.get();
  c->on.connect([] { ADD_FAILURE() << "nobody listens"; });
  c->on.error([&](const Error& error) {
    ++errors;
    EXPECT_EQ(error.message(),
              absl::StrCat("connect ECONNREFUSED 127.0.0.1:", port));
  });
  c->on.close([&, c, port](bool had_error) {
    EXPECT_TRUE(had_error);
    if (++closes <= 50) c->Connect(port, "127.0.0.1");
  });
  process.Run();
  EXPECT_EQ(errors, 51);
  EXPECT_EQ(closes, 51);
}

// test-net-socket-destroy-twice: one 'error', one 'close'.
TEST_P(NodeCloseTest, TestNetSocketDestroyTwice) {
  int errors = 0;
  int closes = 0;
  const auto client = To(process, process.UnusedPort());
  Socket* const c = client.get();
  c->on.error([&, c](const Error&) {
    ++errors;
    c->Destroy();
  });
  c->on.close([&](bool) { ++closes; });
  process.Run();
  EXPECT_EQ(errors, 1);
  EXPECT_EQ(closes, 1);
}

// test-net-error-twice: 10 MB to a peer that has gone: one 'error'.
TEST_P(NodeCloseTest, TestNetErrorTwice) {
  int errors = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.error([&](const Error&) { ++errors; });
        process.loop().SetTimeout(absl::Milliseconds(50), [c, socket] {
          c->Write(std::string(10 << 20, 'C'));
        });
        c->on.close([&](bool) { server->Close(); });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.connect([c] { c->Destroy(); });
      });
  process.Run();
  EXPECT_LE(errors, 1);
}

// test-net-GH-5504: a peer that dies amid 64 MB: no hang, whether the end or
// the reset comes first.
TEST_P(NodeCloseTest, TestNetGh5504) {
  int closed = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        socket->on.error(Ignore);
        socket->Write(std::string(64 << 20, 'x'));
        socket->on.close([&](bool) {
          ++closed;
          server->Close();
        });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.data([c](absl::string_view) { c->Destroy(); });
        c->on.close([&](bool) { ++closed; });
      });
  process.Run();
  EXPECT_EQ(closed, 2);
}

// test-net-server-close: two sockets destroyed after server.close().
TEST_P(NodeCloseTest, TestNetServerClose) {
  std::string events;
  std::vector<std::shared_ptr<Socket>> sockets;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        sockets.push_back(socket);
        if (sockets.size() < 2) return;
        server->Close();
        for (const auto& one : sockets) one->Destroy();
      },
      [&](uint16_t port) {
        for (int i = 0; i < 2; ++i) {
          const auto client = To(process, port);
          client->on.close([&](bool) { events += "c"; });
        }
      });
  server->on.close([&] { events += "S"; });
  process.Run();
  EXPECT_EQ(std::count(events.begin(), events.end(), 'c'), 2);
  EXPECT_EQ(std::count(events.begin(), events.end(), 'S'), 1);
}

// test-net-write-after-close: 'error' and callback.
TEST_P(NodeCloseTest, TestNetWriteAfterClose) {
  int errors = 0;
  std::string code;
  std::shared_ptr<Server> server;
  std::shared_ptr<Socket> held;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        held = socket;
        socket->Resume();
        socket->on.error([&](const Error&) { ++errors; });
        socket->on.end([&] {
          // Its own end is on its way: write after it.
          process.loop().SetImmediate([&] {
            held->Write("test",
                        [&](const Error* error) { code = error->code(); });
          });
        });
        socket->on.close([&](bool) { server->Close(); });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.connect([c] { c->End(); });
      });
  process.Run();
  EXPECT_TRUE(code == "EPIPE" || code == "ERR_STREAM_DESTROYED") << code;
  EXPECT_LE(errors, 1);
}

// test-net-write-after-end-nt: false at once, 'error' in the next tick.
TEST_P(NodeCloseTest, TestNetWriteAfterEndNt) {
  bool in_tick = false;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {}, [](const std::shared_ptr<Socket>& socket) { socket->End(); },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.connect([&, c] {
          c->on.end([&, c] {
            const auto tick = std::make_shared<bool>(false);
            process.loop().NextTick([tick] { *tick = true; });
            EXPECT_FALSE(c->Write("hello", [](const Error* error) {
              EXPECT_EQ(error->code(), "EPIPE");
            }));
            EXPECT_FALSE(*tick);
          });
          c->on.error([&](const Error& error) {
            EXPECT_EQ(error.code(), "EPIPE");
            EXPECT_EQ(error.message(),
                      "This socket has been ended by the other party");
            in_tick = true;
            server->Close();
          });
          c->End();
        });
        c->Resume();
      });
  process.Run();
  EXPECT_TRUE(in_tick);
}

// test-net-write-cb-on-destroy-before-connect.
TEST_P(NodeCloseTest, TestNetWriteCbOnDestroyBeforeConnect) {
  std::string code;
  std::shared_ptr<Server> server;
  server = Serve(process, {}, nullptr, [&](uint16_t port) {
    const auto client = To(process, port);
    client->on.connect([] { ADD_FAILURE() << "it was destroyed"; });
    client->Write("data", [&](const Error* error) {
      code = error->code();
      server->Close();
    });
    client->Destroy();
  });
  process.Run();
  EXPECT_EQ(code, "ERR_SOCKET_CLOSED_BEFORE_CONNECTION");
}

// test-net-end-close, test-net-end-destroyed.
TEST_P(NodeCloseTest, TestNetEndClose) {
  std::string events;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) { socket->End("Goodbye"); },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.end([&, c] {
          EXPECT_FALSE(c->destroyed());
          events += "end,";
        });
        c->on.close([&](bool) {
          events += "close";
          server->Close();
        });
        c->Resume();
      });
  process.Run();
  EXPECT_EQ(events, "end,close");
}

// test-net-socket-end-before-connect: 'close' still comes.
TEST_P(NodeCloseTest, TestNetSocketEndBeforeConnect) {
  bool closed = false;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) { socket->Resume(); },
      [&](uint16_t port) {
        const auto client = To(process, port);
        client->End();
        client->Resume();
        client->on.close([&](bool) {
          closed = true;
          server->Close();
        });
      });
  process.Run();
  EXPECT_TRUE(closed);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeCloseTest, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
