// The order of callbacks under Discipline::kV0196. Where a test has the shape
// of a program that was run on Node v0.1.96, its lines are what that printed.
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

TEST(V0196Turn, RunsTicksOncePerTurnAndNestedOnesInTheNext) {
  LoopWorld world(Discipline::kV0196, /*observed=*/true);
  world.loop().NextTick([&] {
    world.log.Say("1");
    world.loop().NextTick(world.Say("nested"));
  });
  world.loop().NextTick(world.Say("2"));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(
      world.Lines(),
      ElementsAre("tick queued", "tick queued", "enter", "turn 1", "ticks 2",
                  "tick", "1", "tick queued", "return", "tick", "2", "return",
                  "turn 2", "ticks 1", "tick", "nested", "return", "exit"));
}

TEST(V0196Turn, HasOneTurnEvenIfNothingIsActive) {
  LoopWorld world(Discipline::kV0196, /*observed=*/true);
  EXPECT_EQ(world.Step(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("enter", "turn 1", "exit"));
  EXPECT_EQ(world.Step(), Turn::kDone);
  EXPECT_THAT(world.Lines(), IsEmpty());
}

TEST(V0196Turn, RunsTimersBeforeIoInTheSameTurn) {
  LoopWorld world(Discipline::kV0196);
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [&](Interest) {
    world.log.Say("data");
    reader.Stop();
  });
  reader.Set(fd, kReadable);
  reader.Start();
  world.loop().SetTimeout(absl::Milliseconds(30), [&] {
    world.loop().SetTimeout(absl::Milliseconds(5), world.Say("timer due"));
    world.kernel.SetReady(fd, kEpollIn);
    world.clock.Advance(absl::Milliseconds(20));
    world.log.Say("both ready now");
  });
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("both ready now", "timer due", "data"));
}

TEST(V0196Turn, RunsIoInTheReverseOfTheKernelsOrder) {
  LoopWorld world(Discipline::kV0196);
  std::vector<std::unique_ptr<IoWatcher>> watchers;
  for (int i = 0; i <= 5; ++i) {
    watchers.push_back(
        std::make_unique<IoWatcher>(world.loop(), [&, i](Interest) {
          world.log.Say(i == 0 ? "listener" : "client" + std::to_string(i));
          watchers[static_cast<size_t>(i)]->Stop();
        }));
    const Fd fd = world.kernel.Open();
    watchers.back()->Set(fd, i == 0 ? kReadable : kWritable);
    watchers.back()->Start();
    world.kernel.SetReady(fd, i == 0 ? kEpollIn : kEpollOut);
  }
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("client5", "client4", "client3",
                                         "client2", "client1", "listener"));
  // 3 is the loop's epoll. Nothing is deleted when the watchers stop.
  EXPECT_THAT(world.kernel.TakeLog(),
              ElementsAre("ADD 4 IN", "ADD 5 OUT", "ADD 6 OUT", "ADD 7 OUT",
                          "ADD 8 OUT", "ADD 9 OUT",
                          "WAIT 4:IN 5:OUT 6:OUT 7:OUT 8:OUT 9:OUT"));
}

TEST(V0196Turn, RunsTheWatcherStartedEarlierFirstOnOneDescriptor) {
  for (const bool write_first : {true, false}) {
    LoopWorld world(Discipline::kV0196);
    const Fd fd = world.kernel.Open();
    IoWatcher reader(world.loop(), [&](Interest ready) {
      EXPECT_EQ(ready, kReadable);
      world.log.Say("read");
      reader.Stop();
    });
    IoWatcher writer(world.loop(), [&](Interest ready) {
      EXPECT_EQ(ready, kWritable);
      world.log.Say("write");
      writer.Stop();
    });
    reader.Set(fd, kReadable);
    writer.Set(fd, kWritable);
    (write_first ? writer : reader).Start();
    (write_first ? reader : writer).Start();
    world.kernel.SetReady(fd, kEpollIn | kEpollOut);
    EXPECT_EQ(world.Run(), Turn::kDone);
    if (write_first) {
      EXPECT_THAT(world.Lines(), ElementsAre("write", "read"));
    } else {
      EXPECT_THAT(world.Lines(), ElementsAre("read", "write"));
    }
  }
}

TEST(V0196Turn, RunsExpiredTimersInOrderOfExpiryAndAClearedOneAllTheSame) {
  LoopWorld world(Discipline::kV0196);
  EventLoop& loop = world.loop();
  loop.SetTimeout(absl::Milliseconds(10), world.Say("10ms #1"));
  loop.SetTimeout(absl::Milliseconds(5), world.Say("5ms #1"));
  loop.SetTimeout(absl::Milliseconds(10), world.Say("10ms #2"));
  loop.SetTimeout(absl::Milliseconds(1), [&] {
    world.log.Say("1ms #1");
    loop.SetTimeout(absl::ZeroDuration(), world.Say("0ms nested"));
    loop.NextTick(world.Say("nextTick from 1ms"));
  });
  loop.SetTimeout(absl::ZeroDuration(), world.Say("0ms #2"));
  loop.SetTimeout(absl::Milliseconds(5), world.Say("5ms #2"));
  Timer never(loop, world.Say("never"));
  never.Start(absl::Milliseconds(5));
  loop.SetTimeout(absl::Milliseconds(2), [&] {
    world.log.Say("clears");
    never.Stop();
  });
  Timer interval(loop, [&] {
    world.log.Say("interval");
    interval.Stop();
  });
  interval.Start(absl::Milliseconds(3), absl::Milliseconds(3));
  world.clock.Advance(absl::Milliseconds(30));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("0ms #2", "1ms #1", "clears", "interval", "5ms #1",
                          "5ms #2", "never", "10ms #1", "10ms #2",
                          "nextTick from 1ms", "0ms nested"));
}

