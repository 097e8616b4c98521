// What holds of an EventLoop under either discipline.
#include "loop/event_loop.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/loop/loop_world.h"

namespace simloop::loop {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Turn = EventLoop::Turn;

class EventLoopTest : public ::testing::TestWithParam<Discipline> {};

INSTANTIATE_TEST_SUITE_P(Disciplines, EventLoopTest,
                         ::testing::Values(Discipline::kV0196,
                                           Discipline::kModern),
                         [](const ::testing::TestParamInfo<Discipline>& info) {
                           return info.param == Discipline::kV0196 ? "V0196"
                                                                   : "Modern";
                         });

TEST_P(EventLoopTest, ParksInThePollAndGoesOnThere) {
  LoopWorld world(GetParam(), /*observed=*/true);
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [&](Interest) { reader.Stop(); });
  reader.Set(fd, kReadable);
  reader.Start();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_EQ(world.kernel.timeout(), absl::InfiniteDuration());
  EXPECT_TRUE(world.loop().NextWakeup().infinite());
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.Lines(),
              ElementsAre("set #0 4 R", "start #0 4 R", "enter", "turn 1"));
  world.clock.Advance(absl::Seconds(7));
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Step(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("fire #0 4 R", "stop #0", "return", "exit"));
  EXPECT_EQ(world.loop().Now(), world.clock.Now());
}

TEST_P(EventLoopTest, ParksUntilTheEarliestTimer) {
  LoopWorld world(GetParam());
  world.loop().SetTimeout(absl::Milliseconds(20), world.Say("20"));
  world.loop().SetTimeout(absl::Milliseconds(10), world.Say("10"));
  const Instant start = world.clock.Now();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_EQ(world.kernel.timeout(), absl::Milliseconds(10));
  EXPECT_EQ(world.loop().NextWakeup(), start + absl::Milliseconds(10));
  world.clock.Advance(absl::Milliseconds(4));
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_EQ(world.kernel.timeout(), absl::Milliseconds(6));
  world.clock.Advance(absl::Milliseconds(6));
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_THAT(world.Lines(), ElementsAre("10"));
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_EQ(world.loop().NextWakeup(), start + absl::Milliseconds(20));
  EXPECT_EQ(world.Run(), Turn::kDone);
}

TEST_P(EventLoopTest, WaitsNoLongerThanItIsAllowed) {
  LoopWorld world(GetParam());
  world.loop().SetTimeout(absl::Milliseconds(20), world.Say("timer"));
  EXPECT_EQ(world.loop().RunOnce(world.clock.Now() + absl::Milliseconds(5)),
            Turn::kParked);
  EXPECT_EQ(world.kernel.timeout(), absl::Milliseconds(5));
  EXPECT_EQ(world.loop().RunOnce(world.clock.Now()), Turn::kParked);
  EXPECT_EQ(world.kernel.timeout(), absl::ZeroDuration());
  EXPECT_EQ(world.loop().RunOnce(Instant()), Turn::kParked);
  EXPECT_EQ(world.kernel.timeout(), absl::ZeroDuration());
  EXPECT_EQ(world.Run(), Turn::kDone);
}

// Parked is only what waits: a process that took an interrupted wait for its
// end would sleep for ever.
TEST_P(EventLoopTest, WaitsAgainWhenASignalInterruptsIt) {
  LoopWorld world(GetParam(), /*observed=*/true);
  world.loop().SetTimeout(absl::Milliseconds(20), [] {});
  world.kernel.FailWait(Errno::kEINTR);
  if (GetParam() == Discipline::kModern) {
    EXPECT_EQ(world.Step(), Turn::kParked);
    EXPECT_THAT(world.Lines(), ElementsAre("enter", "turn 1"));
  } else {
    // libev ends the turn, with nothing to call.
    EXPECT_EQ(world.Step(), Turn::kRan);
    EXPECT_EQ(world.Step(), Turn::kParked);
    EXPECT_THAT(world.Lines(), ElementsAre("enter", "turn 1", "turn 2"));
  }
  EXPECT_EQ(world.kernel.waits(), 2);
  EXPECT_EQ(world.kernel.timeout(), absl::Milliseconds(20));
  EXPECT_EQ(world.Run(), Turn::kDone);
}

