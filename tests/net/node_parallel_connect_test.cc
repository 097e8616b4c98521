// Of Node's own tests (test/parallel), those about connecting, resetting and
// turning away, each under its name there.
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

using NodeConnectTest = PlainNetTest<loop::Discipline::kModern>;

// test-net-server-max-connections, with 20 clients and a limit of 10.
TEST_P(NodeConnectTest, TestNetServerMaxConnections) {
  constexpr int kClients = 20;
  constexpr size_t kMost = 10;
  std::string got(kClients, '-');
  int closed = 0;
  std::vector<std::shared_ptr<Socket>> held;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) { socket->Write("hello"); },
      [&](uint16_t port) {
        for (size_t i = 0; i < kClients; ++i) {
          const auto client = To(process, port);
          Socket* const c = client.get();
          c->on.error([](const Error&) {});
          c->on.data([&, c, i](absl::string_view) {
            got[i] = '+';
            held.push_back(c->shared_from_this());
          });
          // Those that are served wait until the others are closed.
          c->on.close([&](bool) {
            if (++closed != kClients / 2) return;
            for (const auto& one : held) one->End();
            server->Close();
          });
        }
      });
  server->SetMaxConnections(kMost);
  process.Run();
  EXPECT_EQ(got, std::string(10, '+') + std::string(10, '-'));
}

// test-net-server-max-connections-close-makes-more-available.
TEST_P(NodeConnectTest, TestNetServerMaxConnectionsCloseMakesMoreAvailable) {
  std::string served;
  std::shared_ptr<Server> server;
  std::vector<std::shared_ptr<Socket>> clients(4);
  std::function<void(uint16_t, int)> open = [&](uint16_t port, int i) {
    const auto client = To(process, port);
    clients[static_cast<size_t>(i)] = client;
    client->on.error([](const Error&) {});
    client->on.data([&, i](absl::string_view) { absl::StrAppend(&served, i); });
    client->on.connect([&, port, i] {
      process.loop().SetTimeout(absl::Milliseconds(5), [&, port, i] {
        if (i == 1) clients[0]->End();
        process.loop().SetTimeout(absl::Milliseconds(5), [&, port, i] {
          if (i < 3) {
            open(port, i + 1);
          } else {
            for (const auto& one : clients) one->Destroy();
            server->Close();
          }
        });
      });
    });
  };
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) { socket->Write("x"); },
      [&](uint16_t port) { open(port, 0); });
  server->SetMaxConnections(1);
  process.Run();
  EXPECT_EQ(served, "02");
}

// test-net-server-drop-connections: 'drop' carries both addresses.
TEST_P(NodeConnectTest, TestNetServerDropConnections) {
  int drops = 0;
  std::shared_ptr<Server> server;
  server = Serve(process, {}, nullptr, [&](uint16_t port) {
    for (int i = 0; i < 2; ++i) {
      const auto client = To(process, port);
      client->on.error([](const Error&) {});
      client->on.end([&, client] { client->Destroy(); });
      client->Resume();
    }
  });
  std::shared_ptr<Socket> first;
  server->on.connection(
      [&](const std::shared_ptr<Socket>& socket) { first = socket; });
  server->on.drop([&](const Server::DroppedConnection& dropped) {
    ++drops;
    EXPECT_EQ(dropped.local.port, server->address()->port);
    EXPECT_EQ(dropped.local.ip.ToString(), "127.0.0.1");
    EXPECT_NE(dropped.remote.port, 0);
    first->End();
    server->Close();
  });
  server->SetMaxConnections(1);
  process.Run();
  EXPECT_EQ(drops, 1);
}

// test-net-server-reset: both clients get ECONNRESET, and the server 'close'.
TEST_P(NodeConnectTest, TestNetServerReset) {
  int resets = 0;
  bool closed = false;
  std::vector<std::shared_ptr<Socket>> sockets;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        sockets.push_back(socket);
        if (sockets.size() < 2) return;
        server->Close();
        for (const auto& one : sockets) one->ResetAndDestroy();
      },
      [&](uint16_t port) {
        for (int i = 0; i < 2; ++i) {
          To(process, port)->on.error([&](const Error& error) {
            EXPECT_EQ(error.code(), "ECONNRESET");
            ++resets;
          });
        }
      });
  server->on.close([&] { closed = true; });
  process.Run();
  EXPECT_EQ(resets, 2);
  EXPECT_TRUE(closed);
}

// test-net-connect-reset-until-connected.
TEST_P(NodeConnectTest, TestNetConnectResetUntilConnected) {
  std::string code;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        socket->on.error([&](const Error& error) {
          code = error.code() + " " + error.syscall();
        });
        socket->on.close([&](bool) { server->Close(); });
        socket->Resume();
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.connect([&, c] {
          process.loop().SetTimeout(absl::Milliseconds(5),
                                    [c] { c->ResetAndDestroy(); });
        });
      });
  process.Run();
  EXPECT_EQ(code, "ECONNRESET read");
}

