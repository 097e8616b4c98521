// Of Node's own tests, those about ticks, immediates and timers, each under its
// name there.
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
