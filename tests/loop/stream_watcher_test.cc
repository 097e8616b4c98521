// StreamWatcher: the two watchers of one descriptor, in the order of each
// discipline, as two IoWatchers would be called.
#include "loop/stream_watcher.h"

#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/loop/loop_world.h"

namespace simloop::loop {
namespace {

using ::testing::ElementsAre;
using Turn = EventLoop::Turn;

class Stream final : public StreamWatcher {
 public:
  explicit Stream(LoopWorld& world) : world_(world), fd_(world.kernel.Open()) {
    EnterLoop(loop());
    SetWatch(loop(), fd_, kReadable);
    SetWatch(loop(), fd_, kWritable);
  }
  ~Stream() { LeaveLoop(loop()); }
  EventLoop& loop() { return world_.loop(); }
  Fd fd() const { return fd_; }
  void Start(Interest way) { StartWatch(loop(), way); }
  void Stop(Interest way) { StopWatch(loop(), way); }
  void Unref() { SetWatchRef(loop(), false); }
  bool started(Interest way) const { return watches(way); }

  std::function<void(Interest)> ready;

 private:
  void OnReady(Interest way) override {
    world_.log.Say(way == kReadable ? "read" : "write");
    if (ready) ready(way);
  }

  LoopWorld& world_;
  const Fd fd_;
};

TEST(StreamWatcher, ReadsBeforeItWritesInAModernLoop) {
  LoopWorld world(Discipline::kModern);
  Stream stream(world);
  stream.ready = [&](Interest way) { stream.Stop(way); };
  stream.Start(kWritable);
  stream.Start(kReadable);
  world.kernel.SetReady(stream.fd(), kEpollIn | kEpollOut);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("read", "write"));
}

TEST(StreamWatcher, CallsTheOneFirstThatWasStartedFirstInV0196) {
  for (const bool write_first : {true, false}) {
    LoopWorld world(Discipline::kV0196);
    Stream stream(world);
    stream.ready = [&](Interest way) { stream.Stop(way); };
    stream.Start(write_first ? kWritable : kReadable);
    stream.Start(write_first ? kReadable : kWritable);
    world.kernel.SetReady(stream.fd(), kEpollIn | kEpollOut);
    EXPECT_EQ(world.Run(), Turn::kDone);
    if (write_first) {
      EXPECT_THAT(world.Lines(), ElementsAre("write", "read"));
    } else {
      EXPECT_THAT(world.Lines(), ElementsAre("read", "write"));
    }
  }
}

TEST(StreamWatcher, TakesBackTheEventOfAWayThatIsStoppedMeanwhile) {
  for (const Discipline discipline :
       {Discipline::kModern, Discipline::kV0196}) {
    LoopWorld world(discipline);
    Stream stream(world);
    stream.ready = [&](Interest) {
      stream.Stop(kReadable);
      stream.Stop(kWritable);
    };
    stream.Start(kReadable);
    stream.Start(kWritable);
    world.kernel.SetReady(stream.fd(), kEpollIn | kEpollOut);
    EXPECT_EQ(world.Run(), Turn::kDone);
    EXPECT_THAT(world.Lines(), ElementsAre("read"));
    EXPECT_FALSE(stream.started(kWritable));
  }
}

TEST(StreamWatcher, CallsBothWaysForAnError) {
  LoopWorld world(Discipline::kModern);
  Stream stream(world);
  stream.ready = [&](Interest way) { stream.Stop(way); };
  stream.Start(kReadable);
  stream.Start(kWritable);
  world.kernel.SetReady(stream.fd(), kEpollErr);
  EXPECT_EQ(world.Run(), Turn::kDone);
  EXPECT_THAT(world.Lines(), ElementsAre("read", "write"));
}

TEST(StreamWatcher, KeepsTheLoopGoingUnlessItIsUnreferenced) {
  LoopWorld world(Discipline::kModern);
  Stream stream(world);
  stream.Start(kReadable);
  EXPECT_EQ(world.Run(), Turn::kParked);
  stream.Unref();
  EXPECT_FALSE(world.loop().alive());
  stream.Start(kWritable);
  EXPECT_FALSE(world.loop().alive());
  stream.Stop(kReadable);
  stream.Stop(kWritable);
}

}  // namespace
}  // namespace simloop::loop
