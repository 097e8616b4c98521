// Links that do more than delay: rates, queues, losses by name, trains.
#include "sim/link.h"

#include <map>
#include <string>
#include <vector>

#include "explore/random_scheduler.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/delay.h"
#include "sim/rate_queue.h"
#include "sim/train.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

constexpr int64_t kMilli = 1'000'000;

TEST(RateQueue, TakesAsLongAsTheBitsDo) {
  LinkOptions options;
  options.rate = 1'000'000;
  RateQueue queue(options);
  // 1,250 bytes are 10,000 bits: 10 ms at 1 Mbit/s, one after another.
  EXPECT_EQ(queue.Admit(0, 1250), 10 * kMilli);
  EXPECT_EQ(queue.Admit(0, 1250), 20 * kMilli);
  EXPECT_EQ(queue.Admit(50 * kMilli, 125), 51 * kMilli);
}

TEST(RateQueue, LosesNoFractionWhileItIsBusy) {
  LinkOptions options;
  options.rate = 3;
  RateQueue queue(options);
  // A byte takes 8/3 s; three of them just 8 s.
  queue.Admit(0, 1);
  queue.Admit(0, 1);
  EXPECT_EQ(queue.Admit(0, 1), 8'000 * kMilli);
}

TEST(RateQueue, DropsAtTheTail) {
  LinkOptions options;
  options.rate = 1'000'000;
  options.queue_packets = 2;
  RateQueue queue(options);
  // One is being sent, two wait, the fourth finds no room; at 10 ms the first
  // has left and there is room for one.
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(queue.Admit(0, 1250), i * 10 * kMilli);
  }
  EXPECT_EQ(queue.Admit(0, 1250), RateQueue::kDropped);
  EXPECT_EQ(queue.Admit(10 * kMilli, 1250), 40 * kMilli);
  EXPECT_EQ(queue.Admit(10 * kMilli, 1250), RateQueue::kDropped);
}

TEST(RateQueue, CountsBytes) {
  LinkOptions options;
  options.rate = 1'000'000;
  options.queue_bytes = 2000;
  RateQueue queue(options);
  EXPECT_NE(queue.Admit(0, 1250), RateQueue::kDropped);
  EXPECT_NE(queue.Admit(0, 1250), RateQueue::kDropped);
  EXPECT_EQ(queue.Admit(0, 1250), RateQueue::kDropped);
  EXPECT_NE(queue.Admit(0, 750), RateQueue::kDropped);
}

Packet& Segment(World& world, size_t bytes, uint32_t piece) {
  Packet& packet = world.packets().New();
  packet.segment.from = {loop::Ipv4{0x0a000001}, 1};
  packet.segment.to = {loop::Ipv4{0x0a000002}, 2};
  packet.segment.seq = 1000;
  packet.segment.flags = tcp::kAck | tcp::kPsh | tcp::kFin;
  packet.segment.piece = piece;
  packet.segment.payload = Slice(std::string(bytes, 'x'));
  return packet;
}

TEST(Train, HasAsManyHeadersAsPieces) {
  World world;
  const Packet& packet = Segment(world, 3000, 1448);
  const Train train(packet, 1500);
  EXPECT_EQ(train.pieces(), 3u);
  EXPECT_EQ(train.WireBytes(0), 1500u);  // 1448 + 52
  EXPECT_EQ(train.WireBytes(2), 3000u - 2 * 1448 + 52);
}

TEST(Train, CutsWhereAPieceEnds) {
  World world;
  const Packet& packet = Segment(world, 3000, 1448);
  const Train train(packet, 1500);
  Packet& first = world.packets().NewPart();
  Packet& rest = world.packets().NewPart();
  train.Cut(packet, 0, 1, &first);
  train.Cut(packet, 1, 2, &rest);
  EXPECT_EQ(first.segment.seq, 1000u);
  EXPECT_EQ(first.segment.payload.size(), 1448u);
  EXPECT_EQ(first.segment.flags, tcp::kAck);
  EXPECT_EQ(rest.segment.seq, 2448u);
  EXPECT_EQ(rest.segment.payload.size(), 1552u);
  EXPECT_EQ(rest.segment.flags, tcp::kAck | tcp::kPsh | tcp::kFin);
  EXPECT_EQ(rest.number, packet.number);
}

TEST(Segment, CutsTheUrgentPointer) {
  tcp::Segment segment;
  segment.flags = tcp::kUrg | tcp::kAck;
  segment.urgent = 150;
  segment.payload = Slice(std::string(300, 'x'));
  EXPECT_EQ(segment.Part(0, 100).urgent, 150);
  EXPECT_EQ(segment.Part(100, 100).urgent, 50);
  EXPECT_FALSE(segment.Part(200, 100).has(tcp::kUrg));
}

TEST(Train, MakesFragmentsOfDatagrams) {
  World world;
  Packet& packet = world.packets().New(Protocol::kUdp);
  packet.datagram.from = {loop::Ipv4{0x0a000001}, 1};
  packet.datagram.to = {loop::Ipv4{0x0a000002}, 2};
  packet.datagram.payload = udp::DatagramPayload(Slice(std::string(3000, 'x')));
  const Train train(packet, 1500);
  EXPECT_FALSE(train.divisible());
  // 3,008 bytes behind the IP header, 1,480 to a fragment.
  EXPECT_EQ(train.pieces(), 3u);
  EXPECT_EQ(train.WireBytes(2), 3008u - 2 * 1480 + 20);
}

