// Of the tests of Node v0.1.96 that last long (test/pummel), those about net,
// each under its name there, in virtual time.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using NodePummelTest = PlainNetTest<loop::Discipline::kV0196>;

std::shared_ptr<Server> Serve(NodeProcess& process,
                              Server::ConnectionListener listener,
                              std::function<void(uint16_t port)> then,
                              Server::ListenOptions options = {}) {
  const auto server = Server::Create(process.stack(), std::move(listener));
  Server* const s = server.get();
  s->on.listening([s, then] { then(s->address()->port); });
  s->Listen(std::move(options));
  return server;
}

// test-tcp-keepalive: 1.2 s idle, and both are still open.
TEST_P(NodePummelTest, TestTcpKeepalive) {
  bool open = false;
  std::shared_ptr<Socket> accepted;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [&](const std::shared_ptr<Socket>& socket) {
        accepted = socket;
        socket->SetKeepAlive(true, absl::Seconds(1));
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        client->SetKeepAlive(true, absl::Seconds(1));
        process.loop().SetTimeout(absl::Milliseconds(1200), [&, client] {
          open = client->ready_state() == "open" &&
                 accepted->ready_state() == "open";
          accepted->End();
          client->Destroy();
          accepted->Destroy();
          server->Close();
        });
      });
  process.Run();
  EXPECT_TRUE(open);
}

// test-tcp-pause: 1 byte each 10 ms; nothing comes while it is paused.
TEST_P(NodePummelTest, TestTcpPause) {
  constexpr size_t kBytes = 200;
  std::string received;
  std::shared_ptr<Server> server;
  std::function<void(Socket*, size_t)> write = [&](Socket* c, size_t i) {
    c->Write("C");
    if (i + 1 == kBytes) {
      c->End();
      return;
    }
    process.loop().SetTimeout(absl::Milliseconds(10),
                              [&, c, i] { write(c, i + 1); });
  };
  server = Serve(
      process,
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.connect([&, c] { write(c, 0); });
        c->on.end([c] { c->End(); });
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        Socket* const c = client.get();
        c->on.data([&](absl::string_view d) { received += std::string(d); });
        c->on.end([&, c] {
          c->End();
          server->Close();
        });
        for (const int at : {500, 1500}) {
          process.loop().SetTimeout(absl::Milliseconds(at), [&, c] {
            const size_t had = received.size();
            EXPECT_GT(had, 10u);
            c->Pause();
            process.loop().SetTimeout(absl::Milliseconds(500), [&, c, had] {
              EXPECT_EQ(received.size(), had);
              c->Resume();
            });
          });
        }
      });
  process.Run();
  EXPECT_EQ(received.size(), kBytes);
}

// test-tcp-throttle: a reader that pauses 100 ms at each chunk, of more than
// the kernel takes.
TEST_P(NodePummelTest, TestTcpThrottle) {
  const std::string body(6 << 20, 'C');
  size_t got = 0;
  int pauses = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.connect([&, c] {
          EXPECT_FALSE(c->Write(body));
          c->End();
        });
        c->on.end([c] { c->End(); });
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        Socket* const c = client.get();
        c->on.data([&, c](absl::string_view data) {
          got += data.size();
          ++pauses;
          c->Pause();
          process.loop().SetTimeout(absl::Milliseconds(100),
                                    [c] { c->Resume(); });
        });
        c->on.end([&, c] {
          c->End();
          server->Close();
        });
      });
  process.Run();
  EXPECT_EQ(got, body.size());
  EXPECT_GT(pauses, 2);
}

// test-tcp-timeout: idle 1 s, with a byte each 0.5 s: once, 1 s after the last.
TEST_P(NodePummelTest, TestTcpTimeout) {
  constexpr int kTimes = 3;
  int exchanges = 0;
  int timeouts = 0;
  loop::Instant last;
  absl::Duration idle;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->SetTimeout(absl::Seconds(1));
        c->on.timeout([&, c] {
          ++timeouts;
          idle = process.loop().Now() - last;
          c->Destroy();
          server->Close();
        });
        c->on.data([&, c](absl::string_view data) {
          last = process.loop().Now();
          c->Write(data);
        });
        c->on.end([c] { c->End(); });
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        Socket* const c = client.get();
        c->on.connect([c] { c->Write("hello\r\n"); });
        c->on.data([&, c](absl::string_view) {
          if (exchanges++ == kTimes) return;
          process.loop().SetTimeout(absl::Milliseconds(500),
                                    [c] { c->Write("hello\r\n"); });
        });
        c->on.end([c] { c->End(); });
      });
  process.Run();
  EXPECT_EQ(timeouts, 1);
  EXPECT_GE(idle, absl::Seconds(1));
  EXPECT_LT(idle, absl::Milliseconds(1800));
}

// test-tcp-many-clients, with 20 clients that reconnect 5 times for 40 KB.
TEST_P(NodePummelTest, TestTcpManyClients) {
  constexpr int kClients = 20;
  constexpr int kTimes = 5;
  const std::string body(40 * 1024, 'C');
  int closed = 0;
  size_t total = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->SetTimeout(absl::Milliseconds(100));
        c->on.connect([&, c] {
          c->Write(body);
          c->End();
        });
        c->on.end([c] { c->End(); });
      },
      [&](uint16_t port) {
        for (int i = 0; i < kClients; ++i) {
          const auto client = Connect(process.stack(), port);
          Socket* const c = client.get();
          const auto left = std::make_shared<int>(kTimes);
          c->on.data([&](absl::string_view data) { total += data.size(); });
          c->on.end([c] { c->End(); });
          c->on.close([&, c, port, left](bool had_error) {
            EXPECT_FALSE(had_error);
            EXPECT_FALSE(c->fd().valid());
            if (--*left > 0) {
              c->Connect(port);
            } else if (++closed == kClients) {
              server->Close();
            }
          });
        }
      });
  process.Run();
  EXPECT_EQ(total, kClients * kTimes * body.size());
}

// test-timers: an interval of 1 s three times, and one that is cleared.
TEST_P(NodePummelTest, TestTimers) {
  int intervals = 0;
  loop::Timer interval(process.loop(), [&] {
    ++intervals;
    EXPECT_EQ(process.loop().Now() - loop::Instant(), absl::Seconds(intervals));
    if (intervals == 3) interval.Stop();
  });
  interval.Start(absl::Seconds(1), absl::Seconds(1));
  loop::Timer cleared(process.loop(),
                      [] { ADD_FAILURE() << "it was cleared"; });
  cleared.Start(absl::Milliseconds(500));
  cleared.Stop();
  process.Run();
  EXPECT_EQ(intervals, 3);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodePummelTest,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
