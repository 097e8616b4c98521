// Of the tests of Node v0.1.96 (test/simple, test/pummel), those about net and
// the loop, each under its name there, in that version's discipline.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using NodeSimpleTest = PlainNetTest<loop::Discipline::kV0196>;
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

// test-net-pingpong, over IPv4 and over a Unix path: 1000 round trips; the last
// answer comes after end().
class Pingpong final {
 public:
  static constexpr int kTimes = 1000;

  Pingpong(NodeProcess& process, Server::ListenOptions options)
      : process_(process) {
    const std::string path = options.path;
    server_ = Serve(
        process,
        [this](const std::shared_ptr<Socket>& socket) {
          Socket* const c = socket.get();
          c->SetNoDelay(true);
          c->on.data([c](absl::string_view data) {
            EXPECT_TRUE(c->writable());
            EXPECT_TRUE(c->readable());
            if (data == "PING") c->Write("PONG");
          });
          c->on.end([c] {
            EXPECT_TRUE(c->writable());
            EXPECT_FALSE(c->readable());
            c->End();
          });
          c->on.close([this, c](bool had_error) {
            EXPECT_FALSE(c->writable());
            EXPECT_FALSE(had_error);
            server_->Close();
          });
        },
        [this, path](uint16_t port) {
          Begin(path.empty() ? Connect(process_.stack(), port)
                             : ConnectPath(process_.stack(), path));
        },
        std::move(options));
  }
  int count() const { return count_; }
  bool sent_last() const { return sent_last_; }

 private:
  void Begin(const std::shared_ptr<Socket>& client) {
    Socket* const c = client.get();
    c->on.connect([c] {
      EXPECT_TRUE(c->readable());
      EXPECT_TRUE(c->writable());
      c->Write("PING");
    });
    c->on.data([this, c](absl::string_view data) {
      EXPECT_EQ(data, "PONG");
      ++count_;
      if (sent_last_) {
        EXPECT_EQ(c->ready_state(), "readOnly");
        return;
      }
      EXPECT_EQ(c->ready_state(), "open");
      if (count_ < kTimes) {
        c->Write("PING");
      } else {
        sent_last_ = true;
        c->Write("PING");
        c->End();
      }
    });
  }

  NodeProcess& process_;
  std::shared_ptr<Server> server_;
  int count_ = 0;
  bool sent_last_ = false;
};

TEST_P(NodeSimpleTest, TestNetPingpong) {
  Server::ListenOptions any;
  Server::ListenOptions ip;
  ip.host = "127.0.0.1";
  Server::ListenOptions path;
  path.path = absl::StrCat("./pingpong_", GetParam().name, ".sock");
  Pingpong first(process, any);
  Pingpong second(process, ip);
  Pingpong third(process, path);
  process.Run();
  for (const Pingpong* one : {&first, &second, &third}) {
    EXPECT_EQ(one->count(), Pingpong::kTimes + 1);
    EXPECT_TRUE(one->sent_last());
  }
}

// test-tcp-reconnect: from 'close', 50 times.
TEST_P(NodeSimpleTest, TestTcpReconnect) {
  constexpr int kTimes = 50;
  int got = 0;
  int closed = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.connect([c] { c->Write("hello\r\n"); });
        c->on.end([c] { c->End(); });
        c->on.close([](bool had_error) { EXPECT_FALSE(had_error); });
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        Socket* const c = client.get();
        c->on.data([&, c](absl::string_view chunk) {
          ++got;
          EXPECT_EQ(chunk, "hello\r\n");
          c->End();
        });
        c->on.close([&, c, port](bool had_error) {
          EXPECT_FALSE(had_error);
          if (++closed < kTimes) {
            c->Connect(port);
          } else {
            server->Close();
          }
        });
      });
  process.Run();
  EXPECT_EQ(got, kTimes);
  EXPECT_EQ(closed, kTimes);
}

// test-tcp-binary: all 256 byte values, singly and in bulk.
TEST_P(NodeSimpleTest, TestTcpBinary) {
  std::string all;
  for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(byte);
  std::string got;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.data([c](absl::string_view data) { c->Write(data); });
        c->on.end([c] { c->End(); });
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        Socket* const c = client.get();
        c->on.connect([&, c] { c->Write(all.substr(0, 1)); });
        c->on.data([&, c](absl::string_view data) {
          got += std::string(data);
          if (got.size() < all.size()) {
            c->Write(all.substr(got.size(), 1));
          } else if (got.size() == all.size()) {
            c->Write(all);
          } else if (got.size() == 2 * all.size()) {
            c->End();
          }
        });
        c->on.close([&](bool) { server->Close(); });
      });
  process.Run();
  EXPECT_EQ(got, all + all);
}

