// The order of callbacks under Discipline::kModern. Where a test has the shape
// of a program that was run on Node 20, its lines are what that printed.
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

TEST(ModernTurn, RunsOutTicksThenMicrotasksBeforeTheLoopIsEntered) {
  LoopWorld world(Discipline::kModern);
  EventLoop& loop = world.loop();
  world.log.Say("sync");
  loop.NextTick(world.Say("nextTick 1"));
  loop.QueueMicrotask(world.Say("microtask 1"));
  loop.QueueMicrotask([&] {
    world.log.Say("microtask 2");
    loop.NextTick(world.Say("nextTick from microtask"));
  });
  loop.NextTick([&] {
    world.log.Say("nextTick 2");
    loop.QueueMicrotask(world.Say("microtask from nextTick"));
  });
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("sync", "nextTick 1", "nextTick 2", "microtask 1",
                          "microtask 2", "microtask from nextTick",
                          "nextTick from microtask"));
}

TEST(ModernTurn, HasThePhasesOfNode) {
  LoopWorld world(Discipline::kModern);
  EventLoop& loop = world.loop();
  const Fd fd = world.kernel.Open();
  IoWatcher reader(loop, [&](Interest) {
    reader.Stop();
    world.log.Say("data callback");
    loop.SetTimeout(absl::ZeroDuration(), [&] {
      world.log.Say("timer 0");
      loop.NextTick(world.Say("nextTick in timer 0"));
    });
    loop.SetTimeout(absl::ZeroDuration(), world.Say("timer 0b"));
    loop.SetImmediate([&] {
      world.log.Say("immediate 1");
      loop.NextTick(world.Say("nextTick in immediate 1"));
      loop.SetImmediate(world.Say("immediate nested"));
    });
    loop.SetImmediate(world.Say("immediate 2"));
    loop.NextTick(world.Say("nextTick"));
    loop.QueueMicrotask(world.Say("microtask"));
    loop.QueueClose(world.Say("close 1"));
    loop.QueueClose(world.Say("close 2"));
    loop.QueuePending(world.Say("pending"));
    world.clock.Advance(absl::Milliseconds(5));
    world.log.Say("data callback returns");
  });
  reader.Set(fd, kReadable);
  reader.Start();
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("data callback", "data callback returns", "nextTick",
                          "microtask", "pending", "immediate 1",
                          "nextTick in immediate 1", "immediate 2", "close 2",
                          "close 1", "timer 0", "nextTick in timer 0",
                          "timer 0b", "immediate nested"));
}

TEST(ModernTurn, ReportsItsEventsInOrder) {
  LoopWorld world(Discipline::kModern, /*observed=*/true);
  world.loop().NextTick(world.Say("from main"));
  world.loop().SetImmediate([] {});
  world.loop().QueueClose([] {});
  world.loop().QueuePending([] {});
  world.loop().SetTimeout(absl::Milliseconds(1), [] {});
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(
      world.Lines(),
      ElementsAre("tick queued", "tick", "from main", "return", "enter",
                  "turn 1", "pending", "return", "immediate", "return", "close",
                  "return", "turn 2", "timer #0", "return", "exit"));
}

TEST(ModernTurn, IsNotEnteredIfNothingIsActive) {
  LoopWorld world(Discipline::kModern, /*observed=*/true);
  EXPECT_EQ(world.Step(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("enter", "exit"));
  EXPECT_EQ(world.Step(), Turn::kDone);
  EXPECT_THAT(world.Lines(), IsEmpty());
}

TEST(ModernTurn, RunsOverdueTimersByExpiryBeforeTheFirstTurn) {
  LoopWorld world(Discipline::kModern);
  EventLoop& loop = world.loop();
  loop.SetTimeout(absl::Milliseconds(10), world.Say("10ms #1"));
  loop.SetTimeout(absl::Milliseconds(5), world.Say("5ms #1"));
  loop.SetTimeout(absl::Milliseconds(10), world.Say("10ms #2"));
  loop.SetTimeout(absl::Milliseconds(1), [&] {
    world.log.Say("1ms #1");
    loop.SetTimeout(absl::ZeroDuration(), world.Say("0ms nested in 1ms"));
  });
  loop.SetTimeout(absl::ZeroDuration(), world.Say("0ms(=1) #2"));
  loop.SetTimeout(absl::Milliseconds(5), world.Say("5ms #2"));
  Timer cancelled(loop, world.Say("never"));
  cancelled.Start(absl::Milliseconds(5));
  loop.SetTimeout(absl::Milliseconds(2), [&] {
    world.log.Say("clears");
    cancelled.Stop();
  });
  Timer interval(loop, [&] {
    world.log.Say("interval 3ms");
    interval.Stop();
  });
  interval.Start(absl::Milliseconds(3), absl::Milliseconds(3));
  world.clock.Advance(absl::Milliseconds(30));
  loop.SetImmediate(world.Say("immediate"));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("1ms #1", "0ms(=1) #2", "clears", "interval 3ms",
                          "5ms #1", "5ms #2", "10ms #1", "10ms #2", "immediate",
                          "0ms nested in 1ms"));
}

TEST(ModernTurn, RunsIoBeforeATimerDueInTheSameTurn) {
  LoopWorld world(Discipline::kModern);
  EventLoop& loop = world.loop();
  const Fd fd = world.kernel.Open();
  IoWatcher reader(loop, [&](Interest) {
    world.log.Say("data");
    reader.Stop();
  });
  reader.Set(fd, kReadable);
  reader.Start();
  loop.SetTimeout(absl::Milliseconds(30), [&] {
    loop.SetTimeout(absl::Milliseconds(5), world.Say("timer due"));
    loop.SetImmediate(world.Say("immediate"));
    world.kernel.SetReady(fd, kEpollIn);
    world.clock.Advance(absl::Milliseconds(20));
    world.log.Say("both ready now");
  });
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("both ready now", "data", "immediate", "timer due"));
}

