// LossRecovery by itself: what acknowledgments make it believe, and what that
// does to the congestion window.
#include "sim/tcp/loss_recovery.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sim/tcp/time_stamp.h"

namespace simloop::sim::tcp {
namespace {

constexpr uint32_t kMss = 1000;
constexpr int64_t kMilli = 1'000'000;
// Of every test's path.
constexpr int64_t kRoundTrip = 100 * kMilli;

using State = LossRecovery::State;

loop::Instant At(int64_t millis) {
  return loop::Instant().PlusNanos(millis * kMilli);
}

class RecoveryTest : public testing::Test {
 protected:
  explicit RecoveryTest(bool sack = true)
      : recovery_(flight_, pool_, congestion_, {sack, 3}) {
    congestion_.control = &Reno();
    congestion_.window = 10;
    congestion_.threshold = 10;
  }
  ~RecoveryTest() override { flight_.Clear(pool_); }

  // `count` segments go out at `at`, 1 ms apart from each other if `spread`.
  void Send(int count, int64_t at, int64_t spread = 0) {
    for (int i = 0; i < count; ++i) {
      flight_.Push(pool_, next_, next_ + kMss, 1, At(at + spread * i));
      recovery_.SentNew(1);
      next_ += kMss;
    }
  }
  // An acknowledgment of `ack` thousand bytes with a block of [left, right)
  // thousand, at `at` ms.
  void Ack(uint32_t ack, uint32_t left, uint32_t right, int64_t at,
           uint32_t twice = 0, uint32_t twice_end = 0, uint32_t echo = 0) {
    RecoveryAck news;
    news.una_before = una_;
    news.una = una_ = ack * kMss;
    news.nxt = next_;
    news.bare = !news.advanced();
    news.twice = twice;
    news.twice_end = twice_end * kMss;
    news.echo_millis = echo;
    news.mss = kMss;
    news.now = At(at);
    news.smooth_nanos = news.least_nanos = kRoundTrip;
    const Sequence sacked_before = flight_.SackedBefore();
    if (left != right) {
      flight_.Sack(pool_, {left * kMss, right * kMss}, kMss, &news.told);
    }
    flight_.Acknowledge(pool_, una_, kMss, sacked_before, &news.told);
    recovery_.Acked(news);
    last_ = news;
  }
  // Sends again what is lost, as the window allows; answers how many.
  int Repeat(int64_t at) {
    int count = 0;
    for (Sent* sent = flight_.first(); sent != nullptr; sent = sent->next) {
      if (!sent->lost || sent->again) continue;
      if (flight_.InNetwork() >= congestion_.window) break;
      flight_.Repeat(*sent, At(at));
      recovery_.Repeated(*sent, At(at));
      ++count;
    }
    return count;
  }
  // The numbers of what is believed lost: "0 2".
  std::string Lost() const {
    std::string text;
    for (const Sent* sent = flight_.first(); sent != nullptr;
         sent = sent->next) {
      if (!sent->lost) continue;
      absl::StrAppend(&text, text.empty() ? "" : " ", sent->seq / kMss);
    }
    return text;
  }

