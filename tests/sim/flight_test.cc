// Flight: the scoreboard of what is sent: pieces, SACK blocks that cover them
// in part, what is lost and what goes again.
#include "sim/tcp/flight.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace simloop::sim::tcp {
namespace {

constexpr uint32_t kMss = 1000;

loop::Instant At(int64_t millis) {
  return loop::Instant().PlusNanos(millis * 1'000'000);
}

class FlightTest : public testing::Test {
 protected:
  ~FlightTest() override { flight_.Clear(pool_); }

  // Segments of `pieces` pieces each, from sequence number 0 on.
  void Push(int count, uint32_t pieces = 1) {
    for (int i = 0; i < count; ++i) {
      const Sequence end = next_ + pieces * kMss;
      flight_.Push(pool_, next_, end, pieces, At(sent_++));
      next_ = end;
    }
  }
  Delivery Sack(Sequence left, Sequence right) {
    Delivery told;
    flight_.Sack(pool_, {left, right}, kMss, &told);
    return told;
  }
  Delivery Acknowledge(Sequence ack) {
    Delivery told;
    flight_.Acknowledge(pool_, ack, kMss, flight_.SackedBefore(), &told);
    return told;
  }
  // "0-1000 1000-3000s 3000-4000la": sacked, lost, again.
  std::string Text() const {
    std::string text;
    for (const Sent* sent = flight_.first(); sent != nullptr;
         sent = sent->next) {
      absl::StrAppend(&text, text.empty() ? "" : " ", sent->seq, "-", sent->end,
                      sent->sacked ? "s" : "", sent->lost ? "l" : "",
                      sent->again ? "a" : "");
    }
    return text;
  }

