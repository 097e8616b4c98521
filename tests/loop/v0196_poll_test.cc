// Which epoll calls Discipline::kV0196 makes, and what it takes of the answers.
#include <memory>
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

// Node v0.1.96's 20-pause-resume: MOD and DEL come late, when epoll reports
// what nobody asked for, and end that poll.
TEST(V0196Poll, TellsEpollOfLessInterestOnlyAfterASpuriousEvent) {
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

TEST(V0196Poll, ReportsAHangUpAsAllOfTheInterestAndRenewsTheMask) {
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

TEST(V0196Poll, MakesOneEpollCtlForAllChangesOfADescriptorInATurn) {
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

TEST(V0196Poll, FindsOutThatANumberIsAnothersNow) {
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

TEST(V0196Poll, GivesTheNewOwnerOfANumberNothingOfTheOldOnesBatch) {
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

TEST(V0196Poll, TakesMoreEventsAtOnceAfterItsArrayWasFull) {
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
