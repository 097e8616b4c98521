// Which epoll calls Discipline::kModern makes, and what it takes of the
// answers.
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

// libuv's uv__io_start(), uv__io_stop() and uv__io_poll().
TEST(ModernPoll, MakesEpollCtlsAsLibuvDoes) {
  LoopWorld world(Discipline::kModern);
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [](Interest) {});
  IoWatcher writer(world.loop(), [](Interest) {});
  reader.Set(fd, kReadable);
  writer.Set(fd, kWritable);
  writer.Start();
  EXPECT_THAT(world.kernel.TakeLog(), IsEmpty());
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("ADD 4 OUT"));
  // The last one stops, and another starts: libuv has forgotten, epoll not.
  writer.Stop();
  reader.Start();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(),
              ElementsAre("ADD 4 IN = EEXIST", "MOD 4 IN"));
  // So it is even if the mask is the same.
  reader.Stop();
  reader.Start();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(),
              ElementsAre("ADD 4 IN = EEXIST", "MOD 4 IN"));
  writer.Start();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("MOD 4 IN|OUT"));
  writer.Stop();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("MOD 4 IN"));
  // Stopping what is stopped (uv__drain() after a shutdown) asks again.
  writer.Stop();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("MOD 4 IN"));
  reader.Stop();
  world.loop().Forget(fd);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("DEL 4"));
  const Fd never_polled = world.kernel.Open();
  world.loop().Forget(never_polled);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("DEL 5 = ENOENT"));
}

TEST(ModernPoll, QueuesADescriptorAnewAfterItsLastWatcherStopped) {
  LoopWorld world(Discipline::kModern);
  const Fd a = world.kernel.Open();
  const Fd b = world.kernel.Open();
  IoWatcher first(world.loop(), [](Interest) {});
  IoWatcher second(world.loop(), [](Interest) {});
  first.Set(a, kReadable);
  second.Set(b, kReadable);
  first.Start();
  second.Start();
  first.Stop();
  first.Start();
  EXPECT_EQ(world.Step(), Turn::kParked);
  EXPECT_THAT(world.kernel.TakeLog(), ElementsAre("ADD 5 IN", "ADD 4 IN"));
  first.Stop();
  second.Stop();
}

TEST(ModernPoll, DisarmsADescriptorNobodyWatchesAndGoesOnPolling) {
  LoopWorld world(Discipline::kModern, /*observed=*/true);
  const Fd fd = world.kernel.Open();
  IoWatcher reader(world.loop(), [&](Interest) { reader.Stop(); });
  reader.Set(fd, kReadable);
  reader.Start();
  Timer timer(world.loop(), [] {});
  timer.Start(absl::Seconds(1));
  world.kernel.SetReady(fd, kEpollIn);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.kernel.TakeLog(),
              ElementsAre("ADD 4 IN", "WAIT 4:IN", "WAIT 4:IN", "DEL 4"));
  EXPECT_THAT(world.Lines(),
              ElementsAre("set #0 4 R", "start #0 4 R", "enter", "turn 1",
                          "fire #0 4 R", "stop #0", "return", "turn 2",
                          "timer #0", "return", "exit"));
}

TEST(ModernPoll, GivesTheNewOwnerOfANumberNothingOfTheOldOnesBatch) {
  LoopWorld world(Discipline::kModern);
  const Fd a = world.kernel.Open();
  const Fd b = world.kernel.Open();
  IoWatcher old(world.loop(), [&](Interest) { world.log.Say("old"); });
  IoWatcher fresh(world.loop(), [&](Interest) { world.log.Say("fresh"); });
  IoWatcher closer(world.loop(), [&](Interest) {
    world.log.Say("closer");
    closer.Stop();
    old.Stop();
    world.loop().Forget(b);
    EXPECT_TRUE(world.kernel.Close(b).ok());
    fresh.Set(world.kernel.Open(), kReadable);
    EXPECT_EQ(fresh.fd(), b);
    fresh.Start();
  });
  closer.Set(a, kReadable);
  old.Set(b, kReadable);
  closer.Start();
  old.Start();
  world.kernel.SetReady(a, kEpollIn);
  world.kernel.SetReady(b, kEpollIn);
  // [a, b]: a closes b and opens another b, of which no event is known.
  EXPECT_EQ(world.Run(), Turn::kParked);
  EXPECT_THAT(world.Lines(), ElementsAre("closer"));
  EXPECT_THAT(world.kernel.TakeLog(),
              ElementsAre("ADD 4 IN", "ADD 5 IN", "WAIT 4:IN 5:IN", "DEL 5",
                          "ADD 5 IN", "WAIT 4:IN", "DEL 4"));
  fresh.Stop();
}

TEST(ModernPoll, PollsAgainAtOnceWhenItsArrayOfEventsWasFull) {
  LoopWorld world(Discipline::kModern);
  std::vector<std::unique_ptr<IoWatcher>> watchers;
  int fired = 0;
  for (int i = 0; i < 1500; ++i) {
    watchers.push_back(
        std::make_unique<IoWatcher>(world.loop(), [&, i](Interest) {
          ++fired;
          watchers[static_cast<size_t>(i)]->Stop();
        }));
    const Fd fd = world.kernel.Open();
    watchers.back()->Set(fd, kReadable);
    watchers.back()->Start();
    world.kernel.SetReady(fd, kEpollIn);
  }
  world.loop().SetTimeout(absl::Hours(1), [] {});
  EXPECT_EQ(world.Step(), Turn::kRan);
  EXPECT_EQ(fired, 1500);
}

}  // namespace
}  // namespace simloop::loop
