// Benchmarks of the whole stack, program to packet and back: round trips,
// churn, idle connections, and the start of a world; and the floor under them.
// CPU figures are of a noisy machine: read them as ratios within one run.

#include <malloc.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "benchmark/benchmark.h"
#include "loop/check.h"
#include "net/server.h"
#include "net/socket.h"
#include "sim/event_queue.h"
#include "tests/bench/bench_world.h"

namespace simloop::bench {
namespace {

constexpr uint16_t kPort = 7000;
constexpr absl::string_view kMessage =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// Echoes until the peer ends.
std::shared_ptr<net::Server> Echo(net::Stack& stack) {
  auto server = net::Server::Create(
      stack, [](const std::shared_ptr<net::Socket>& socket) {
        net::Socket* raw = socket.get();
        socket->on.data([raw](absl::string_view data) { raw->Write(data); });
      });
  server->Listen(kPort, "", 65535);
  return server;
}

// What any simulator of a round trip must do: two events through the queue,
// the payload copied in and out at both ends.
class FloorEvent final : public sim::Event {
 public:
  void Fire() override {}
  std::string Name() const override { return ""; }
};

void BM_Floor(benchmark::State& state) {
  sim::EventQueue queue;
  std::vector<FloorEvent> events(state.range(0));
  std::vector<char> payload(64);
  char copy[64];
  int64_t now = 0;
  for (FloorEvent& event : events) {
    queue.Schedule(event, loop::Instant::FromNanos(1'000'000 + now++));
  }
  for (auto _ : state) {
    for (int way = 0; way < 2; ++way) {
      sim::Event& event = queue.Pop();
      std::memcpy(copy, payload.data(), sizeof copy);
      benchmark::DoNotOptimize(copy);
      event.Fire();
      std::memcpy(payload.data(), copy, sizeof copy);
      queue.Schedule(event, event.at().PlusNanos(1'000'000));
    }
  }
  for (FloorEvent& event : events) queue.Cancel(event);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Floor)->Arg(1)->Arg(1000);

// 100,000 round trips of 64 bytes over so many connections at once.
void BM_PingPong(benchmark::State& state) {
  const int64_t connections = state.range(0);
  const int64_t rounds = 100'000 / connections;
  int64_t done = 0;
  for (auto _ : state) {
    BenchWorld world;
    auto server = Echo(world.server().net());
    std::vector<int64_t> left(connections, rounds);
    for (int64_t i = 0; i < connections; ++i) {
      auto socket =
          net::Connect(world.client().net(), kPort, world.server_address());
      net::Socket* raw = socket.get();
      raw->on.connect([raw] { raw->Write(kMessage); });
      raw->on.data([raw, &left, &done, i](absl::string_view) {
        ++done;
        if (--left[i] == 0) {
          raw->End();
        } else {
          raw->Write(kMessage);
        }
      });
    }
    world.Start();
    world.Run(absl::Seconds(30) + rounds * absl::Milliseconds(3));
    state.counters["events/trip"] =
        static_cast<double>(world.world().events()) / (connections * rounds);
  }
  SIMLOOP_CHECK(done == state.iterations() * connections * rounds,
                "every round trip was made");
  state.SetItemsProcessed(done);
}
BENCHMARK(BM_PingPong)
    ->Arg(1)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

// 10,000 connections, made and closed by 100 clients one after another.
void BM_Churn(benchmark::State& state) {
  constexpr int kClients = 100;
  constexpr int kConnections = 10'000;
  int64_t closed = 0;
  for (auto _ : state) {
    BenchWorld world;
    auto server = Echo(world.server().net());
    int started = 0;
    std::function<void()> next = [&] {
      if (started++ >= kConnections) return;
      auto socket =
          net::Connect(world.client().net(), kPort, world.server_address());
      net::Socket* raw = socket.get();
      raw->on.connect([raw] { raw->End(); });
      raw->on.close([&](bool) {
        ++closed;
        next();
      });
    };
    for (int i = 0; i < kClients; ++i) next();
    world.Start();
    world.Run(absl::Seconds(30));
  }
  SIMLOOP_CHECK(closed == state.iterations() * kConnections,
                "every connection was made and closed");
  state.SetItemsProcessed(closed);
}
BENCHMARK(BM_Churn)->Unit(benchmark::kMillisecond);

// Memory of established connections with nothing to do, both ends, their
// sockets registered in epoll.
void BM_IdleMemory(benchmark::State& state) {
  const int64_t connections = state.range(0);
  for (auto _ : state) {
    BenchWorld world;
    auto server = Echo(world.server().net());
    int64_t started = 0;
    int64_t connected = 0;
    size_t before = 0;
    // Bursts, not a flood: the accept queue is finite.
    std::function<void()> burst = [&] {
      if (before == 0) before = mallinfo2().uordblks;
      for (int i = 0; i < 1000 && started < connections; ++i, ++started) {
        auto socket =
            net::Connect(world.client().net(), kPort, world.server_address());
        socket->on.connect([&connected] { ++connected; });
      }
      if (started == connections) return;
      world.client().net().loop().SetTimeout(absl::Milliseconds(10), burst);
    };
    world.client().net().loop().SetTimeout(absl::Milliseconds(10), burst);
    world.Start();
    world.Run(absl::Seconds(5));
    const size_t after = mallinfo2().uordblks;
    SIMLOOP_CHECK(connected == connections, "all are established");
    state.counters["bytes/connection"] =
        static_cast<double>(after - before) / connections;
  }
}
BENCHMARK(BM_IdleMemory)
    ->Arg(10'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// What a search pays for each schedule: a world of two hosts, one connect
// refused, and its end.
void BM_WorldWithOneRefusedConnect(benchmark::State& state) {
  for (auto _ : state) {
    BenchWorld world;
    bool refused = false;
    auto socket =
        net::Connect(world.client().net(), kPort, world.server_address());
    socket->on.error([&refused](const net::Error&) { refused = true; });
    world.Start();
    world.Run(absl::Seconds(1));
    SIMLOOP_CHECK(refused, "nobody listens");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_WorldWithOneRefusedConnect)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace simloop::bench