TEST_P(EventLoopTest, WakesForWhatIsQueuedFromOutsideWhileItIsParked) {
  LoopWorld world(GetParam());
  world.loop().SetTimeout(absl::Hours(1), world.Say("timer"));
  EXPECT_EQ(world.Step(), Turn::kParked);
  world.clock.Advance(absl::Seconds(1));
  world.loop().NextTick(world.Say("tick"));
  EXPECT_LE(world.loop().NextWakeup(), world.clock.Now());
  Timer timer(world.loop(), world.Say("soon"));
  timer.Start(absl::Seconds(1));
  EXPECT_EQ(timer.due(), world.clock.Now() + absl::Seconds(1));
  while (world.Step() == Turn::kRan) {
  }
  EXPECT_THAT(world.Lines(), ElementsAre("tick"));
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [&](Interest) {
    world.log.Say("io");
    reader.Stop();
  });
  reader.Set(fd, kReadable);
  reader.Start();
  EXPECT_LE(world.loop().NextWakeup(), world.clock.Now());
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("io", "soon", "timer"));
}

TEST_P(EventLoopTest, LivesAgainAfterItWasDone) {
  LoopWorld world(GetParam(), /*observed=*/true);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_TRUE(world.loop().NextWakeup().infinite());
  world.Lines();
  world.loop().SetTimeout(absl::Milliseconds(1), [] {});
  EXPECT_FALSE(world.loop().NextWakeup().infinite());
  EXPECT_EQ(world.Run(), Turn::kDone);
  const auto lines = world.Lines();
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back(), "exit");
}

TEST_P(EventLoopTest, IsNotKeptAliveByAnUnreferencedTimer) {
  LoopWorld world(GetParam());
  Timer timer(world.loop(), world.Say("never"));
  timer.SetRef(false);
  timer.Start(absl::Seconds(1));
  world.loop().SetTimeout(absl::Milliseconds(1), world.Say("timeout"));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("timeout"));
  timer.SetRef(true);
  EXPECT_TRUE(world.loop().alive());
  timer.SetRef(false);
  EXPECT_FALSE(world.loop().alive());
}

TEST_P(EventLoopTest, LetsACallbackDestroyItsWatcherAndItsTimer) {
  LoopWorld world(GetParam());
  const Fd fd = world.kernel.Open();
  auto reader = std::make_unique<IoWatcher>(world.loop(), nullptr);
  reader->SetCallback([&, text = std::string(100, 'x')](Interest) {
    reader.reset();
    world.log.Say(text.substr(0, 1));
  });
  reader->Set(fd, kReadable);
  reader->Start();
  world.kernel.SetReady(fd, kEpollIn);
  std::unique_ptr<Timer> timer;
  timer =
      std::make_unique<Timer>(world.loop(), [&, text = std::string(100, 't')] {
        timer.reset();
        world.log.Say(text.substr(0, 1));
      });
  timer->Start(absl::Milliseconds(1), absl::Milliseconds(1));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("x", "t"));
}

TEST_P(EventLoopTest, LetsAListenerDestroyTheWatcherThatTellsIt) {
  struct Reader final : ReadyListener {
    explicit Reader(EventLoop& loop) {
      watcher.emplace(loop, static_cast<ReadyListener&>(*this));
    }
    void OnReady(IoWatcher& told, Interest ready) override {
      EXPECT_EQ(&told, &*watcher);
      EXPECT_EQ(ready, kReadable);
      ++calls;
      watcher.reset();
    }
    std::optional<IoWatcher> watcher;
    int calls = 0;
  };
  LoopWorld world(GetParam());
  const Fd fd = world.kernel.Open();
  Reader reader(world.loop());
  reader.watcher->Set(fd, kReadable);
  reader.watcher->Start();
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Step(), Turn::kDone);
  EXPECT_EQ(reader.calls, 1);
}

