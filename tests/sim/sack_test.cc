// What a receiver tells of segments that came early or twice: the blocks of
// RFC 2018 in their order, and the examples of RFC 2883.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sim/tcp/reassembly.h"
#include "sim/tcp/receiver.h"

namespace simloop::sim::tcp {
namespace {

class SackTest : public testing::Test {
 protected:
  // The examples' numbers: the next byte expected is 500 times `next`.
  void Expect(Sequence next) {
    receiver_ = Receiver();
    receiver_.SetMss(500);
    receiver_.SetLimit(65536);
    receiver_.Start(next - 1);
    receiver_.SetSack(true);
    receiver_.TellWindow();
  }
  // A segment with [seq, end) comes; answers the acknowledgment, as
  // "3500 4000-4500".
  std::string Came(Sequence seq, Sequence end) {
    Segment segment;
    segment.seq = seq;
    segment.flags = kAck;
    segment.payload = Slice(std::string(end - seq, 'x'));
    if (receiver_.Acceptable(segment)) {
      receiver_.Take(segment);
    } else {
      receiver_.TakeOld(segment);
    }
    return Told();
  }
  std::string Told() {
    Segment answer;
    receiver_.TellWindow();
    receiver_.TellSack(&answer);
    std::string text = absl::StrCat(receiver_.nxt());
    for (int i = 0; i < answer.sack_blocks; ++i) {
      absl::StrAppend(&text, " ", answer.sack[i].left, "-",
                      answer.sack[i].right);
    }
    return text;
  }

  Receiver receiver_;
};

// --- RFC 2018 section 4

TEST_F(SackTest, NothingToTellInOrder) {
  Expect(5000);
  EXPECT_EQ(Came(5000, 5500), "5500");
}

// Its section 7, case 2: the first of eight is lost, each other grows the one
// block.
TEST_F(SackTest, OneBlockGrows) {
  Expect(5000);
  for (Sequence end = 6000; end <= 9000; end += 500) {
    EXPECT_EQ(Came(end - 500, end), absl::StrCat("5000 5500-", end));
  }
  EXPECT_EQ(Came(5000, 5500), "9000");
}

// Case 3: the 2nd, 4th, 6th and 8th are lost. The block that changed last is
// the first.
TEST_F(SackTest, TheNewestBlockIsFirst) {
  Expect(5000);
  EXPECT_EQ(Came(5000, 5500), "5500");
  EXPECT_EQ(Came(6000, 6500), "5500 6000-6500");
  EXPECT_EQ(Came(7000, 7500), "5500 7000-7500 6000-6500");
  EXPECT_EQ(Came(8000, 8500), "5500 8000-8500 7000-7500 6000-6500");
  // The 4th: one block of what were two.
  EXPECT_EQ(Came(6500, 7000), "5500 6000-7500 8000-8500");
  // The 2nd.
  EXPECT_EQ(Came(5500, 6000), "7500 8000-8500");
}

// Beside time stamps there is room for three: the oldest is left out.
TEST_F(SackTest, TellsThreeBlocksAtMost) {
  Expect(1000);
  Came(2000, 2500);
  Came(3000, 3500);
  Came(4000, 4500);
  EXPECT_EQ(Came(5000, 5500), "1000 5000-5500 4000-4500 3000-3500");
}

TEST_F(SackTest, IsSilentIfThePeerDoesNotPermitIt) {
  Expect(1000);
  receiver_.SetSack(false);
  EXPECT_EQ(Came(2000, 2500), "1000");
}

// --- RFC 2883

// Section 4.1.1: both acknowledgments of 3000-3500 and 3500-4000 are lost, and
// the first goes again: its acknowledgment says that it came twice.
TEST_F(SackTest, ReportsADuplicateBelowTheAcknowledgment) {
  Expect(3000);
  EXPECT_EQ(Came(3000, 3500), "3500");
  EXPECT_EQ(Came(3500, 4000), "4000");
  EXPECT_EQ(Came(3000, 3500), "4000 3000-3500");
}

TEST_F(SackTest, ReportsADuplicateOnce) {
  Expect(3000);
  Came(3000, 3500);
  EXPECT_EQ(Came(3000, 3500), "3500 3000-3500");
  EXPECT_EQ(Told(), "3500");
}

// Section 4.1.2: 3000-3500 is lost; 4500-5000 has come, and its neighbours;
// 3000-3500 comes twice.
TEST_F(SackTest, ReportsADuplicateBeforeABlock) {
  Expect(3500);
  EXPECT_EQ(Came(4000, 4500), "3500 4000-4500");
  EXPECT_EQ(Came(3500, 4000), "4500");
  EXPECT_EQ(Came(5000, 5500), "4500 5000-5500");
  EXPECT_EQ(Came(3500, 4000), "4500 3500-4000 5000-5500");
}

// Section 4.1.3: a duplicate of a part of a block is followed by that block.
TEST_F(SackTest, ReportsADuplicateInABlockAndTheBlock) {
  Expect(4000);
  EXPECT_EQ(Came(4500, 5000), "4000 4500-5000");
  EXPECT_EQ(Came(5000, 5500), "4000 4500-5500");
  EXPECT_EQ(Came(5000, 5500), "4000 5000-5500 4500-5500");
}

// Section 4.2.1: only what came twice of a segment.
TEST_F(SackTest, ReportsThePartThatCameTwice) {
  Expect(1000);
  EXPECT_EQ(Came(1000, 1500), "1500");
  EXPECT_EQ(Came(2000, 2500), "1500 2000-2500");
  EXPECT_EQ(Came(1000, 2000), "2500 1000-1500");
}

// --- Reassembly itself

TEST(Reassembly, KnowsTheBlockThatHasARange) {
  Reassembly early;
  early.Insert(1000, Slice(std::string(1000, 'x')));
  early.Insert(3000, Slice(std::string(500, 'x')));
  SackBlock block;
  EXPECT_TRUE(early.Covers({1200, 1800}, &block));
  EXPECT_EQ(block.left, 1000u);
  EXPECT_EQ(block.right, 2000u);
  EXPECT_FALSE(early.Covers({1800, 2100}, &block));
  EXPECT_FALSE(early.Covers({2000, 3000}, &block));
}

TEST(Reassembly, JoinsNeighbours) {
  Reassembly early;
  early.Insert(1000, Slice(std::string(500, 'x')));
  early.Insert(2000, Slice(std::string(500, 'x')));
  early.Insert(1500, Slice(std::string(500, 'x')));
  SackBlock blocks[3];
  ASSERT_EQ(early.Blocks(blocks, 3), 1);
  EXPECT_EQ(blocks[0].left, 1000u);
  EXPECT_EQ(blocks[0].right, 2500u);
}

// Across the end of sequence numbers.
TEST(Reassembly, WrapsAround) {
  Reassembly early;
  early.Insert(0xffffff00, Slice(std::string(0x200, 'x')));
  EXPECT_TRUE(early.EndsAt(0x100));
  EXPECT_EQ(early.Take(0xffffff00).size(), 0x200u);
  EXPECT_TRUE(early.Take(0x100).empty());
  SackBlock blocks[3];
  EXPECT_EQ(early.Blocks(blocks, 3), 0);
}

}  // namespace
}  // namespace simloop::sim::tcp
