// What a connection achieves, against the arithmetic of its path: windows,
// rates, queues, losses. A link of 50 ms each way unless a test says otherwise.

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "explore/random_scheduler.h"
#include "gtest/gtest.h"
#include "tests/sim/transfer.h"

namespace simloop::sim {
namespace {

constexpr absl::Duration kRoundTrip = absl::Milliseconds(100);
// Of an Ethernet packet with time stamps, and the packet.
constexpr double kMss = 1448;
constexpr double kPacket = 1500;
constexpr uint32_t kPercent = 10'000'000;  // in parts per billion

TransferPlan Plan(size_t bytes) {
  TransferPlan plan;
  plan.bytes = bytes;
  plan.to_server.latency = plan.to_client.latency = kRoundTrip / 2;
  return plan;
}

// Loses some of the client's packets with data: the how-many-eth of those that
// are put on the line, from 1. The plan's link is to have some loss.
class LosesSome final : public Scheduler {
 public:
  explicit LosesSome(std::set<int> lost) : lost_(std::move(lost)) {}
  uint32_t Pick(const Choice& choice) override {
    if (choice.kind != ChoiceKind::kLoss ||
        !absl::StrContains(choice.name, "/data")) {
      return 0;
    }
    return lost_.count(++count_);
  }

 private:
  const std::set<int> lost_;
  int count_ = 0;
};

TransferResult RunLosing(TransferPlan plan, std::set<int> lost) {
  plan.to_server.loss_ppb = 1;
  LosesSome scheduler(std::move(lost));
  return RunTransfer(plan, &scheduler);
}

// --- Throughput

// The line has a rate, so that what comes is read before the next comes: of a
// window that comes all at once some is told as taken until it is read, as by
// Linux.
TEST(Physics, AWindowLimitsToWindowPerRoundTrip) {
  for (const size_t window : {32'768, 65'536, 131'072, 262'144, 1'048'576}) {
    TransferPlan plan = Plan(200 * window);
    plan.to_server.rate = 10'000'000'000;
    plan.server.receive_buffer_bytes = window;
    const TransferResult result = RunTransfer(plan, nullptr);
    ASSERT_TRUE(result.whole(plan.bytes));
    const double expected =
        static_cast<double>(window) / absl::ToDoubleSeconds(kRoundTrip);
    EXPECT_NEAR(result.rate(), expected, 0.05 * expected) << window;
  }
}

// 12.5 MB/s, of which 1448 of 1500 bytes are data; the queue holds one
// bandwidth-delay product, so that a loss does not empty the line.
TEST(Physics, ALinkIsFilled) {
  TransferPlan plan = Plan(30'000'000);
  plan.to_server.rate = 20'000'000;
  plan.to_server.queue_bytes = 20'000'000 / 8 / 10;
  for (const char* control : {"cubic", "reno"}) {
    plan.client.tcp_congestion_control = control;
    const TransferResult result = RunTransfer(plan, nullptr);
    ASSERT_TRUE(result.whole(plan.bytes));
    const double expected = 20e6 / 8 * kMss / kPacket;
    EXPECT_NEAR(result.rate(), expected, 0.05 * expected) << control;
  }
}

// The last that finds room waits for the whole queue: 100 packets of 1500
// bytes at 20 Mbit/s, 60 ms, on top of the line's 50 ms and its own 0.6 ms.
TEST(Physics, AQueueDelaysByItsLengthOverTheRate) {
  TransferPlan plan = Plan(10'000'000);
  plan.to_server.rate = 20'000'000;
  plan.to_server.queue_packets = 100;
  plan.client.tcp_congestion_control = "reno";
  const TransferResult result = RunTransfer(plan, nullptr);
  ASSERT_TRUE(result.whole(plan.bytes));
  const double expected = 50 + 0.6 + 100 * kPacket * 8 / 20'000;
  EXPECT_NEAR(absl::ToDoubleMilliseconds(result.slowest), expected,
              0.05 * expected);
}

// --- Recovery

// Windows of 10, 20 and 30 segments. One of the last 30, lost, goes again when
// those behind it are acknowledged, a round trip later.
TEST(Physics, ALostSegmentCostsARoundTrip) {
  const TransferPlan plan = Plan(60 * 1448);
  const TransferResult all = RunLosing(plan, {});
  const TransferResult one = RunLosing(plan, {35});
  ASSERT_TRUE(one.whole(plan.bytes));
  EXPECT_EQ(one.repeated, 1);
  EXPECT_EQ(all.last_byte, 3.5 * kRoundTrip);
  EXPECT_EQ(one.last_byte - all.last_byte, kRoundTrip);
}

// The last three of all: nothing behind them is acknowledged. All that came is
// acknowledged half a round trip after the last byte would have come. A probe
// goes two round trips and 2 ms later (RFC 8985 section 7.2), the last segment
// again, whose acknowledgment after one more shows the others to be lost. One
// came, so one may go (RFC 6937), and the other a round trip later, and half a
// one to the server: 1/2 + 2 + 1 + 1 + 1/2.
TEST(Physics, ALostTailCostsAProbe) {
  const TransferPlan plan = Plan(60 * 1448);
  const TransferResult all = RunLosing(plan, {});
  const TransferResult tail = RunLosing(plan, {58, 59, 60});
  ASSERT_TRUE(tail.whole(plan.bytes));
  EXPECT_EQ(tail.last_byte - all.last_byte,
            5 * kRoundTrip + absl::Milliseconds(2));
  // Without probes it is the retransmission time-out, 200 ms and a round trip
  // after the last acknowledgment, and then a window of one.
  TransferPlan old = plan;
  old.client.early_retransmit = 0;
  const TransferResult timeout = RunLosing(old, {58, 59, 60});
  ASSERT_TRUE(timeout.whole(plan.bytes));
  EXPECT_GE(timeout.last_byte - all.last_byte,
            2 * kRoundTrip + absl::Milliseconds(200));
}

// --- Growth

// Pieces sent in each round trip from `begin` on.
std::vector<double> Rounds(const TransferResult& result, absl::Duration begin) {
  std::vector<double> rounds;
  for (const TransferResult::Sending& sending : result.sendings) {
    if (sending.at < begin) continue;
    const auto round =
        static_cast<size_t>(absl::FDivDuration(sending.at - begin, kRoundTrip));
    if (round >= rounds.size()) rounds.resize(round + 1);
    rounds[round] += std::ceil(sending.bytes / kMss);
  }
  return rounds;
}

// After a loss in a window of 40, Reno begins at 20 and has one more each
// round trip.
TEST(Physics, RenoGrowsASegmentARoundTrip) {
  TransferPlan plan = Plan(3'000'000);
  plan.client.tcp_congestion_control = "reno";
  const TransferResult result = RunLosing(plan, {35});
  ASSERT_TRUE(result.whole(plan.bytes));
  const std::vector<double> rounds = Rounds(result, 10 * kRoundTrip);
  ASSERT_GE(rounds.size(), 32u);
  for (size_t i = 0; i < 30; ++i) {
    EXPECT_NEAR(rounds[i + 1] - rounds[i], 1, 1) << "round " << i;
  }
  EXPECT_NEAR(rounds[30] - rounds[0], 30, 2);
}

// CUBIC after a loss: W(t) = 0.4 (t - K)^3 + W_max, K = cbrt(0.3 W_max / 0.4).
// The loss is in the window of 640 segments that follows those of 10 to 320.
TEST(Physics, CubicIsBackAfterK) {
  TransferPlan plan = Plan(160'000'000);
  plan.server.receive_buffer_bytes = 20'000'000;
  plan.client.send_buffer_bytes = 20'000'000;
  const TransferResult result = RunLosing(plan, {900});
  ASSERT_TRUE(result.whole(plan.bytes));
  absl::Duration lost;
  for (const TransferResult::Sending& sending : result.sendings) {
    if (sending.repeated) {
      lost = sending.at;
      break;
    }
  }
  // Recovery takes two round trips; its window is 0.7 of the one before.
  const std::vector<double> rounds = Rounds(result, lost + 2 * kRoundTrip);
  const double most = rounds[0] / 0.7;
  const double k = std::cbrt(0.3 * most / 0.4);
  ASSERT_GT(rounds.size(), k * 10 * 1.3) << k;
  for (int i = 0; i < k * 10 * 1.3; i += 10) {
    const double t = i * 0.1;
    const double curve = 0.4 * std::pow(t - k, 3) + most;
    EXPECT_NEAR(rounds[i], curve, 0.05 * curve) << "t " << t << " K " << k;
  }
}

// --- Losses at random

// Slow start gets far before the first loss: the second half tells.
double SecondsOfSecondHalf(const TransferResult& result, size_t bytes) {
  size_t sent = 0;
  for (const TransferResult::Sending& sending : result.sendings) {
    if (sending.repeated) continue;
    sent += sending.bytes;
    if (sent < bytes / 2) continue;
    return absl::ToDoubleSeconds(result.sendings.back().at - sending.at);
  }
  return 0;
}

// Mathis, Semke, Mahdavi, Ott 1997: rate = MSS / RTT sqrt(3/2) / sqrt(p), of
// Reno without time-outs, acknowledging each segment. The mean of ten seeds is
// between 0.75 and 1.25 of it.
TEST(Physics, RenoFollowsTheMathisFormula) {
  struct Row {
    uint32_t loss_ppb;
    size_t bytes;
  };
  for (const Row& row :
       {Row{kPercent / 10, 40'000'000}, Row{kPercent, 6'000'000}}) {
    TransferPlan plan = Plan(row.bytes);
    plan.client.tcp_congestion_control = "reno";
    plan.to_server.loss_ppb = row.loss_ppb;
    double seconds = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      explore::RandomScheduler scheduler(seed);
      const TransferResult result = RunTransfer(plan, &scheduler);
      ASSERT_TRUE(result.whole(plan.bytes)) << "seed " << seed;
      seconds += SecondsOfSecondHalf(result, row.bytes);
    }
    const double rate = 10.0 / 2 * static_cast<double>(row.bytes) / seconds;
    const double p = row.loss_ppb / 1e9;
    const double mathis = kMss / absl::ToDoubleSeconds(kRoundTrip) *
                          std::sqrt(1.5) / std::sqrt(p);
    EXPECT_GE(rate / mathis, 0.75) << p;
    EXPECT_LE(rate / mathis, 1.25) << p;
  }
}

// --- The table

// goodput.golden, or `got` when UPDATE_GOLDEN=1 bazel run writes it anew.
std::string Golden(const std::string& got) {
  const std::string path = "tests/sim/goodput.golden";
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace != nullptr && std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(std::string(workspace) + "/" + path) << got;
    return got;
  }
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Kilobits of data a second: the mean time of three seeds.
int64_t Goodput(const char* control, int64_t queue_packets, uint32_t loss_ppb) {
  TransferPlan plan = Plan(4'000'000);
  plan.to_server.latency = plan.to_client.latency = absl::Milliseconds(20);
  plan.to_server.rate = 20'000'000;
  plan.to_server.queue_packets = queue_packets;
  plan.to_server.loss_ppb = loss_ppb;
  plan.client.tcp_congestion_control = control;
  int64_t micros = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    explore::RandomScheduler scheduler(seed);
    const TransferResult result = RunTransfer(plan, &scheduler);
    EXPECT_TRUE(result.whole(plan.bytes));
    micros += absl::ToInt64Microseconds(result.last_byte);
  }
  return 3 * static_cast<int64_t>(plan.bytes) * 8 * 1000 / micros;
}

TEST(Physics, GoodputByBufferAndLoss) {
  std::string text =
      "4 MB over 20 Mbit/s and a round trip of 40 ms (67 packets): kbit/s of "
      "data,\nconnect(2) included, by congestion control, queue (packets) and "
      "loss.\n\n";
  absl::StrAppendFormat(&text, "%-6s %5s %7s %7s %7s %7s\n", "", "queue", "0",
                        "0.1 %", "1 %", "5 %");
  for (const char* control : {"cubic", "reno"}) {
    for (const int64_t queue : {8, 16, 32, 64, 128}) {
      absl::StrAppendFormat(&text, "%-6s %5d", control, queue);
      for (const uint32_t loss : {0u, kPercent / 10, kPercent, 5 * kPercent}) {
        absl::StrAppendFormat(&text, " %7d", Goodput(control, queue, loss));
      }
      text += "\n";
    }
  }
  EXPECT_EQ(text, Golden(text));
}

}  // namespace
}  // namespace simloop::sim
