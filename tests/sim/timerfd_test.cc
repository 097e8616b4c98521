// Timerfds: expirations in virtual time.

#include <cstring>

#include "tests/sim/one_process.h"

namespace simloop::sim {
namespace {

class TimerfdTest : public OneProcess {
 protected:
  TimerfdTest()
      : fd_(*kernel_.TimerfdCreate(loop::kClockMonotonic, loop::kTfdNonblock)) {
  }

  loop::TimerSpec Set(absl::Duration value, absl::Duration interval = {},
                      int flags = 0) {
    return *kernel_.TimerfdSettime(fd_, flags, {interval, value});
  }
  // 0: EAGAIN.
  uint64_t Expirations() {
    char bytes[sizeof(uint64_t)];
    if (!kernel_.Read(fd_, absl::MakeSpan(bytes)).ok()) return 0;
    uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }

  const loop::Fd fd_;
};

TEST_F(TimerfdTest, GoesOffOnce) {
  Set(absl::Milliseconds(100));
  RunFor(absl::Milliseconds(99));
  EXPECT_EQ(Ready(fd_), 0u);
  RunFor(absl::Milliseconds(1));
  EXPECT_EQ(Ready(fd_), kIn);
  EXPECT_EQ(Expirations(), 1u);
  RunFor(absl::Seconds(1));
  EXPECT_EQ(Expirations(), 0u);
}

TEST_F(TimerfdTest, CountsTheIntervalsThatNobodyRead) {
  Set(absl::Milliseconds(100), absl::Milliseconds(200));
  RunFor(absl::Milliseconds(750));
  EXPECT_EQ(Expirations(), 4u);
  RunFor(absl::Milliseconds(150));
  EXPECT_EQ(Expirations(), 1u);
}

TEST_F(TimerfdTest, WakesNobodyTwiceUntilItIsRead) {
  const loop::Fd watch = Watch(fd_);
  Set(absl::Milliseconds(100), absl::Milliseconds(100));
  RunFor(absl::Milliseconds(150));
  EXPECT_EQ(Edge(watch), kIn);
  RunFor(absl::Milliseconds(500));
  EXPECT_EQ(Edge(watch), 0u);
  EXPECT_EQ(Expirations(), 6u);
  RunFor(absl::Milliseconds(100));
  EXPECT_EQ(Edge(watch), kIn);
}

TEST_F(TimerfdTest, SaysWhatIsLeft) {
  Set(absl::Milliseconds(100), absl::Milliseconds(70));
  RunFor(absl::Milliseconds(30));
  const loop::TimerSpec now = *kernel_.TimerfdGettime(fd_);
  EXPECT_EQ(now.value, absl::Milliseconds(70));
  EXPECT_EQ(now.interval, absl::Milliseconds(70));
  RunFor(absl::Milliseconds(100));
  EXPECT_EQ(Set({}).value, absl::Milliseconds(40));
  EXPECT_EQ(kernel_.TimerfdGettime(fd_)->value, absl::ZeroDuration());
}

TEST_F(TimerfdTest, SetAnewForgetsItsExpirations) {
  Set(absl::Milliseconds(100));
  RunFor(absl::Milliseconds(150));
  Set(absl::Seconds(10));
  EXPECT_EQ(Expirations(), 0u);
}

TEST_F(TimerfdTest, OfATimeThatHasPassedGoesOffAtOnce) {
  RunFor(absl::Milliseconds(950));
  Set(absl::Milliseconds(700), absl::Milliseconds(100), loop::kTfdTimerAbstime);
  EXPECT_EQ(Ready(fd_), kIn);
  EXPECT_EQ(Expirations(), 3u);
  RunFor(absl::Milliseconds(50));
  EXPECT_EQ(Expirations(), 1u);
}

TEST_F(TimerfdTest, OfTheEndOfTimeNeverGoesOff) {
  Set(absl::InfiniteDuration());
  EXPECT_GT(kernel_.TimerfdGettime(fd_)->value, absl::Hours(24 * 365));
  RunFor(absl::Hours(1));
  EXPECT_EQ(Expirations(), 0u);
}

}  // namespace
}  // namespace simloop::sim