  SentPool pool_;
  Flight flight_;
  Congestion congestion_;
  LossRecovery recovery_;
  Sequence next_ = 0;
  Sequence una_ = 0;
  RecoveryAck last_;
};

// --- RACK (RFC 8985)

// Three pieces behind the first have come: no reordering has been seen, so
// there is nothing to wait for.
TEST_F(RecoveryTest, ThreeThatCameLaterMakeALoss) {
  Send(10, 0);
  Ack(0, 1, 2, 100);
  EXPECT_EQ(recovery_.state(), State::kDisorder);
  Ack(0, 1, 3, 100);
  EXPECT_EQ(Lost(), "");
  Ack(0, 1, 4, 100);
  EXPECT_EQ(recovery_.state(), State::kRecovery);
  EXPECT_EQ(Lost(), "0");
}

// Section 6.2: with fewer it waits for a quarter of the least round trip, 25
// ms (and 2 ms as timers go), after the round trip of what came.
TEST_F(RecoveryTest, FewerAreALossWhenTheReorderingWindowIsOver) {
  Send(2, 0);
  Ack(0, 1, 2, 100);
  EXPECT_EQ(Lost(), "");
  EXPECT_EQ(recovery_.reordering_nanos(), (25 + 2) * kMilli);
  last_.now = At(100 + 27);
  recovery_.ReorderingOver(last_);
  EXPECT_EQ(Lost(), "0");
  EXPECT_EQ(recovery_.state(), State::kRecovery);
}

// What was sent after the newest that came may still be on its way.
TEST_F(RecoveryTest, MarksOnlyWhatWasSentBefore) {
  Send(10, 0, /*spread=*/1);
  Ack(0, 3, 6, 105);
  EXPECT_EQ(Lost(), "0 1 2");
}

// Section 6.2.1: the segment itself, sent again, is timed anew: a lost
// repetition is found by what was sent after it.
TEST_F(RecoveryTest, FindsALostRepetition) {
  Send(10, 0);
  Ack(0, 1, 4, 100);
  ASSERT_EQ(Repeat(100), 1);
  Send(1, 110);
  Ack(0, 1, 9, 150);
  EXPECT_EQ(flight_.again(), 1u);
  // The new segment of 110 ms comes, the repetition of 100 ms does not.
  Ack(0, 10, 11, 210);
  EXPECT_EQ(flight_.again(), 0u);
  EXPECT_EQ(Lost(), "0 9");
}

// Reordering that was seen: three no longer suffice.
TEST_F(RecoveryTest, WaitsWhereTheNetworkReorders) {
  Send(10, 0);
  Ack(0, 2, 3, 100);
  Ack(3, 0, 0, 101);  // 0 and 1 came after 2
  EXPECT_EQ(recovery_.state(), State::kOpen);
  Send(6, 110);
  Ack(3, 4, 7, 112);
  EXPECT_EQ(Lost(), "");
  EXPECT_GT(recovery_.reordering_nanos(), 0);
}

// Section 6.2, step 4: what came twice widens the window, a quarter of the
// least round trip for each round trip in which it happens.
TEST_F(RecoveryTest, ADuplicateWidensTheReorderingWindow) {
  Send(10, 0);
  Ack(2, 0, 0, 100, /*twice=*/1, /*twice_end=*/1);
  Ack(2, 3, 4, 100);
  EXPECT_EQ(recovery_.reordering_nanos(), (2 * 25 + 2) * kMilli);
}

// --- PRR (RFC 6937)

// Ten out, the first lost, Reno halves to 5. Each acknowledgment of one piece
// lets ceil(5 * delivered / 10) out, all told, while more than 5 are out.
TEST_F(RecoveryTest, SendsOnePieceForTwoThatCame) {
  Send(10, 0);
  Ack(0, 1, 4, 100);
  EXPECT_EQ(congestion_.threshold, 5u);
  // 10 out - 3 - 1 lost = 6 in the network; ceil(5 * 3 / 10) = 2 may go: the
  // lost one, and one more.
  EXPECT_EQ(flight_.InNetwork(), 6u);
  EXPECT_EQ(congestion_.window, 6u + 2u);
  EXPECT_EQ(Repeat(100), 1);
  Send(1, 100);
  // The fourth: 10 * ceil(5 * 4 / 10) = 2 went already.
  Ack(0, 1, 5, 101);
  EXPECT_EQ(flight_.InNetwork(), 7u);
  EXPECT_EQ(congestion_.window, 7u);
  // The fifth: ceil(25 / 10) = 3, one more.
  Ack(0, 1, 6, 102);
  EXPECT_EQ(congestion_.window, flight_.InNetwork() + 1);
}

TEST_F(RecoveryTest, EndsWithTheThreshold) {
  Send(10, 0);
  Ack(0, 1, 4, 100);
  Repeat(100);
  Ack(0, 1, 10, 110);
  Ack(10, 0, 0, 200);
  EXPECT_EQ(recovery_.state(), State::kOpen);
  EXPECT_EQ(congestion_.window, 5u);
  EXPECT_EQ(congestion_.threshold, 5u);
}

// Many losses at once: with less in the network than the threshold, what came
// and one more may go.
TEST_F(RecoveryTest, RebuildsWhatManyLossesTook) {
  Send(10, 0, 1);
  Ack(0, 7, 10, 110);
  EXPECT_EQ(Lost(), "0 1 2 3 4 5 6");
  // 10 - 3 - 7 = nothing is in the network; max(3 - 0, 3), at most 5.
  EXPECT_EQ(flight_.InNetwork(), 0u);
  EXPECT_EQ(congestion_.window, 3u);
  EXPECT_EQ(Repeat(110), 3);
  // One of them comes: 1 that came, and 1 as it goes well: 2 + 2 in the
  // network.
  Ack(1, 7, 10, 210);
  EXPECT_EQ(congestion_.window, 2u + 2u);
}

// --- Taking it back

// RFC 3708: what was sent again has come twice; nothing had been lost.
TEST_F(RecoveryTest, IsUndoneByADuplicateBlock) {
  Send(10, 0);
  Ack(0, 1, 4, 100);
  ASSERT_EQ(Repeat(100), 1);
  Ack(10, 0, 0, 110, 0, 0, /*echo=*/TimeStamp(At(100)));
  Send(5, 111);
  // The reduction stands until the peer says what the repetition was.
  EXPECT_EQ(congestion_.window, 5u);
  Ack(10, 0, 0, 200, /*twice=*/1, /*twice_end=*/1);
  EXPECT_EQ(congestion_.window, 10u);
}

// RFC 3522: the acknowledgment echoes the time stamp of the first, sent at 0,
// not that of the repetition.
TEST_F(RecoveryTest, IsUndoneByATimeStamp) {
  Send(10, 0);
  Ack(0, 1, 4, 100);
  ASSERT_EQ(Repeat(100), 1);
  Ack(10, 0, 0, 110, 0, 0, /*echo=*/TimeStamp(At(0)));
  EXPECT_EQ(recovery_.state(), State::kOpen);
  EXPECT_EQ(congestion_.window, 10u);
}

TEST_F(RecoveryTest, IsNotUndoneByTheRepetitionsTimeStamp) {
  Send(10, 0);
  Ack(0, 1, 4, 100);
  ASSERT_EQ(Repeat(100), 1);
  Ack(10, 0, 0, 200, 0, 0, /*echo=*/TimeStamp(At(100)));
  EXPECT_EQ(congestion_.window, 5u);
}

// --- Time-outs (RFC 5681 section 3.1)

TEST_F(RecoveryTest, ATimeOutLosesAllAndBeginsWithOne) {
  Send(10, 0);
  recovery_.TimedOut(0, next_, /*first=*/true, At(300));
  EXPECT_EQ(recovery_.state(), State::kLoss);
  EXPECT_EQ(flight_.lost(), 10u);
  EXPECT_EQ(congestion_.window, 1u);
  EXPECT_EQ(congestion_.threshold, 5u);
  // Another in a row does not halve it again.
  recovery_.TimedOut(0, next_, /*first=*/false, At(900));
  EXPECT_EQ(congestion_.threshold, 5u);
}

TEST_F(RecoveryTest, ATimeOutForNothingIsTakenBack) {
  Send(10, 0);
  recovery_.TimedOut(0, next_, /*first=*/true, At(300));
  ASSERT_EQ(Repeat(300), 1);
  Ack(1, 0, 0, 310, 0, 0, /*echo=*/TimeStamp(At(0)));
  EXPECT_EQ(recovery_.state(), State::kOpen);
  EXPECT_EQ(flight_.lost(), 0u);
  EXPECT_EQ(congestion_.window, 10u);
}

// --- Tail loss probes (RFC 8985 section 7.4)

TEST_F(RecoveryTest, AProbeThatMendedALossReduces) {
  Send(10, 0);
  Ack(9, 0, 0, 100);
  recovery_.Probed(next_, /*repeated=*/true);
  Ack(10, 0, 0, 400);
  Send(1, 400);
  Ack(11, 0, 0, 500);
  EXPECT_FALSE(recovery_.probing());
  EXPECT_EQ(congestion_.window, 5u);
}

TEST_F(RecoveryTest, AProbeThatCameTwiceDoesNot) {
  Send(10, 0);
  Ack(9, 0, 0, 100);
  recovery_.Probed(next_, /*repeated=*/true);
  Ack(10, 0, 0, 400);
  Ack(10, 0, 0, 410, /*twice=*/1, /*twice_end=*/10);
  EXPECT_FALSE(recovery_.probing());
  EXPECT_EQ(congestion_.window, 10u);
}

TEST_F(RecoveryTest, APathThatShrankIsNoCongestion) {
  Send(10, 0);
  recovery_.PathShrank(600, next_);
  EXPECT_EQ(congestion_.window, 10u);
  EXPECT_EQ(flight_.lost(), 10u * 2);
}

// --- NewReno (RFC 6582): a peer without SACK

class NewRenoTest : public RecoveryTest {
 protected:
  NewRenoTest() : RecoveryTest(/*sack=*/false) {}
};

TEST_F(NewRenoTest, TheThirdDuplicateMakesALoss) {
  Send(10, 0);
  Ack(0, 0, 0, 100);
  Ack(0, 0, 0, 101);
  EXPECT_EQ(Lost(), "");
  Ack(0, 0, 0, 102);
  EXPECT_EQ(Lost(), "0");
  EXPECT_EQ(congestion_.threshold, 5u);
}

// Section 3.2, step 3: a partial acknowledgment shows the next hole.
TEST_F(NewRenoTest, APartialAcknowledgmentShowsTheNextLoss) {
  Send(10, 0);
  for (int i = 0; i < 3; ++i) Ack(0, 0, 0, 100 + i);
  Repeat(102);
  Ack(4, 0, 0, 202, 0, 0, /*echo=*/TimeStamp(At(102)));
  EXPECT_EQ(recovery_.state(), State::kRecovery);
  EXPECT_EQ(Lost(), "4");
  EXPECT_EQ(congestion_.threshold, 5u);
}

// Section 3.2, step 4: it is over when all is acknowledged that was sent when
// it began, and one more, for duplicates of repetitions are no loss.
TEST_F(NewRenoTest, EndsBehindWhatWasSentWhenItBegan) {
  Send(10, 0);
  for (int i = 0; i < 3; ++i) Ack(0, 0, 0, 100 + i);
  Repeat(102);
  Ack(10, 0, 0, 202, 0, 0, /*echo=*/TimeStamp(At(102)));
  EXPECT_EQ(recovery_.state(), State::kRecovery);
  Send(1, 202);
  Ack(11, 0, 0, 302);
  EXPECT_EQ(recovery_.state(), State::kOpen);
  EXPECT_EQ(congestion_.window, 5u);
}

}  // namespace
}  // namespace simloop::sim::tcp
