// TCP over links that lose, reorder, repeat and spoil packets: every byte
// arrives once and in order, or both ends are told.

#include <string>

#include "explore/random_scheduler.h"
#include "gtest/gtest.h"
#include "tests/sim/transfer.h"

namespace simloop::sim {
namespace {

constexpr uint32_t kPercent = 10'000'000;  // in parts per billion

TransferPlan Plan(size_t bytes, uint32_t loss_percent) {
  TransferPlan plan;
  plan.bytes = bytes;
  plan.to_server.latency = plan.to_client.latency = absl::Milliseconds(10);
  plan.to_server.loss_ppb = plan.to_client.loss_ppb = loss_percent * kPercent;
  return plan;
}

// A connect(2), or a FIN, may meet so many losses in a row that the kernel
// gives up; whoever was connected and is not told otherwise has it all.
void ExpectWholeOrTold(const TransferPlan& plan, uint64_t seeds) {
  uint64_t whole = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    explore::RandomScheduler scheduler(seed);
    const TransferResult result = RunTransfer(plan, &scheduler);
    EXPECT_TRUE(result.intact) << "seed " << seed;
    EXPECT_LE(result.received, plan.bytes) << "seed " << seed;
    if (result.end_of_stream) {
      EXPECT_EQ(result.received, plan.bytes) << "seed " << seed;
      ++whole;
    } else {
      EXPECT_TRUE(result.client_error == loop::Errno::kETIMEDOUT ||
                  result.server_error != loop::Errno::kOk)
          << "seed " << seed << " received " << result.received << " client "
          << static_cast<int>(result.client_error) << " server "
          << static_cast<int>(result.server_error);
    }
  }
  testing::Test::RecordProperty("whole", static_cast<int>(whole));
  EXPECT_GE(whole, seeds * 98 / 100);
}

TEST(Loss, DeliversEveryByteOnceAtOnePercent) {
  ExpectWholeOrTold(Plan(200'000, 1), 1000);
}

TEST(Loss, DeliversEveryByteOnceAtFivePercent) {
  ExpectWholeOrTold(Plan(100'000, 5), 1000);
}

TEST(Loss, DeliversEveryByteOnceAtThirtyPercent) {
  ExpectWholeOrTold(Plan(30'000, 30), 1000);
}

TEST(Loss, DeliversEveryByteOnceThoughPacketsAreOvertakenRepeatedAndSpoilt) {
  TransferPlan plan = Plan(100'000, 2);
  for (LinkOptions* way : {&plan.to_server, &plan.to_client}) {
    way->duplicate_ppb = 5 * kPercent;
    way->corrupt_ppb = 2 * kPercent;
    way->reorder_ppb = 10 * kPercent;
    way->reorder_by = absl::Milliseconds(3);
    way->jitter = absl::Milliseconds(5);
    way->reordering = true;
  }
  ExpectWholeOrTold(plan, 500);
}

// The same for a peer that knows no SACK.
TEST(Loss, DeliversEveryByteOnceWithoutSack) {
  TransferPlan plan = Plan(100'000, 5);
  plan.server.sack = 0;
  ExpectWholeOrTold(plan, 300);
}

TEST(Loss, DeliversEveryByteOnceUnderReno) {
  TransferPlan plan = Plan(100'000, 5);
  plan.client.tcp_congestion_control = "reno";
  ExpectWholeOrTold(plan, 300);
}

}  // namespace
}  // namespace simloop::sim
