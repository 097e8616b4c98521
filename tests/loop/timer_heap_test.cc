// The order of timers: by time, then by start, whatever was stopped between.
#include "loop/timer_heap.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "loop/timer.h"
#include "tests/loop/loop_world.h"

namespace simloop::loop {
namespace {

TEST(TimerHeap, FiresByTimeThenByStartWithManyStoppedInBetween) {
  LoopWorld world(Discipline::kModern);
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<std::tuple<int64_t, int>> expected;
  std::vector<int> fired;
  uint64_t state = 1;
  const auto draw = [&](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  for (int i = 0; i < 1000; ++i) {
    timers.push_back(std::make_unique<Timer>(
        world.loop(), [&fired, i] { fired.push_back(i); }));
    timers.back()->Start(absl::Milliseconds(static_cast<int>(draw(50)) + 1));
  }
  // A third is stopped, a third is started anew: those come last at their
  // time, in the order of that.
  for (int i = 0; i < 1000; ++i) {
    Timer& timer = *timers[static_cast<size_t>(i)];
    if (i % 3 == 0) timer.Stop();
  }
  for (int i = 0; i < 1000; ++i) {
    if (i % 3 == 1) {
      expected.push_back({timers[static_cast<size_t>(i)]->due().nanos(), i});
    }
  }
  for (int i = 0; i < 1000; ++i) {
    if (i % 3 != 2) continue;
    Timer& timer = *timers[static_cast<size_t>(i)];
    timer.Start(absl::Milliseconds(static_cast<int>(draw(50)) + 1));
    expected.push_back({timer.due().nanos(), i});
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const auto& a, const auto& b) {
                     return std::get<0>(a) < std::get<0>(b);
                   });
  EXPECT_EQ(world.Run(), EventLoop::Turn::kDone);
  ASSERT_EQ(fired.size(), expected.size());
  for (size_t i = 0; i < fired.size(); ++i) {
    EXPECT_EQ(fired[i], std::get<1>(expected[i])) << i;
  }
}

TEST(Timer, SaturatesAtInfinity) {
  LoopWorld world(Discipline::kModern);
  Timer timer(world.loop(), [] {});
  timer.Start(absl::InfiniteDuration());
  EXPECT_TRUE(timer.due().infinite());
  EXPECT_EQ(world.Step(), EventLoop::Turn::kParked);
  EXPECT_EQ(world.kernel.timeout(), absl::InfiniteDuration());
}

TEST(Timer, CountsANegativeDelayAsNone) {
  LoopWorld world(Discipline::kModern);
  Timer timer(world.loop(), world.Say("fired"));
  timer.Start(absl::Milliseconds(-5));
  EXPECT_EQ(timer.due(), world.clock.Now());
  EXPECT_EQ(world.Run(), EventLoop::Turn::kDone);
}

}  // namespace
}  // namespace simloop::loop
