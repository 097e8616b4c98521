// Benchmarks of the event queue alone: what a packet costs it, by how many
// are under way and by how their times lie.
#include <cstdint>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "sim/event_queue.h"

namespace simloop::sim {
namespace {

class Nothing final : public Event {
 public:
  void Fire() override {}
  std::string Name() const override { return ""; }
};

// Each event that happens is scheduled anew after `delay(event's number)`.
template <typename Delay>
void Turn(benchmark::State& state, Delay delay) {
  EventQueue queue;
  std::vector<Nothing> events(state.range(0));
  int64_t number = 0;
  for (Nothing& event : events) {
    queue.Schedule(event, loop::Instant::FromNanos(delay(number++)));
  }
  for (auto _ : state) {
    Event& event = queue.Pop();
    queue.Schedule(event, event.at().PlusNanos(delay(number++)));
  }
  for (Nothing& event : events) queue.Cancel(event);
  state.SetItemsProcessed(state.iterations());
}

// As on links of one latency: who leaves later arrives later.
void BM_OneLatency(benchmark::State& state) {
  Turn(state, [](int64_t) { return 1'000'000; });
}
BENCHMARK(BM_OneLatency)->Arg(1)->Arg(1000)->Arg(100'000);

// Packets, delayed acknowledgments and retransmission timers.
void BM_ThreeDelays(benchmark::State& state) {
  constexpr int64_t kDelays[] = {1'000'000, 40'000'000, 200'000'000};
  Turn(state, [&](int64_t number) { return kDelays[number % 3]; });
}
BENCHMARK(BM_ThreeDelays)->Arg(1000)->Arg(100'000);

// No order in it at all (a linear congruential generator).
void BM_AnyDelay(benchmark::State& state) {
  Turn(state, [](int64_t number) {
    return (number * 6364136223846793005 + 1442695040888963407) >> 44 & 0xfffff;
  });
}
BENCHMARK(BM_AnyDelay)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace simloop::sim