TEST_P(EventLoopTest, LetsACallbackReplaceItself) {
  LoopWorld world(GetParam());
  const Fd fd = world.kernel.Open();
  IoWatcher writer(world.loop(), nullptr);
  std::string state = "connecting";
  writer.SetCallback([&writer, &world, &state](Interest) {
    writer.SetCallback([&writer, &world](Interest) {
      world.log.Say("flush");
      writer.Stop();
    });
    world.log.Say(state);
  });
  writer.Set(fd, kWritable);
  writer.Start();
  world.kernel.SetReady(fd, kEpollOut);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("connecting", "flush"));
}

TEST_P(EventLoopTest, RunsWhatOneOwnerMadeAsThatOwner) {
  LoopWorld world(GetParam(), /*observed=*/true);
  EventLoop& loop = world.loop();
  EXPECT_EQ(loop.SetOwner(7), 0);
  const Fd fd = world.kernel.Open();
  std::optional<IoWatcher> accepted;
  IoWatcher listener(loop, [&](Interest) {
    EXPECT_EQ(loop.owner(), 7);
    listener.Stop();
    accepted.emplace(loop, [&](Interest) {
      EXPECT_EQ(loop.owner(), 7);
      accepted.reset();
    });
    accepted->Set(fd, kReadable);
    accepted->Start();
    loop.NextTick([&] { EXPECT_EQ(loop.owner(), 7); });
    loop.SetTimeout(absl::Milliseconds(1), [&] { EXPECT_EQ(loop.owner(), 7); });
  });
  EXPECT_EQ(loop.SetOwner(0), 7);
  listener.Set(fd, kReadable);
  listener.Start();
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_EQ(loop.owner(), 0);
  const auto lines = world.Lines();
  EXPECT_THAT(lines, ::testing::Contains("fire #0 4 R owner=7"));
  EXPECT_THAT(lines, ::testing::Contains("tick owner=7"));
  EXPECT_THAT(lines, ::testing::Contains("timer #0 owner=7"));
}

TEST_P(EventLoopTest, LetsAnExceptionOutAndGoesOnBehindIt) {
  LoopWorld world(GetParam());
  std::vector<std::unique_ptr<IoWatcher>> watchers;
  for (int i = 0; i < 3; ++i) {
    watchers.push_back(
        std::make_unique<IoWatcher>(world.loop(), [&, i](Interest) {
          watchers[static_cast<size_t>(i)]->Stop();
          if (i == 1) throw std::runtime_error("boom");
          world.log.Say("io");
        }));
    const Fd fd = world.kernel.Open();
    watchers.back()->Set(fd, kReadable);
    watchers.back()->Start();
    world.kernel.SetReady(fd, kEpollIn);
  }
  world.loop().SetOwner(3);
  EXPECT_THROW(world.Run(), std::runtime_error);
  EXPECT_EQ(world.loop().owner(), 3);
  EXPECT_THAT(world.Lines(), ElementsAre("io"));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("io"));
}

TEST_P(EventLoopTest, LetsOutWhatTheUncaughtHandlerThrows) {
  LoopWorld world(GetParam());
  int handled = 0;
  world.loop().SetUncaughtHandler([&](std::exception_ptr thrown) {
    if (++handled == 2) std::rethrow_exception(thrown);
  });
  for (int i = 1; i <= 2; ++i) {
    world.loop().SetTimeout(absl::Milliseconds(i),
                            [] { throw std::runtime_error("boom"); });
  }
  EXPECT_THROW(world.Run(), std::runtime_error);
  EXPECT_EQ(handled, 2);
}