// test-next-tick, test-next-tick-ordering: a tick set first runs before any
// timer; nested ones all run.
TEST_P(NodeSimpleTest, TestNextTickOrdering) {
  std::vector<std::string> done;
  const auto push = [&](std::string what) {
    return [&done, what] { done.push_back(what); };
  };
  for (const int ms : {1, 1, 2, 5, 10}) {
    process.loop().SetTimeout(absl::Milliseconds(ms),
                              push(absl::StrCat(ms, " ms")));
  }
  process.loop().NextTick([&] {
    push("tick")();
    process.loop().NextTick(push("nested"));
  });
  process.Run();
  ASSERT_EQ(done.size(), 7u);
  EXPECT_EQ(done[0], "tick");
  EXPECT_EQ(done.back(), "10 ms");
}

// test-event-emitter-modify-in-emit.
TEST_P(NodeSimpleTest, TestEventEmitterModifyInEmit) {
  Event<> foo;
  std::string called;
  const auto three = [&] { called += "3"; };
  const auto two = [&] {
    called += "2";
    foo(three);
  };
  ListenerId one = 0;
  one = foo([&] {
    called += "1";
    foo(two);
    foo(three);
    foo.Remove(one);
  });
  EXPECT_EQ(foo.count(), 1);
  foo.Emit();
  EXPECT_EQ(called, "1");
  EXPECT_EQ(foo.count(), 2);
  foo.Emit();
  EXPECT_EQ(called, "123");
  // A listener that a listener removes still runs this time.
  Event<> bar;
  std::string again;
  ListenerId b = 0;
  bar([&] {
    again += "a";
    bar.Remove(b);
  });
  b = bar([&] { again += "b"; });
  bar.Emit();
  bar.Emit();
  EXPECT_EQ(again, "aba");
}

// test-exception-handler: what handles the uncaught may do two things.
TEST_P(NodeSimpleTest, TestExceptionHandler) {
  int handled = 0;
  process.loop().SetUncaughtHandler([&](std::exception_ptr) { handled += 2; });
  process.loop().SetTimeout(absl::Milliseconds(10),
                            [] { throw Error("", "catch me if you can"); });
  process.Run();
  EXPECT_EQ(handled, 2);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeSimpleTest, BothKernels(), NetTestName);

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

using NodeTickTest = PlainNetTest<loop::Discipline::kModern>;

// test-next-tick-errors: an exception in a tick loses nothing.
TEST_P(NodeTickTest, TestNextTickErrors) {
  std::string order;
  process.loop().SetUncaughtHandler([&](std::exception_ptr) { order += "C"; });
  process.loop().NextTick([&] {
    process.loop().NextTick([&] { order += "B"; });
    order += "A";
    throw Error("", "an error");
  });
  process.Run();
  EXPECT_EQ(order, "ACB");
}

// test-next-tick-ordering2: a tick before a timer of 0 ms.
TEST_P(NodeTickTest, TestNextTickOrdering2) {
  std::string order;
  process.loop().NextTick([&] {
    process.loop().SetTimeout(absl::ZeroDuration(), [&] { order += "t"; });
    process.loop().NextTick([&] { order += "n"; });
  });
  process.Run();
  EXPECT_EQ(order, "nt");
}

// test-next-tick-intentional-starvation: ticks keep the timers waiting.
TEST_P(NodeTickTest, TestNextTickIntentionalStarvation) {
  int ticks = 0;
  bool fired = false;
  process.loop().SetTimeout(absl::Milliseconds(1), [&] { fired = true; });
  std::function<void()> spin = [&] {
    EXPECT_FALSE(fired);
    if (++ticks < 1000) process.loop().NextTick([&] { spin(); });
  };
  process.loop().NextTick([&] { spin(); });
  process.Run();
  EXPECT_EQ(ticks, 1000);
  EXPECT_TRUE(fired);
}

// test-timers-immediate-queue: immediates run as one batch.
TEST_P(NodeTickTest, TestTimersImmediateQueue) {
  int hits = 0;
  for (int i = 0; i < 10; ++i) {
    process.loop().SetImmediate([&] {
      ++hits;
      if (hits == 1) {
        process.loop().SetImmediate([&] { EXPECT_EQ(hits, 10); });
      }
    });
  }
  process.Run();
  EXPECT_EQ(hits, 10);
}

// test-timers-socket-timeout-removes-other-socket-unref-timer: one socket's
// 'timeout' ends another's.
TEST_P(NodeTickTest, TestTimersSocketTimeoutRemovesOtherSocketUnrefTimer) {
  std::vector<std::shared_ptr<Socket>> clients;
  int timeouts = 0;
  const auto server = Server::Create(
      process.stack(),
      [&](const std::shared_ptr<Socket>& socket) { socket->Resume(); });
  server->on.listening([&] {
    for (int i = 0; i < 2; ++i) {
      const auto client =
          Connect(process.stack(), server->address()->port, "127.0.0.1");
      clients.push_back(client);
      client->on.error([](const Error&) {});
      client->SetTimeout(absl::Milliseconds(i == 0 ? 20 : 21), [&, i] {
        ++timeouts;
        EXPECT_EQ(i, 0);
        for (const auto& one : clients) one->Destroy();
        server->Close();
      });
    }
  });
  server->Listen(0, "127.0.0.1");
  process.Run();
  EXPECT_EQ(timeouts, 1);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeTickTest,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
