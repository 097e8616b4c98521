// The retransmission time-out by RFC 6298, with Linux's bounds and its way of
// taking the worst variance of a flight.
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

// SRTT = 20 ms, 4 * RTTVAR = 40 ms: Linux's least of 200 ms.
TEST(Retransmission, AddsAtLeast200MillisecondsToTheRoundTrip) {
  Retransmission retransmission;
  retransmission.Measured(20 * kMilli, At(20), 1, 1);
  EXPECT_EQ(retransmission.TimeoutNanos(), 220 * kMilli);
}

// SRTT = 400, 4 * RTTVAR = 800: 1200. Then R = 800: 800 - 800/4 + 400 = 1000,
// SRTT = 7/8 * 400 + 1/8 * 800 = 450: 450 + 1000.
TEST(Retransmission, SmoothsTheRoundTripAndItsVariance) {
  Retransmission retransmission;
  retransmission.Measured(400 * kMilli, At(400), 1, 1);
  EXPECT_EQ(retransmission.TimeoutNanos(), 1200 * kMilli);
  retransmission.Measured(800 * kMilli, At(1800), 2, 3);
  EXPECT_EQ(retransmission.TimeoutNanos(), 1450 * kMilli);
  EXPECT_EQ(retransmission.smooth_nanos(), 450 * kMilli);
  EXPECT_EQ(retransmission.least_nanos(), 400 * kMilli);
}

// The round trip stays 400, and so the deviation is 800, 600, 450 and so on. Of
// the first flight the worst was 800, of the second 450: that makes 800 - 350/4
// = 712.5, once, however many acknowledgments it has.
TEST(Retransmission, ForgetsAVarianceByAQuarterAFlight) {
  Retransmission retransmission;
  retransmission.Measured(400 * kMilli, At(400), 1, 1);
  retransmission.Measured(400 * kMilli, At(800), 2, 11);
  EXPECT_EQ(retransmission.TimeoutNanos(), 1200 * kMilli);
  for (Sequence una = 3; una <= 11; ++una) {
    retransmission.Measured(400 * kMilli, At(810), una, 21);
  }
  EXPECT_EQ(retransmission.TimeoutNanos(), 1200 * kMilli);
  for (Sequence una = 12; una <= 21; ++una) {
    retransmission.Measured(400 * kMilli, At(1200), una, 31);
  }
  EXPECT_LT(retransmission.TimeoutNanos(), 1113 * kMilli);
  EXPECT_GT(retransmission.TimeoutNanos(), 1112 * kMilli);
}

TEST(Retransmission, ForgetsTheLeastRoundTripAfterFiveMinutes) {
  Retransmission retransmission;
  retransmission.Measured(20 * kMilli, At(0), 1, 1);
  retransmission.Measured(30 * kMilli, At(300'000), 2, 2);
  EXPECT_EQ(retransmission.least_nanos(), 20 * kMilli);
  retransmission.Measured(30 * kMilli, At(301'000), 3, 3);
  EXPECT_EQ(retransmission.least_nanos(), 30 * kMilli);
}

// A new measurement ends the doubling, progress the count of time-outs.
TEST(Retransmission, StartsOverWhenSomethingIsAcknowledged) {
  Retransmission retransmission;
  retransmission.Measured(20 * kMilli, At(20), 1, 1);
  retransmission.TimedOut(/*doubles=*/true);
  EXPECT_EQ(retransmission.TimeoutNanos(), 440 * kMilli);
  retransmission.Progressed();
  EXPECT_EQ(retransmission.timeouts(), 0);
  EXPECT_EQ(retransmission.TimeoutNanos(), 440 * kMilli);
  retransmission.Measured(20 * kMilli, At(1000), 2, 2);
  EXPECT_LT(retransmission.TimeoutNanos(), 440 * kMilli);
}

// Linux counts time, not how often: 200 ms doubled 9 times, then 120 s each.
TEST(Retransmission, GivesUpAfter924600MillisecondsByDefault) {
  EXPECT_EQ(Retransmission::GivesUpNanos(15),
            (1023 * 200 + 6 * 120'000) * kMilli);
  EXPECT_EQ(Retransmission::GivesUpNanos(8), 511 * 200 * kMilli);
}

}  // namespace
}  // namespace simloop::sim::tcp