TEST(ModernTurn, RunsIoInTheKernelsOrderWithTicksInBetween) {
  LoopWorld world(Discipline::kModern);
  std::vector<std::unique_ptr<IoWatcher>> watchers;
  for (int i = 0; i < 3; ++i) {
    watchers.push_back(
        std::make_unique<IoWatcher>(world.loop(), [&, i](Interest) {
          world.log.Say("io " + std::to_string(i));
          watchers[static_cast<size_t>(i)]->Stop();
          world.loop().NextTick(world.Say("tick " + std::to_string(i)));
        }));
    const Fd fd = world.kernel.Open();
    watchers.back()->Set(fd, kReadable);
    watchers.back()->Start();
    world.kernel.SetReady(fd, kEpollIn);
  }
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("io 0", "tick 0", "io 1", "tick 1",
                                         "io 2", "tick 2"));
}

TEST(ModernTurn, ReadsBeforeItWritesOnOneDescriptor) {
  LoopWorld world(Discipline::kModern);
  const Fd fd = world.kernel.Open();
  IoWatcher writer(world.loop(), [&](Interest) {
    world.log.Say("write");
    writer.Stop();
  });
  IoWatcher reader(world.loop(), [&](Interest) {
    world.log.Say("read");
    reader.Stop();
    world.loop().NextTick(world.Say("tick"));
  });
  writer.Set(fd, kWritable);
  reader.Set(fd, kReadable);
  writer.Start();
  reader.Start();
  world.kernel.SetReady(fd, kEpollErr);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("read", "tick", "write"));
}

TEST(ModernTurn, DoesNotWriteWhereTheReaderHasStoppedTheWriter) {
  LoopWorld world(Discipline::kModern);
  const Fd fd = world.kernel.Open();
  std::optional<IoWatcher> writer;
  IoWatcher reader(world.loop(), [&](Interest) {
    world.log.Say("read");
    reader.Stop();
    writer.reset();
  });
  writer.emplace(world.loop(), [&](Interest) { world.log.Say("write"); });
  writer->Set(fd, kWritable);
  reader.Set(fd, kReadable);
  writer->Start();
  reader.Start();
  world.kernel.SetReady(fd, kEpollIn | kEpollOut);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("read"));
}

TEST(ModernTurn, RunsAtMostEightRoundsOfThePendingQueueAfterThePoll) {
  LoopWorld world(Discipline::kModern);
  int rounds = 0;
  Task again;
  again = [&] {
    if (++rounds < 20) world.loop().QueuePending([&] { again(); });
  };
  world.loop().QueuePending([&] { again(); });
  world.loop().SetImmediate(
      [&] { world.log.Say("immediate after " + std::to_string(rounds)); });
  EXPECT_EQ(world.Run(), Turn::kDone);
  // One before the poll and eight after it.
  EXPECT_THAT(world.Lines(), ElementsAre("immediate after 9"));
  EXPECT_EQ(rounds, 20);
}

TEST(ModernTurn, LeavesWhatImmediatesAndClosingCallbacksQueueToTheNextTurn) {
  LoopWorld world(Discipline::kModern, /*observed=*/true);
  world.loop().QueueClose([&] {
    world.loop().QueueClose([] {});
    world.loop().SetImmediate([] {});
  });
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("enter", "turn 1", "close", "return", "turn 2",
                          "immediate", "return", "close", "return", "exit"));
}

TEST(ModernTurn, DoesNotFireATimerThatAnEarlierOneStopped) {
  LoopWorld world(Discipline::kModern);
  Timer second(world.loop(), world.Say("second"));
  Timer first(world.loop(), [&] {
    world.log.Say("first");
    second.Stop();
  });
  first.Start(absl::Milliseconds(1));
  second.Start(absl::Milliseconds(1));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("first"));
}

TEST(ModernTurn, RestartsATimerOfNoDelayInTheNextTurnOnly) {
  LoopWorld world(Discipline::kModern, /*observed=*/true);
  int fired = 0;
  Timer timer(world.loop(), [&] {
    if (++fired < 2) timer.Start(absl::ZeroDuration());
  });
  timer.Start(absl::ZeroDuration());
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(),
              ElementsAre("enter", "timer #0", "return", "turn 1", "timer #0",
                          "return", "exit"));
}

TEST(ModernTurn, RepeatsATimerFromWhenItFired) {
  LoopWorld world(Discipline::kModern);
  Timer interval(world.loop(), [&] { world.log.Say("interval"); });
  interval.Start(absl::Milliseconds(10), absl::Milliseconds(10));
  world.clock.Advance(absl::Milliseconds(35));
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.Lines(), ElementsAre("interval"));
  EXPECT_EQ(interval.due(), world.clock.Now() + absl::Milliseconds(10));
  interval.Stop();
}

TEST(ModernTurn, RunsTicksQueuedByAThrowingCallbackAfterTheNextOne) {
  LoopWorld world(Discipline::kModern);
  EventLoop& loop = world.loop();
  loop.SetUncaughtHandler(
      [&](std::exception_ptr) { world.log.Say("uncaught"); });
  loop.SetImmediate([&] {
    loop.NextTick(world.Say("tick 1"));
    loop.NextTick([&] {
      world.log.Say("tick 2");
      throw std::runtime_error("boom");
    });
    loop.NextTick(world.Say("tick 3"));
    throw std::runtime_error("boom");
  });
  loop.SetImmediate(world.Say("immediate 2"));
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("uncaught", "immediate 2", "tick 1",
                                         "tick 2", "uncaught", "tick 3"));
}

}  // namespace
}  // namespace simloop::loop