// Takes what is written there, and the calm way everywhere else.
class Decided final : public Scheduler {
 public:
  explicit Decided(std::map<std::string, uint32_t> picks)
      : picks_(std::move(picks)) {}
  uint32_t Pick(const Choice& choice) override {
    const auto found =
        picks_.find(std::string(choice.name.data(), choice.name.size()));
    return found == picks_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, uint32_t> picks_;
};

// Sends one segment of `bytes` over a link with `options`; what came, as
// "from+length".
std::vector<std::string> Came(Scheduler* scheduler, const LinkOptions& options,
                              size_t bytes) {
  class Log final : public trace::Sink {
   public:
    void Take(const trace::Record& record) override {
      const auto* packet = std::get_if<trace::Packet>(&record.body);
      if (packet == nullptr || (packet->flags & tcp::kRst) != 0) return;
      if (packet->step == trace::Packet::Step::kDelivered) {
        lines.push_back(std::to_string(packet->seq) + "+" +
                        std::to_string(packet->length));
      } else if (packet->step == trace::Packet::Step::kDropped) {
        lines.push_back(std::string(packet->reason) + " " +
                        std::to_string(packet->seq));
      }
    }
    std::vector<std::string> lines;
  };
  World world(scheduler);
  Log log;
  trace::Recorder recorder(world, &log);
  world.SetRecorder(&recorder);
  HostOptions a;
  a.name = "a";
  a.address = {0x0a000001};
  HostOptions b;
  b.name = "b";
  b.address = {0x0a000002};
  Host& from = world.AddHost(a);
  world.AddLink(from, world.AddHost(b), options);
  Packet& packet = Segment(world, bytes, 1000);
  packet.segment.flags = tcp::kAck;
  packet.seq_base = 1000;
  packet.name = "a.connect#1/data";
  from.Transmit(packet);
  static_cast<void>(world.Run(loop::Instant() + absl::Seconds(1)));
  return log.lines;
}

using ::testing::ElementsAre;

TEST(Link, LosesNothingInTheCalmRun) {
  LinkOptions options;
  options.loss_ppb = 990'000'000;
  EXPECT_THAT(Came(nullptr, options, 5000), ElementsAre("0+5000"));
}

TEST(Link, LosesThePieceThatAScheduleNames) {
  LinkOptions options;
  options.loss_ppb = 1;
  Decided decided({{"a.connect#1/data+2 loss", 1}});
  EXPECT_THAT(Came(&decided, options, 5000),
              ElementsAre("lost 2000", "0+2000", "3000+2000"));
}

TEST(Link, DeliversTwiceWhatIsDuplicated) {
  LinkOptions options;
  options.duplicate_ppb = 1;
  Decided decided({{"a.connect#1/data duplicate", 1}});
  EXPECT_THAT(Came(&decided, options, 2000),
              ElementsAre("0+1000", "0+1000", "1000+1000"));
}

TEST(Link, LetsTheNextOvertakeWhatIsReordered) {
  LinkOptions options;
  options.reorder_ppb = 1;
  Decided decided({{"a.connect#1/data reorder", 1}});
  EXPECT_THAT(Came(&decided, options, 2000),
              ElementsAre("1000+1000", "0+1000"));
}

TEST(Link, DropsWhatIsCorruptedWhereItArrives) {
  LinkOptions options;
  options.corrupt_ppb = 1;
  Decided decided({{"a.connect#1/data+1 corrupt", 1}});
  EXPECT_THAT(Came(&decided, options, 2000),
              ElementsAre("0+1000", "corrupted 1000"));
}

TEST(Link, DropsTheTailOfATrainThatDoesNotFitTheQueue) {
  LinkOptions options;
  options.rate = 1'000'000;
  options.queue_packets = 2;
  EXPECT_THAT(Came(nullptr, options, 5000),
              ElementsAre("queue full 3000", "queue full 4000", "0+3000"));
}

TEST(Link, LosesAsOftenAsItSays) {
  // Of 100,000 packets 1 % is 1,000, with a deviation of 31.
  int lost = 0;
  explore::RandomScheduler scheduler(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = "a.connect#1/data#" + std::to_string(i) + " loss";
    lost += static_cast<int>(
        scheduler.Pick({ChoiceKind::kLoss, name, 2, 10'000'000}));
  }
  EXPECT_NEAR(lost, 1000, 4 * 31);
}

TEST(Delay, IsTheMeanInTheCalmRunAndNearItElse) {
  LinkOptions options;
  options.distribution = Latency::kNormal;
  options.latency = absl::Milliseconds(100);
  options.deviation = absl::Milliseconds(10);
  const Delay delay(options);
  World calm;
  EXPECT_EQ(delay.Draw(calm, [] { return std::string(); }), 100 * kMilli);
  explore::RandomScheduler scheduler(1);
  World world(&scheduler);
  int64_t sum = 0;
  int64_t squares = 0;  // of tenths of a millisecond
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const int64_t off =
        delay.Draw(world, [&] { return std::to_string(i); }) - 100 * kMilli;
    EXPECT_LE(std::abs(off), 31 * kMilli);
    sum += off / 1000;
    squares += (off / 100'000) * (off / 100'000);
  }
  EXPECT_NEAR(static_cast<double>(sum) / kDraws, 0, 650);  // 4 x 10 ms / 63
  EXPECT_NEAR(static_cast<double>(squares) / kDraws, 100 * 100, 1000);
}

}  // namespace
}  // namespace simloop::sim