  SentPool pool_;
  Flight flight_;
  Sequence next_ = 0;
  int64_t sent_ = 0;
};

TEST_F(FlightTest, CountsPiecesNotSegments) {
  Push(2);
  Push(1, 5);
  EXPECT_EQ(flight_.out(), 2u + 5u);
  EXPECT_EQ(flight_.InNetwork(), 7u);
}

TEST_F(FlightTest, IsAcknowledgedFromTheFront) {
  Push(3);
  const Delivery told = Acknowledge(2000);
  EXPECT_EQ(told.acked, 2u);
  EXPECT_EQ(told.delivered, 2u);
  EXPECT_EQ(told.oldest, At(0));
  EXPECT_EQ(told.newest, At(1));
  EXPECT_EQ(Text(), "2000-3000");
}

TEST_F(FlightTest, IsCutWhereAnAcknowledgmentEnds) {
  Push(1, 5);
  EXPECT_EQ(Acknowledge(2000).acked, 2u);
  EXPECT_EQ(Text(), "2000-5000");
  EXPECT_EQ(flight_.out(), 3u);
}

TEST_F(FlightTest, MarksWhatABlockCovers) {
  Push(4);
  const Delivery told = Sack(1000, 3000);
  EXPECT_EQ(Text(), "0-1000 1000-2000s 2000-3000s 3000-4000");
  EXPECT_EQ(told.sacked, 2u);
  EXPECT_EQ(told.delivered, 2u);
  EXPECT_EQ(flight_.InNetwork(), 4u - 2u);
  EXPECT_EQ(flight_.highest_sacked(), 3000u);
  // The same again tells nothing.
  EXPECT_EQ(Sack(1000, 3000).sacked, 0u);
}

TEST_F(FlightTest, IsCutAtPiecesThatABlockCovers) {
  Push(1, 6);
  EXPECT_EQ(Sack(2000, 4000).sacked, 2u);
  EXPECT_EQ(Text(), "0-2000 2000-4000s 4000-6000");
  EXPECT_EQ(flight_.out(), 6u);
  EXPECT_EQ(flight_.sacked(), 2u);
}

// A piece that is covered in part has not come.
TEST_F(FlightTest, TakesWholePiecesOfABlockThatIsNot) {
  Push(1, 6);
  EXPECT_EQ(Sack(1500, 4500).sacked, 2u);
  EXPECT_EQ(Text(), "0-2000 2000-4000s 4000-6000");
}

TEST_F(FlightTest, DoesNotCountTwiceWhatIsSackedAndThenAcknowledged) {
  Push(4);
  Sack(1000, 3000);
  const Delivery told = Acknowledge(4000);
  EXPECT_EQ(told.acked, 4u);
  EXPECT_EQ(told.delivered, 4u - 2u);
  EXPECT_EQ(flight_.out() + flight_.sacked() + flight_.lost(), 0u);
}

TEST_F(FlightTest, KnowsThePieceSentLastOfThoseThatCame) {
  Push(4);
  const Delivery told = Sack(2000, 3000);
  EXPECT_TRUE(told.any);
  EXPECT_EQ(told.newest, At(2));
  EXPECT_EQ(told.newest_end, 3000u);
  EXPECT_FALSE(told.newest_repeated);
}

// Of what was sent more than once nobody knows which came (Karn).
TEST_F(FlightTest, MeasuresNoRoundTripOfARepetition) {
  Push(2);
  flight_.MarkLost(*flight_.first());
  flight_.Repeat(*flight_.first(), At(100));
  const Delivery told = Acknowledge(1000);
  EXPECT_TRUE(told.repeated);
  EXPECT_TRUE(told.oldest.infinite());
  EXPECT_TRUE(told.newest_repeated);
  EXPECT_EQ(told.newest, At(100));
}

// One acknowledgment, of the first two and of a block behind them: the two came
// when they should have, though the block was told of at the same time.
TEST_F(FlightTest, SeesNoReorderingInWhatOneAcknowledgmentTells) {
  Push(4);
  const Sequence sacked_before = flight_.SackedBefore();
  Delivery told = Sack(3000, 4000);
  flight_.Acknowledge(pool_, 2000, kMss, sacked_before, &told);
  EXPECT_EQ(told.acked, 2u);
  EXPECT_FALSE(told.reordered);
}

TEST_F(FlightTest, SeesReordering) {
  Push(4);
  EXPECT_FALSE(Sack(3000, 4000).reordered);
  const Delivery told = Sack(1000, 2000);
  EXPECT_TRUE(told.reordered);
  EXPECT_EQ(told.reordered_seq, 1000u);
}

// What was sent again and came is no sign of it.
TEST_F(FlightTest, TakesNoRepetitionForReordering) {
  Push(4);
  Sack(3000, 4000);
  flight_.MarkLost(*flight_.first());
  flight_.Repeat(*flight_.first(), At(100));
  EXPECT_FALSE(Acknowledge(1000).reordered);
}

TEST_F(FlightTest, CountsWhatIsLostAndGoesAgain) {
  Push(5);
  Sack(3000, 5000);
  flight_.MarkLost(*flight_.first());
  flight_.MarkLost(*flight_.first()->next);
  // 5 out, 2 of them there, 2 lost.
  EXPECT_EQ(flight_.InNetwork(), 5u - 2u - 2u);
  flight_.Repeat(*flight_.first(), At(100));
  EXPECT_EQ(flight_.InNetwork(), 2u);
  EXPECT_EQ(Text(), "0-1000la 1000-2000l 2000-3000 3000-4000s 4000-5000s");
  // The repetition is lost, too.
  flight_.MarkLost(*flight_.first());
  EXPECT_EQ(flight_.again(), 0u);
  EXPECT_EQ(flight_.InNetwork(), 1u);
}

TEST_F(FlightTest, LosesNothingThatThePeerHas) {
  Push(3);
  Sack(1000, 2000);
  flight_.MarkAllLost(/*reneged=*/false);
  EXPECT_EQ(Text(), "0-1000l 1000-2000s 2000-3000l");
  EXPECT_EQ(flight_.InNetwork(), 0u);
  // RFC 2018 section 8: a peer may throw away what it told of.
  flight_.MarkAllLost(/*reneged=*/true);
  EXPECT_EQ(Text(), "0-1000l 1000-2000l 2000-3000l");
  flight_.MarkNotLost();
  EXPECT_EQ(flight_.InNetwork(), 3u);
}

TEST_F(FlightTest, LosesWhatIsTooLargeForThePath) {
  Push(2);
  Push(1, 2);
  flight_.Push(pool_, next_, next_ + 400, 1, At(9));
  flight_.MarkOversized(600);
  EXPECT_EQ(Text(), "0-1000l 1000-2000l 2000-4000l 4000-4400");
  // Two pieces of each 1,000 bytes, four of 2,000, and the small one.
  EXPECT_EQ(flight_.out(), 2u + 2u + 4u + 1u);
  EXPECT_EQ(flight_.lost(), 8u);
}

// Without SACK each duplicate stands for a piece, but never for the first.
TEST_F(FlightTest, EmulatesSackByCounting) {
  Push(4);
  EXPECT_EQ(flight_.EmulateSack(2), 2u);
  EXPECT_EQ(flight_.EmulateSack(2), 1u);
  EXPECT_EQ(flight_.sacked(), 3u);
  // A partial acknowledgment of two: the first, and one that was counted.
  Acknowledge(2000);
  flight_.AckEmulated(2);
  EXPECT_EQ(flight_.sacked(), 1u);
}

// Random blocks and acknowledgments: the counts are always those of the list.
TEST_F(FlightTest, CountsWhatItHolds) {
  uint32_t random = 1;
  const auto draw = [&](uint32_t below) {
    random = random * 1'664'525 + 1'013'904'223;
    return (random >> 8) % below;
  };
  for (int step = 0; step < 20'000; ++step) {
    if (flight_.out() < 40) Push(1, 1 + draw(6));
    const Sequence una = flight_.first()->seq;
    const Sequence left = una + draw(next_ - una);
    switch (draw(5)) {
      case 0:
        Sack(left, left + 1 + draw(next_ - left));
        break;
      case 1:
        if (draw(4) == 0) Acknowledge(una + draw(next_ - una) / kMss * kMss);
        break;
      case 2:
        flight_.MarkLost(*flight_.first());
        break;
      case 3:
        if (flight_.first()->lost) flight_.Repeat(*flight_.first(), At(step));
        break;
      default:
        if (draw(50) == 0) flight_.MarkAllLost(draw(2) == 0);
    }
    uint32_t out = 0, sacked = 0, lost = 0, again = 0;
    const Sent* last = nullptr;
    for (const Sent* sent = flight_.first(); sent != nullptr;
         sent = sent->next) {
      ASSERT_EQ(sent->pieces, (sent->end - sent->seq + kMss - 1) / kMss);
      ASSERT_FALSE(sent->sacked && (sent->lost || sent->again));
      ASSERT_TRUE(last == nullptr || last->end == sent->seq);
      out += sent->pieces;
      if (sent->sacked) sacked += sent->pieces;
      if (sent->lost) lost += sent->pieces;
      if (sent->again) again += sent->pieces;
      last = sent;
    }
    ASSERT_EQ(flight_.last(), last);
    ASSERT_EQ(flight_.out(), out);
    ASSERT_EQ(flight_.sacked(), sacked);
    ASSERT_EQ(flight_.lost(), lost);
    ASSERT_EQ(flight_.again(), again);
    if (flight_.empty()) Push(1);
  }
}

}  // namespace
}  // namespace simloop::sim::tcp