TEST_P(EventLoopTest, ReturnsFromRunAfterTheTurnThatStopsIt) {
  LoopWorld world(GetParam());
  int turns = 0;
  Timer timer(world.loop(), [&] {
    if (++turns == 3) world.loop().Stop();
  });
  timer.Start(absl::ZeroDuration(), absl::Nanoseconds(1));
  // The clock stands still but for this: Run() is live only.
  world.loop().SetTimeout(absl::ZeroDuration(), [] {});
  world.clock.Advance(absl::Milliseconds(2));
  IoWatcher ticker(world.loop(), [&](Interest) {
    world.clock.Advance(absl::Nanoseconds(1));
  });
  const Fd fd = world.kernel.Open();
  world.kernel.SetReady(fd, kEpollIn);
  ticker.Set(fd, kReadable);
  ticker.Start();
  world.loop().Run();
  EXPECT_EQ(turns, 3);
  EXPECT_TRUE(world.loop().alive());
  ticker.Stop();
  timer.Stop();
}

TEST_P(EventLoopTest, DropsWhatIsQueuedWhenItIsDestroyed) {
  const auto held = std::make_shared<int>(1);
  LoopWorld world(GetParam());
  world.loop().NextTick([held] {});
  world.loop().SetTimeout(absl::Seconds(1), [held] {});
  EXPECT_EQ(held.use_count(), 3);
  world.owned.reset();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(world.kernel.open(), 0);
}

TEST_P(EventLoopTest, SharesNothingWithAnotherLoop) {
  LoopWorld a(GetParam());
  LoopWorld b(GetParam());
  a.loop().SetTimeout(absl::Milliseconds(1), [&] {
    a.log.Say("a");
    EXPECT_EQ(b.Run(), Turn::kDone);
  });
  b.loop().SetTimeout(absl::Milliseconds(1), b.Say("b"));
  EXPECT_EQ(a.Run(), Turn::kDone);
  EXPECT_THAT(a.Lines(), ElementsAre("a"));
  EXPECT_THAT(b.Lines(), ElementsAre("b"));
}

TEST_P(EventLoopTest, DiesWhenDestroyedWithActiveWatchersOrTimers) {
  EXPECT_DEATH(
      {
        LoopWorld world(GetParam());
        IoWatcher reader(world.loop(), [](Interest) {});
        reader.Set(world.kernel.Open(), kReadable);
        reader.Start();
        world.owned.reset();
      },
      "descriptor 4 is still watched");
  EXPECT_DEATH(
      {
        LoopWorld world(GetParam());
        Timer first(world.loop(), [] {});
        Timer second(world.loop(), [] {});
        second.Start(absl::Seconds(1));
        world.owned.reset();
      },
      "timer 1 is still started");
  EXPECT_DEATH(
      {
        LoopWorld world(GetParam());
        Timer timer(world.loop(), [] {});
        world.owned.reset();
      },
      "0 watchers and 1 timers");
}

TEST_P(EventLoopTest, DiesOfMisuse) {
  EXPECT_DEATH(
      {
        LoopWorld world(GetParam());
        IoWatcher reader(world.loop(), [](Interest) {});
        reader.Start();
      },
      "Start\\(\\) before Set\\(\\)");
  EXPECT_DEATH(
      {
        LoopWorld world(GetParam());
        IoWatcher reader(world.loop(), [](Interest) {});
        reader.Set(world.kernel.Open(), kReadable);
        reader.Start();
        world.loop().Forget(reader.fd());
      },
      "descriptor 4 is still watched");
  EXPECT_DEATH(
      {
        LoopWorld world(GetParam());
        world.loop().NextTick([&] { world.Step(); });
        world.Step();
      },
      "a callback runs its own loop");
}

TEST(EventLoop, HasNoImmediatesUnderV0196) {
  EXPECT_DEATH(
      {
        LoopWorld world(Discipline::kV0196);
        world.loop().SetImmediate([] {});
      },
      "ticks and timers only");
}

}  // namespace
}  // namespace simloop::loop
