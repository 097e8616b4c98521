// Idle timeouts in both Nodes, by programs of theirs, in virtual time.
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using V0196Timeouts = PlainNetTest<loop::Discipline::kV0196>;
using ModernTimeouts = PlainNetTest<loop::Discipline::kModern>;

TEST_P(V0196Timeouts, EmitsTimeoutOnce) {
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
    c->SetTimeout(absl::Milliseconds(60));
    c->on.connect([&, c] {
      process.loop().SetTimeout(absl::Milliseconds(40), [&, c] {
        process.Log("client", "write at 40");
        c->Write("k");
      });
      process.loop().SetTimeout(absl::Milliseconds(80),
                                [&] { process.Log("main", "at 80"); });
      process.loop().SetTimeout(absl::Milliseconds(250), [&, c] {
        process.Log("main", "at 250: only one timeout");
        c->End();
      });
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/16-timeout.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/16-timeout.strace")));
}

TEST_P(V0196Timeouts, IgnoresATimeoutOfZero) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
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
      c->SetTimeout(absl::Milliseconds(30));
      c->SetTimeout(absl::ZeroDuration());
      process.loop().SetTimeout(absl::Milliseconds(120), [c] { c->End(); });
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/33-settimeout-0.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/33-settimeout-0.strace")));
}

TEST_P(V0196Timeouts, StartsNoSecondTimeoutByActivity) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.end([c, s] {
      c->End();
      s->Close();
    });
  });
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->SetTimeout(absl::Milliseconds(40));
      process.loop().SetTimeout(absl::Milliseconds(80), [&, c] {
        process.Log("client", "activity at 80");
        c->Write("x");
      });
      process.loop().SetTimeout(absl::Milliseconds(220), [&, c] {
        process.Log("client", "end at 220: no second timeout");
        c->End();
      });
    });
    c->on.timeout([&] { process.Log("client", "timeout"); });
    c->on.close([&](bool) { process.Log("client", "close"); });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/38-timeout-not-rearmed.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/38-timeout-not-rearmed.strace")));
}

// Sockets of one timeout share a timer, and what has timed out comes back with
// the neighbours it had: here none, so that the other one is lost.
TEST_P(V0196Timeouts, LosesANeighbourAndTimesOutAgain) {
  std::vector<std::shared_ptr<Socket>> clients;
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->Listen(0);
  const auto timeout = [&](int i) {
    clients[i]->SetTimeout(absl::Milliseconds(40));
    process.Log("main", "40 ms for ", i);
  };
  server->on.listening([&, s] {
    for (int i = 0; i < 3; ++i) {
      clients.push_back(Connect(process.stack(), s->address()->port));
      clients[i]->on.timeout([&, i] {
        process.Log(
            absl::StrCat("client", i), "timeout at ",
            absl::ToInt64Milliseconds(process.loop().Now() - loop::Instant()));
      });
    }
    After(process, 10, [&] { timeout(0); });
    After(process, 60, [&] { timeout(1); });
    After(process, 70, [&] { clients[0]->Write("x"); });
    // Again: the list is not empty, its timer stands still, and so it will.
    After(process, 150, [&] { clients[0]->Write("x"); });
    After(process, 160, [&] { timeout(2); });
    After(process, 300, [&, s] {
      for (const auto& client : clients) client->Destroy();
      s->Close();
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 main     40 ms for 0
  2 client0  timeout at 50
  3 main     40 ms for 1
  4 client0  timeout at 110
  5 main     40 ms for 2
  6 process  exit
)");
}

// One timer for all: the idlest first, then the rest as it is due.
TEST_P(V0196Timeouts, FollowsTheActivityOfEach) {
  std::vector<std::shared_ptr<Socket>> clients;
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.end([c] { c->End(); });
  });
  server->Listen(0);
  server->on.listening([&, s] {
    for (int i = 0; i < 3; ++i) {
      clients.push_back(Connect(process.stack(), s->address()->port));
      clients[i]->SetTimeout(absl::Milliseconds(40));
      clients[i]->on.timeout([&, i] {
        process.Log(
            absl::StrCat("client", i), "timeout at ",
            absl::ToInt64Milliseconds(process.loop().Now() - loop::Instant()));
        clients[i]->Destroy();
      });
    }
    // Not before the first activity.
    After(process, 10, [&] {
      for (const auto& client : clients) client->Write("x");
    });
    After(process, 20, [&] { clients[1]->Write("x"); });
    After(process, 30, [&] { clients[0]->Write("x"); });
    After(process, 200, [s] { s->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 client2  timeout at 50
  2 client1  timeout at 60
  3 client0  timeout at 70
  4 process  exit
)");
}

TEST_P(ModernTimeouts, MovesATimeoutByActivity) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    socket->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->SetTimeout(absl::Milliseconds(60),
                  [&] { process.Log("client", "setTimeout cb"); });
    c->on.connect([&, c] {
      process.loop().SetTimeout(absl::Milliseconds(40), [&, c] {
        process.Log("client", "write at 40");
        c->Write("keepalive");
      });
      process.loop().SetTimeout(absl::Milliseconds(80), [&] {
        process.Log("main", "at 80: no timeout yet");
      });
    });
    c->on.timeout([&, c] {
      process.Log("client", "after timeout readyState=", c->ready_state(),
                  " destroyed=", Bool(c->destroyed()));
      c->End();
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v20/16-timeout.out"));
}

TEST_P(ModernTimeouts, LetsBusyConnectionsFinishWhenAServerCloses) {
  http::Agent::Options options;
  options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), options);
  const auto server = http::Server::Create(
      process.stack(),
      [&](const std::shared_ptr<http::IncomingMessage>& request,
          const std::shared_ptr<http::ServerResponse>& response) {
        process.Log("server", "request ", request->url());
        if (request->url() != "/busy") {
          response->End("i");
          return;
        }
        process.loop().SetTimeout(absl::Milliseconds(50), [&, response] {
          process.Log("server", "finish busy");
          response->End("b");
        });
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->Listen(0, "127.0.0.1");
  const auto go = [&](const std::string& path,
                      absl::AnyInvocable<void()> ended) {
    http::RequestOptions to;
    to.port = s->address()->port;
    to.path = path;
    to.agent = agent;
    const auto request = http::Get(
        process.stack(), to,
        [&, path, ended = std::move(ended)](
            const std::shared_ptr<http::IncomingMessage>& response) mutable {
          process.Log("c.res", path,
                      " connection=", *response->headers().Find("connection"));
          response->Resume();
          response->on.end([&, path, ended = std::move(ended)]() mutable {
            process.Log("c.res", path, " end");
            if (ended != nullptr) ended();
          });
        });
    request->on.socket([&, path](const std::shared_ptr<Socket>& socket) {
      socket->on.close.Once(
          [&, path](bool) { process.Log("c.sock", path, " close"); });
    });
  };
  server->on.listening([&] {
    go("/busy", nullptr);
    go("/idle", [&] {
      process.loop().SetTimeout(absl::Milliseconds(10), [&] {
        process.Log("main", "server.close()");
        s->Close([&](const Error*) { process.Log("server", "close cb"); });
      });
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 server   connection
  4 server   request /busy
  5 server   request /idle
  6 c.res    /idle connection=keep-alive
  7 c.res    /idle end
  8 main     server.close()
  9 c.sock   /idle close
 10 server   finish busy
 11 c.res    /busy connection=keep-alive
 12 c.res    /busy end
 13 server   close
 14 server   close cb
 15 c.sock   /busy close
 16 process  exit code=0
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Timeouts,
                         testing::Values(SimulatedBackEnd()), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, ModernTimeouts,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