TEST(V0196Turn, DoesNotFireAnExpiredTimerThatWasDestroyed) {
  LoopWorld world(Discipline::kV0196);
  std::optional<Timer> second;
  Timer first(world.loop(), [&] {
    world.log.Say("first");
    second.reset();
  });
  second.emplace(world.loop(), world.Say("second"));
  first.Start(absl::Milliseconds(1));
  second->Start(absl::Milliseconds(1));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("first"));
}

TEST(V0196Turn, RepeatsALateTimerInTheNextTurnAndNotInTheSame) {
  LoopWorld world(Discipline::kV0196);
  int fired = 0;
  Timer interval(world.loop(), [&] {
    world.log.Say("interval");
    if (++fired == 3) interval.Stop();
  });
  interval.Start(absl::Milliseconds(10), absl::Milliseconds(10));
  world.clock.Advance(absl::Milliseconds(35));
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_THAT(world.Lines(), ElementsAre("interval"));
  // 10 + 10 ms have passed: at once. Then in the rhythm of that moment.
  EXPECT_EQ(interval.due(), world.clock.Now());
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_EQ(interval.due(), world.clock.Now() + absl::Milliseconds(10));
  EXPECT_EQ(world.Run(), Turn::kDone);
}

TEST(V0196Turn, StrandsTheTicksBehindOneThatThrowsUntilTheNextNextTick) {
  LoopWorld world(Discipline::kV0196);
  world.loop().SetUncaughtHandler([&](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::runtime_error& error) {
      world.log.Say(std::string("uncaught ") + error.what());
    }
  });
  world.loop().NextTick([&] {
    world.log.Say("tick 1");
    throw std::runtime_error("tick boom");
  });
  world.loop().NextTick(world.Say("tick 2 (stranded)"));
  world.loop().SetTimeout(absl::Milliseconds(20), [&] {
    world.log.Say("timer 20: tick 2 still not run");
    world.loop().NextTick(world.Say("tick 3"));
  });
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("tick 1", "uncaught tick boom",
                                         "timer 20: tick 2 still not run",
                                         "tick 2 (stranded)", "tick 3"));
}

TEST(V0196Turn, DoesNotLiveForStrandedTicks) {
  LoopWorld world(Discipline::kV0196);
  world.loop().SetUncaughtHandler([](std::exception_ptr) {});
  world.loop().NextTick([] { throw std::runtime_error("boom"); });
  world.loop().NextTick(world.Say("stranded"));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_FALSE(world.loop().alive());
  EXPECT_THAT(world.Lines(), IsEmpty());
}

TEST(V0196Turn, LeavesATickOfACallbackToTheNextTurnAndDoesNotWaitInBetween) {
  LoopWorld world(Discipline::kV0196);
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [&](Interest) {
    world.log.Say("io");
    world.kernel.SetReady(fd, 0);
    world.loop().NextTick(world.Say("tick"));
    world.loop().SetTimeout(absl::Hours(1), [&] { reader.Stop(); });
  });
  reader.Set(fd, kReadable);
  reader.Start();
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_THAT(world.Lines(), ElementsAre("io"));
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.Lines(), ElementsAre("tick"));
  EXPECT_EQ(world.kernel.timeout(), absl::Hours(1));
  EXPECT_EQ(world.Run(), Turn::kDone);
}

TEST(V0196Turn, PollsWithoutWaitingWhenATickQueuedAnother) {
  LoopWorld world(Discipline::kV0196);
  world.loop().NextTick([&] { world.loop().NextTick(world.Say("nested")); });
  Timer timer(world.loop(), [] {});
  timer.Start(absl::Seconds(1));
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_EQ(world.kernel.timeout(), absl::ZeroDuration());
  timer.Stop();
  EXPECT_EQ(world.Run(), Turn::kDone);
}

TEST(V0196Turn, TakesBackAnEventWhenItsWatcherIsStopped) {
  LoopWorld world(Discipline::kV0196);
  const Fd a = world.kernel.Open();
  const Fd b = world.kernel.Open();
  IoWatcher first(world.loop(), [&](Interest) { world.log.Say("first"); });
  IoWatcher last(world.loop(), [&](Interest) {
    world.log.Say("last");
    first.Stop();
    last.Stop();
  });
  first.Set(a, kReadable);
  last.Set(b, kReadable);
  first.Start();
  last.Start();
  world.kernel.SetReady(a, kEpollIn);
  world.kernel.SetReady(b, kEpollIn);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("last"));
}

}  // namespace
}  // namespace simloop::loop
