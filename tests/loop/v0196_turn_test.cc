// The order of callbacks under Discipline::kV0196. Where a test has the shape
// of a program that was run on Node v0.1.96, its lines are what that printed.
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>

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

// Node v0.1.96's 20-pause-resume: MOD and DEL come late, when epoll reports
// what nobody asked for, and end that poll.
TEST(V0196Turn, TellsEpollOfLessInterestOnlyAfterASpuriousEvent) {
  LoopWorld world(Discipline::kV0196, /*observed=*/true);
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [&](Interest) { reader.Stop(); });
  reader.Set(fd, kReadable);
  reader.Start();
  Timer later(world.loop(), [&] { reader.Start(); });
  later.Start(absl::Seconds(1));
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("ADD 4 IN", "WAIT 4:IN"));
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("WAIT 4:IN", "DEL 4"));
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("ADD 4 IN", "WAIT 4:IN"));
  EXPECT_THAT(
      world.Lines(),
      ElementsAre("set #0 4 R", "start #0 4 R", "enter", "turn 1",
                  "fire #0 4 R", "stop #0", "return", "turn 2", "turn 3",
                  "timer #0", "start #0 4 R", "return", "turn 4", "fire #0 4 R",
                  "stop #0", "return", "exit"));
}

TEST(V0196Turn, ReportsAHangUpAsAllOfTheInterestAndRenewsTheMask) {
  LoopWorld world(Discipline::kV0196);
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [&](Interest ready) {
    EXPECT_EQ(ready, kReadable);
    world.log.Say("read");
    reader.Stop();
  });
  reader.Set(fd, kReadable);
  reader.Start();
  world.kernel.SetReady(fd, kEpollIn | kEpollHup);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("read"));
  EXPECT_THAT(world.kernel.TakeLog(),
              ElementsAre("ADD 4 IN", "WAIT 4:IN|HUP", "MOD 4 IN"));
}

TEST(V0196Turn, MakesOneEpollCtlForAllChangesOfADescriptorInATurn) {
  LoopWorld world(Discipline::kV0196);
  const Fd a = world.kernel.Open();
  const Fd b = world.kernel.Open();
  IoWatcher first(world.loop(), [](Interest) {});
  IoWatcher second(world.loop(), [](Interest) {});
  IoWatcher other(world.loop(), [](Interest) {});
  first.Set(a, kReadable);
  second.Set(a, kWritable);
  other.Set(b, kReadable);
  first.Start();
  other.Start();
  second.Start();
  first.Stop();
  EXPECT_THAT(world.kernel.TakeLog(), IsEmpty());
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("ADD 4 OUT", "ADD 5 IN"));
  // Stopped and started within a turn: nothing has changed.
  second.Stop();
  second.Start();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), IsEmpty());
  // But ev_io_set() means it may be another file.
  second.Stop();
  second.Set(a, kWritable);
  second.Start();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("MOD 4 OUT"));
  second.Stop();
  other.Stop();
}

TEST(V0196Turn, FindsOutThatANumberIsAnothersNow) {
  LoopWorld world(Discipline::kV0196);
  const Fd old = world.kernel.Open();
  IoWatcher watcher(world.loop(), [&](Interest) {
    watcher.Stop();
    world.loop().Forget(old);
    EXPECT_TRUE(world.kernel.Close(old).ok());
    const Fd fresh = world.kernel.Open();
    EXPECT_EQ(fresh, old);
    watcher.Set(fresh, kReadable);
    watcher.Start();
  });
  watcher.Set(old, kReadable);
  watcher.Start();
  world.kernel.SetReady(old, kEpollIn);
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(
      world.kernel.TakeLog(),
      ElementsAre("ADD 4 IN", "WAIT 4:IN", "MOD 4 IN = ENOENT", "ADD 4 IN"));
  watcher.Stop();
}

TEST(V0196Turn, GivesTheNewOwnerOfANumberNothingOfTheOldOnesBatch) {
  LoopWorld world(Discipline::kV0196);
  const Fd a = world.kernel.Open();
  const Fd b = world.kernel.Open();
  IoWatcher old(world.loop(), [&](Interest) { world.log.Say("old"); });
  IoWatcher fresh(world.loop(), [&](Interest) { world.log.Say("fresh"); });
  IoWatcher closer(world.loop(), [&](Interest) {
    world.log.Say("closer");
    closer.Stop();
    old.Stop();
    world.loop().Forget(a);
    EXPECT_TRUE(world.kernel.Close(a).ok());
    fresh.Set(world.kernel.Open(), kReadable);
    EXPECT_EQ(fresh.fd(), a);
    fresh.Start();
  });
  old.Set(a, kReadable);
  closer.Set(b, kReadable);
  old.Start();
  closer.Start();
  world.kernel.SetReady(a, kEpollIn);
  world.kernel.SetReady(b, kEpollIn);
  // [a, b] in reverse: b first, and its event is the only one.
  EXPECT_EQ(world.Run(), Turn::kParked);
  EXPECT_THAT(world.Lines(), ElementsAre("closer"));
  fresh.Stop();
}

TEST(V0196Turn, TakesMoreEventsAtOnceAfterItsArrayWasFull) {
  LoopWorld world(Discipline::kV0196);
  std::vector<std::unique_ptr<IoWatcher>> watchers;
  int fired = 0;
  for (int i = 0; i < 100; ++i) {
    watchers.push_back(
        std::make_unique<IoWatcher>(world.loop(), [&](Interest) { ++fired; }));
    const Fd fd = world.kernel.Open();
    watchers.back()->Set(fd, kReadable);
    watchers.back()->Start();
    world.kernel.SetReady(fd, kEpollIn);
  }
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_EQ(fired, 64);
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_EQ(fired, 64 + 100);
}

}  // namespace
}  // namespace simloop::loop
