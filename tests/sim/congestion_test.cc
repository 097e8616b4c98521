// Congestion windows by themselves: Reno (RFC 5681), CUBIC (RFC 9438) and
// HyStart (Ha and Rhee 2011), acknowledgment by acknowledgment.
#include "sim/tcp/congestion.h"

#include <cmath>

#include "gtest/gtest.h"
#include "sim/tcp/cubic.h"

namespace simloop::sim::tcp {
namespace {

constexpr int64_t kMilli = 1'000'000;

loop::Instant At(int64_t millis) {
  return loop::Instant().PlusNanos(millis * kMilli);
}

Congestion Of(const CongestionControl& control, uint32_t window,
              uint32_t threshold) {
  Congestion congestion;
  congestion.control = &control;
  congestion.window = window;
  congestion.threshold = threshold;
  return congestion;
}

// `pieces` are acknowledged one by one at `now`.
void Acked(Congestion& congestion, uint32_t pieces, loop::Instant now,
           int64_t round_trip_millis = 100) {
  Acknowledgment acknowledgment;
  acknowledgment.pieces = 1;
  acknowledgment.now = now;
  acknowledgment.round_trip_nanos = round_trip_millis * kMilli;
  for (uint32_t i = 0; i < pieces; ++i) {
    congestion.control->Measured(congestion, acknowledgment);
    congestion.control->Acked(congestion, acknowledgment);
  }
}

TEST(Congestion, BeginsWithTenSegmentsAndNoThreshold) {
  Congestion congestion;
  EXPECT_EQ(congestion.window, 10u);
  EXPECT_TRUE(congestion.InSlowStart());
}

TEST(Congestion, IsFoundByName) {
  EXPECT_EQ(FindCongestionControl("reno"), &Reno());
  EXPECT_EQ(FindCongestionControl("cubic"), &Cubic());
  EXPECT_EQ(FindCongestionControl("vegas"), nullptr);
}

// RFC 5681 section 3.1: a segment for each that is acknowledged.
TEST(Reno, DoublesInSlowStart) {
  Congestion congestion = Of(Reno(), 10, Congestion::kUnbounded);
  Acked(congestion, 10, At(0));
  EXPECT_EQ(congestion.window, 20u);
  Acked(congestion, 20, At(100));
  EXPECT_EQ(congestion.window, 40u);
}

TEST(Reno, GrowsASegmentPerRoundTripInCongestionAvoidance) {
  Congestion congestion = Of(Reno(), 20, 20);
  for (uint32_t round = 0; round < 30; ++round) {
    EXPECT_EQ(congestion.window, 20 + round);
    Acked(congestion, congestion.window, At(100 * round));
  }
}

// Slow start goes to the threshold and not beyond; what is left of a large
// acknowledgment counts as congestion avoidance.
TEST(Reno, ChangesAtTheThreshold) {
  Congestion congestion = Of(Reno(), 10, 15);
  Acknowledgment acknowledgment;
  acknowledgment.pieces = 10;
  congestion.control->Acked(congestion, acknowledgment);
  EXPECT_EQ(congestion.window, 15u);
  EXPECT_EQ(congestion.counted, 10u - 5u);
  Acked(congestion, 15 - 5, At(0));
  EXPECT_EQ(congestion.window, 16u);
}

TEST(Reno, HalvesAtALossButToTwoAtLeast) {
  Congestion congestion = Of(Reno(), 21, 10);
  EXPECT_EQ(Reno().Lost(congestion), 10u);
  congestion.window = 3;
  EXPECT_EQ(Reno().Lost(congestion), 2u);
}

TEST(CubeRoot, IsExact) {
  EXPECT_EQ(CubeRoot(0), 0u);
  EXPECT_EQ(CubeRoot(1), 1u);
  EXPECT_EQ(CubeRoot(7), 1u);
  EXPECT_EQ(CubeRoot(8), 2u);
  for (uint64_t root = 1; root < 2'000'000; root += 997) {
    EXPECT_EQ(CubeRoot(root * root * root), root);
    EXPECT_EQ(CubeRoot(root * root * root - 1), root - 1);
  }
}

TEST(Cubic, FallsToSevenTenths) {
  Congestion congestion = Of(Cubic(), 100, 50);
  // 717/1024 of 100.
  EXPECT_EQ(Cubic().Lost(congestion), 70u);
  EXPECT_EQ(congestion.cubic->last_most, 100u);
}

// RFC 9438 section 4.7: who loses below where it lost before makes room: W_max
// is then (1 + beta) / 2 of the window.
TEST(Cubic, ConvergesFast) {
  Congestion congestion = Of(Cubic(), 100, 50);
  Cubic().Lost(congestion);
  congestion.window = 80;
  Cubic().Lost(congestion);
  EXPECT_EQ(congestion.cubic->last_most, 80u * (1024 + 717) / 2048);
  // At or above it, it is the window itself.
  congestion.window = 68;
  Cubic().Lost(congestion);
  EXPECT_EQ(congestion.cubic->last_most, 68u);
}

TEST(Cubic, ForgetsAtATimeOut) {
  Congestion congestion = Of(Cubic(), 100, 50);
  Cubic().Lost(congestion);
  Cubic().TimedOut(congestion);
  EXPECT_EQ(congestion.cubic->last_most, 0u);
}

// RFC 9438 section 4.2: W(t) = C (t - K)^3 + W_max with C = 0.4 and K =
// cbrt(W_max (1 - beta) / C). At 1,000 segments and 100 ms Reno is far behind,
// so that the curve alone decides. An acknowledgment for each segment of the
// window, each round trip.
TEST(Cubic, FollowsItsCurve) {
  constexpr double kMost = 1000;
  constexpr double kBegin = 700;  // 717/1024 of it
  const double k = std::cbrt((kMost - kBegin) / 0.4);
  ASSERT_NEAR(k, 9.09, 0.01);
  Congestion congestion = Of(Cubic(), 1000, 500);
  congestion.threshold = Cubic().Lost(congestion);
  congestion.window = congestion.threshold;
  ASSERT_EQ(congestion.window, 700u);
  for (int round = 0; round <= 130; ++round) {
    const double t = round * 0.1;
    const double curve = 0.4 * std::pow(t - k, 3) + kMost;
    if (round % 10 == 0) {
      EXPECT_NEAR(congestion.window, curve, 0.01 * curve) << t << " s";
    }
    // The acknowledgments are spread over the round trip.
    const uint32_t window = congestion.window;
    for (uint32_t i = 0; i < 10; ++i) {
      Acked(congestion, window * (i + 1) / 10 - window * i / 10,
            At(100 * round + 10 * i));
    }
  }
}

// Section 4.3: on a short and narrow path it does as Reno would, with alpha =
// 3 (1 - 0.7) / (1 + 0.7) = 0.53 segments a round trip.
TEST(Cubic, IsNotSlowerThanRenoWouldBe) {
  Congestion congestion = Of(Cubic(), 30, 10);
  congestion.threshold = congestion.window = Cubic().Lost(congestion);
  const uint32_t begin = congestion.window;
  // 20 round trips of 5 ms: in 0.1 s the curve has hardly begun to climb.
  for (int round = 0; round < 20; ++round) {
    Acked(congestion, congestion.window, At(5 * round), 5);
  }
  EXPECT_NEAR(congestion.window, begin + 20 * 0.53, 2);
}

// A pause is none of the curve's time (Resumed()).
TEST(Cubic, DoesNotClimbWhileIdle) {
  Congestion congestion = Of(Cubic(), 100, 50);
  congestion.threshold = congestion.window = Cubic().Lost(congestion);
  Acked(congestion, 1, At(1000));
  const loop::Instant epoch = congestion.cubic->epoch;
  Cubic().Resumed(congestion, 500 * kMilli, At(2000));
  EXPECT_EQ(congestion.cubic->epoch, epoch.PlusNanos(500 * kMilli));
}

// One round: an acknowledgment each `gap` until `count`, of that round trip.
void Round(Congestion& congestion, int64_t begin, int64_t gap, int count,
           int64_t round_trip, Sequence una) {
  Acknowledgment acknowledgment;
  acknowledgment.pieces = 1;
  acknowledgment.una = una;
  acknowledgment.nxt = una + 100'000;
  acknowledgment.round_trip_nanos = round_trip * kMilli;
  for (int i = 0; i < count; ++i) {
    acknowledgment.now = At(begin + gap * i);
    Cubic().Measured(congestion, acknowledgment);
  }
}

// Acknowledgments 1 ms apart are a train; one that lasts longer than half the
// least round trip and the slack of 1 ms fills the pipe.
TEST(Hystart, EndsSlowStartAtALongTrain) {
  Congestion congestion = Of(Cubic(), 40, Congestion::kUnbounded);
  // (100 + 1) / 2 = 50.5 ms: 50 ms after the first is not yet too long.
  Round(congestion, 0, 1, 51, 100, 1);
  EXPECT_TRUE(congestion.InSlowStart());
  Round(congestion, 51, 1, 1, 100, 1);
  EXPECT_FALSE(congestion.InSlowStart());
  EXPECT_EQ(congestion.threshold, 40u);
}

TEST(Hystart, LetsGapsPass) {
  Congestion congestion = Of(Cubic(), 40, Congestion::kUnbounded);
  Round(congestion, 0, 3, 30, 100, 1);
  EXPECT_TRUE(congestion.InSlowStart());
}

// The least of eight samples of a round stands an eighth (4 ms to 16 ms) above
// the least of all: 100 ms, and 100 + 12.5.
TEST(Hystart, EndsSlowStartWhenRoundTripsGrow) {
  Congestion congestion = Of(Cubic(), 40, Congestion::kUnbounded);
  Round(congestion, 0, 3, 9, 100, 1);
  Round(congestion, 100, 3, 9, 112, 200'000);
  EXPECT_TRUE(congestion.InSlowStart());
  Round(congestion, 200, 3, 8, 113, 400'000);
  EXPECT_TRUE(congestion.InSlowStart());
  Round(congestion, 224, 3, 1, 113, 400'000);
  EXPECT_FALSE(congestion.InSlowStart());
}

TEST(Hystart, LeavesWindowsBelowSixteenAlone) {
  Congestion congestion = Of(Cubic(), 15, Congestion::kUnbounded);
  Round(congestion, 0, 1, 200, 100, 1);
  EXPECT_TRUE(congestion.InSlowStart());
}

}  // namespace
}  // namespace simloop::sim::tcp