// test-net-connect-reset-before-connected,
// test-net-connect-reset-after-destroy.
TEST_P(NodeConnectTest, TestNetConnectResetBeforeConnected) {
  std::string events;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        socket->on.error([](const Error&) {});
        socket->on.close([&](bool) { server->Close(); });
        socket->Resume();
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        client->on.connect([&] { events += "connect,"; });
        client->on.error([&](const Error& e) { events += e.code(); });
        client->on.close([&](bool) { events += "close,"; });
        client->ResetAndDestroy();
        EXPECT_FALSE(client->destroyed());
        const auto fresh = Socket::Create(process.stack());
        fresh->on.error([&](const Error& e) { events += e.code() + ","; });
        fresh->ResetAndDestroy();
      });
  process.Run();
  EXPECT_EQ(events, "ERR_SOCKET_CLOSED,connect,close,");
}

// test-net-connect-destroy, -after-destroy, -immediate-destroy: only 'close'.
TEST_P(NodeConnectTest, TestNetConnectDestroy) {
  std::string events;
  const auto client = Connect(process.stack(), 1, "slow.example");
  client->on.connect([&] { events += "connect,"; });
  client->on.error([&](const Error&) { events += "error,"; });
  client->on.close([&](bool) { events += "close,"; });
  client->Destroy();
  process.Run();
  EXPECT_EQ(events, "close,");
}

// test-net-server-close-before-calling-lookup-callback: it never listens.
TEST_P(NodeConnectTest, TestNetServerCloseBeforeCallingLookupCallback) {
  const auto server = Server::Create(process.stack());
  server->on.listening([] { ADD_FAILURE() << "it was closed"; });
  server->Listen(0, "localhost");
  server->Close();
  process.Run();
}

// test-net-autoselectfamily: families by turns; off: one address alone.
TEST_P(NodeConnectTest, TestNetAutoselectfamily) {
  ConnectOptions several;
  several.port = process.UnusedPort();
  several.host = "example.org";
  several.lookup = Answers(process, {"127.0.0.2", "::1", "127.0.0.3"});
  std::string attempts;
  const auto client = Connect(process.stack(), std::move(several));
  client->on.connection_attempt([&](const loop::Address& address) {
    absl::StrAppend(&attempts, address.ip.ToString(), ",");
  });
  std::string codes;
  client->on.error([&](const Error& error) {
    EXPECT_EQ(error.message(), "");
    for (const Error& one : error.errors()) {
      absl::StrAppend(&codes, one.message().substr(0, 20), ",");
    }
  });
  ConnectOptions off;
  off.port = process.UnusedPort();
  off.host = "example.org";
  off.auto_select_family = false;
  off.lookup = Answers(process, {"127.0.0.2", "::1"});
  const auto single = Connect(process.stack(), std::move(off));
  single->on.error([&](const Error& error) {
    EXPECT_TRUE(error.errors().empty());
    EXPECT_EQ(error.code(), "ECONNREFUSED");
    EXPECT_EQ(error.address(), "127.0.0.2");
  });
  process.Run();
  EXPECT_EQ(attempts, "127.0.0.2,::1,127.0.0.3,");
  EXPECT_EQ(codes,
            "connect ECONNREFUSED,connect ECONNREFUSED,connect ECONNREFUSED,");
}

// test-net-autoselectfamily-ipv4first: the resolver's first is the first.
TEST_P(NodeConnectTest, TestNetAutoselectfamilyIpv4first) {
  std::string attempts;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) { socket->End("v4"); },
      [&](uint16_t port) {
        ConnectOptions to;
        to.port = port;
        to.host = "example.org";
        to.lookup = Answers(process, {"127.0.0.1", "::1"});
        const auto client = Connect(process.stack(), std::move(to));
        Socket* const c = client.get();
        c->on.connection_attempt([&](const loop::Address& address) {
          attempts += address.ip.ToString();
        });
        c->on.data([](absl::string_view data) { EXPECT_EQ(data, "v4"); });
        c->on.close([&](bool) { server->Close(); });
      });
  process.Run();
  EXPECT_EQ(attempts, "127.0.0.1");
}

// test-net-connect-abort-controller: after connect, and the listener goes.
TEST_P(NodeConnectTest, TestNetConnectAbortController) {
  const auto signal = std::make_shared<AbortSignal>();
  std::string code;
  std::shared_ptr<Server> server;
  server = Serve(process, {}, nullptr, [&](uint16_t port) {
    ConnectOptions to;
    to.port = port;
    const auto client = Connect(process.stack(), std::move(to),
                                {.allow_half_open = false, .signal = signal});
    EXPECT_EQ(signal->abort.count(), 1);
    client->on.error([&](const Error& error) { code = error.code(); });
    client->on.close([&](bool) {
      EXPECT_EQ(signal->abort.count(), 0);
      server->Close();
    });
    signal->Abort();
  });
  process.Run();
  EXPECT_EQ(code, "ABORT_ERR");
}

// test-net-pipe-connect-errors: what a path is not.
TEST_P(NodeConnectTest, TestNetPipeConnectErrors) {
  std::string code;
  const auto client = ConnectPath(process.stack(), "./no/such/path.sock");
  client->on.error([&](const Error& error) {
    code = error.message();
    EXPECT_EQ(error.address(), "./no/such/path.sock");
  });
  process.Run();
  EXPECT_EQ(code, "connect ENOENT ./no/such/path.sock");
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeConnectTest, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
