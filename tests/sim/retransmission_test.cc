// The retransmission time-out by RFC 6298, with Linux's bounds.
#include "sim/tcp/retransmission.h"

#include "gtest/gtest.h"

namespace simloop::sim::tcp {
namespace {

constexpr int64_t kMilli = 1'000'000;

loop::Instant At(int64_t millis) {
  return loop::Instant::FromNanos(millis * kMilli);
}

TEST(Retransmission, WaitsOneSecondBeforeAnythingWasMeasured) {
  EXPECT_EQ(Retransmission().TimeoutNanos(), 1000 * kMilli);
}

TEST(Retransmission, DoublesAtEachTimeoutUpTo120Seconds) {
  Retransmission retransmission;
  for (int64_t seconds : {1, 2, 4, 8, 16, 32, 64, 120, 120}) {
    EXPECT_EQ(retransmission.TimeoutNanos(), seconds * 1000 * kMilli);
    retransmission.TimedOut(/*doubles=*/true);
  }
}

// SRTT = 20 ms, RTTVAR = 10 ms, 4 * RTTVAR = 40 ms: Linux's least of 200 ms.
TEST(Retransmission, AddsAtLeast200MillisecondsToTheRoundTrip) {
  Retransmission retransmission;
  retransmission.Sent(100, At(0));
  retransmission.Acked(100, At(20));
  EXPECT_EQ(retransmission.TimeoutNanos(), 220 * kMilli);
}

// SRTT = 400, RTTVAR = 200: 1200. Then R = 800: RTTVAR = 3/4 * 200 + 1/4 * 400
// = 250, SRTT = 7/8 * 400 + 1/8 * 800 = 450: 450 + 1000.
TEST(Retransmission, SmoothsTheRoundTripAndItsVariance) {
  Retransmission retransmission;
  retransmission.Sent(100, At(0));
  retransmission.Acked(100, At(400));
  EXPECT_EQ(retransmission.TimeoutNanos(), 1200 * kMilli);
  retransmission.Sent(200, At(1000));
  retransmission.Acked(200, At(1800));
  EXPECT_EQ(retransmission.TimeoutNanos(), 1450 * kMilli);
}

// Karn's algorithm.
TEST(Retransmission, MeasuresNothingThatWasSentAgain) {
  Retransmission retransmission;
  retransmission.Sent(100, At(0));
  retransmission.TimedOut(/*doubles=*/true);
  retransmission.Acked(100, At(1500));
  EXPECT_EQ(retransmission.TimeoutNanos(), 1000 * kMilli);
  EXPECT_EQ(retransmission.timeouts(), 0);
}

}  // namespace
}  // namespace simloop::sim::tcp
