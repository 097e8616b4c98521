// Which packet a pool gives, and what becomes of what packets carry.
#include "sim/packet_pool.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "sim/udp/datagram_payload.h"

namespace simloop::sim {
namespace {

TEST(PacketPool, GivesTheLastReleasedFirst) {
  PacketPool pool;
  Packet& first = pool.New();
  Packet& second = pool.New(Protocol::kUdp);
  EXPECT_EQ(first.number, 1u);
  EXPECT_EQ(second.number, 2u);
  pool.Release(first);
  pool.Release(second);
  // It carried a datagram, and carries a blank segment now.
  Packet& third = pool.New();
  EXPECT_EQ(&third, &second);
  EXPECT_EQ(third.protocol(), Protocol::kTcp);
  EXPECT_EQ(third.segment.window, 0u);
  EXPECT_EQ(third.number, 3u);
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(&pool.at(0), &first);
}

TEST(PacketPool, LetsGoOfWhatAPacketShares) {
  PacketPool pool;
  const std::string text(udp::DatagramPayload::kFewBytes + 1, 'x');
  Packet& packet = pool.New(Protocol::kUdp);
  packet.datagram.payload.Assign(text);
  Packet& copy = pool.NewPart();
  copy.CopyFrom(packet);
  EXPECT_EQ(copy.number, packet.number);
  pool.Release(packet);
  EXPECT_EQ(packet.datagram.payload.size(), 0u);
  EXPECT_EQ(std::string(copy.datagram.payload.bytes().data(), text.size()),
            text);
}

// Of a few bytes, and of many.
class DatagramPayloadTest : public testing::TestWithParam<size_t> {
 protected:
  static std::string Text(const udp::DatagramPayload& payload) {
    return std::string(payload.bytes().data(), payload.bytes().size());
  }
  const std::string text_ = std::string(GetParam() / 2, 'a') +
                            std::string(GetParam() - GetParam() / 2, 'b');
};

TEST_P(DatagramPayloadTest, IsCopiedAndMoved) {
  udp::DatagramPayload payload{absl::MakeConstSpan(text_)};
  EXPECT_EQ(Text(payload), text_);
  udp::DatagramPayload copy(payload);
  udp::DatagramPayload moved(std::move(payload));
  EXPECT_EQ(Text(copy), text_);
  EXPECT_EQ(Text(moved), text_);
  copy.Assign({});
  EXPECT_EQ(copy.size(), 0u);
  copy = moved;
  EXPECT_EQ(Text(copy), text_);
  moved = udp::DatagramPayload{absl::MakeConstSpan("z", 1)};
  EXPECT_EQ(Text(moved), "z");
}

TEST_P(DatagramPayloadTest, HasParts) {
  const udp::DatagramPayload payload{absl::MakeConstSpan(text_)};
  const Slice part = payload.Part(1, text_.size() - 1);
  EXPECT_EQ(std::string(part.bytes().data(), part.size()), text_.substr(1));
  EXPECT_EQ(Text(udp::DatagramPayload(part)), text_.substr(1));
}

INSTANTIATE_TEST_SUITE_P(Sizes, DatagramPayloadTest,
                         testing::Values(1, 2, 63, 64, 65, 3000));

}  // namespace
}  // namespace simloop::sim
