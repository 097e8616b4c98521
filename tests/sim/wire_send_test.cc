// When a sender sends, segment by segment, as Linux does: the congestion window
// while it is not lost (RFC 5681, RFC 2861), Nagle's algorithm and its options
// (tcp(7)), shut windows, TCP_USER_TIMEOUT.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/socket_option.h"
#include "tests/sim/wire_peer.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Fd;
using testing::ElementsAre;
using testing::IsEmpty;

class WireSend : public WirePeer {
 protected:
  // A connection that has filled two windows by 240 ms; the second, up to
  // 30,001, is not acknowledged.
  Fd Grown() {
    const Fd fd = Accepted(80);
    Write(fd, 10'000);
    RunTo(160);
    Say({.ack = 10'001});
    Write(fd, 20'000);
    RunTo(240);
    return fd;
  }
  void SetTcp(Fd fd, int name, int value) {
    ASSERT_TRUE(
        loop::SetIntOption(kernel_, fd, loop::kIpprotoTcp, name, value).ok());
  }
};

// --- The congestion window

// Nine of ten are used: it grows to twice what was out, and no further
// (tcp_is_cwnd_limited()).
TEST_F(WireSend, SlowStartGrowsToTwiceWhatWasOut) {
  const Fd fd = Accepted(80);
  Write(fd, 9000);
  EXPECT_THAT(Heard(), ElementsAre("80ms 1:9001 ack 1"));
  for (int i = 0; i < 4; ++i) {
    RunTo(160 + 5 * i);
    Say({.ack = 2001 + 2000u * i});
  }
  RunTo(180);
  Say({.ack = 9001});
  Write(fd, 30'000);
  EXPECT_THAT(Heard(), ElementsAre("180ms 9001:27001 ack 1"));
}

// Idle for less than an RTO (280 ms) it is as it was; for more than two it has
// been halved twice, but is no less than at first (tcp_cwnd_restart()).
TEST_F(WireSend, AnIdleConnectionStartsSlowlyAgain) {
  const Fd fd = Grown();
  Say({.ack = 30'001});
  Heard();
  RunTo(240 + 199);
  Write(fd, 40'000);
  EXPECT_THAT(Heard(), ElementsAre("439ms 30001:70001 ack 1"));
  RunTo(519);
  Say({.ack = 70'001});
  RunTo(439 + 2 * 280 + 10);
  Write(fd, 40'000);
  EXPECT_THAT(Heard(), ElementsAre("1.009s 70001:90001 ack 1"));
}

// What waits for a window is not idle: it was written right after the last, and
// probes of a shut window are no reason to start slowly
// (tcp_slow_start_after_idle_check() is asked when data is queued).
TEST_F(WireSend, AShutWindowIsNotIdleness) {
  const Fd fd = Grown();
  Say({.ack = 30'001, .window = 0});
  Heard();
  Write(fd, 30'000);
  // The RTO is 280 ms, and doubles.
  RunTo(240 + 280 + 560);
  EXPECT_THAT(Heard(), ElementsAre("520ms 30000:30000 ack 1",
                                   "1.08s 30000:30000 ack 1"));
  RunTo(1200);
  Say({.ack = 30'001});
  EXPECT_THAT(Heard(), ElementsAre("1.2s 30001:60001 ack 1"));
}

// --- Small segments

TEST_F(WireSend, NagleKeepsTheRestOfAWriteUntilTheLastIsAcknowledged) {
  const Fd fd = Accepted(80);
  Write(fd, 50);
  EXPECT_THAT(Heard(), ElementsAre("80ms 1:51 ack 1"));
  Write(fd, 2030);
  EXPECT_THAT(Heard(), ElementsAre("80ms 51:2051 ack 1"));
  RunTo(160);
  Say({.ack = 51});
  EXPECT_THAT(Heard(), ElementsAre("160ms 2051:2081 ack 1"));
}

TEST_F(WireSend, NodelaySendsTheRestAtOnce) {
  const Fd fd = Accepted(80);
  SetTcp(fd, loop::kTcpNodelay, 1);
  Write(fd, 50);
  Write(fd, 2030);
  EXPECT_THAT(Heard(), ElementsAre("80ms 1:2081 ack 1"));
}

// Held back it goes after an RTO at the latest (tcp_check_probe_timer()).
TEST_F(WireSend, MoreHoldsBackEvenWithNodelay) {
  const Fd fd = Accepted(80);
  SetTcp(fd, loop::kTcpNodelay, 1);
  Write(fd, 30, loop::kMsgMore);
  RunTo(80 + 279);
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(80 + 280);
  EXPECT_THAT(Heard(), ElementsAre("360ms 1:31 ack 1"));
}

TEST_F(WireSend, AWriteWithoutMoreSendsAll) {
  const Fd fd = Accepted(80);
  SetTcp(fd, loop::kTcpNodelay, 1);
  Write(fd, 100, loop::kMsgMore);
  Write(fd, 200, loop::kMsgMore);
  EXPECT_THAT(Heard(), IsEmpty());
  Write(fd, 5);
  EXPECT_THAT(Heard(), ElementsAre("80ms 1:306 ack 1"));
}

// MSG_MORE is of one call: whole segments go, and the rest by the next
// acknowledgment, as the socket itself has it.
TEST_F(WireSend, MoreIsForgottenByTheNextAcknowledgment) {
  const Fd fd = Accepted(80);
  SetTcp(fd, loop::kTcpNodelay, 1);
  Write(fd, 2100, loop::kMsgMore);
  EXPECT_THAT(Heard(), ElementsAre("80ms 1:2001 ack 1"));
  Write(fd, 60, loop::kMsgMore);
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(160);
  Say({.ack = 1001});
  EXPECT_THAT(Heard(), ElementsAre("160ms 2001:2161 ack 1"));
}

TEST_F(WireSend, CorkHoldsUntilItIsPulledOrNodelayIsSet) {
  const Fd fd = Accepted(80);
  SetTcp(fd, loop::kTcpCork, 1);
  Write(fd, 30);
  RunTo(120);
  Write(fd, 30);
  EXPECT_THAT(Heard(), IsEmpty());
  SetTcp(fd, loop::kTcpCork, 0);
  EXPECT_THAT(Heard(), ElementsAre("120ms 1:61 ack 1"));
  Say({.ack = 61});
  SetTcp(fd, loop::kTcpCork, 1);
  Write(fd, 30);
  EXPECT_THAT(Heard(), IsEmpty());
  SetTcp(fd, loop::kTcpNodelay, 1);
  EXPECT_THAT(Heard(), ElementsAre("120ms 61:91 ack 1"));
}

// --- TCP_USER_TIMEOUT

// A lone segment: a loss probe at 80 + 280, time-outs 280, 560 and 1120 after
// that and after each other; three seconds from the first of them it is over.
TEST_F(WireSend, TheUserTimeoutCountsFromTheFirstTimeOut) {
  const Fd fd = Accepted(80);
  SetTcp(fd, loop::kTcpUserTimeout, 3000);
  Write(fd, 10);
  RunTo(640 + 2999);
  EXPECT_THAT(Heard(), ElementsAre("80ms 1:11 ack 1", "360ms 1:11 ack 1",
                                   "640ms 1:11 ack 1", "1.2s 1:11 ack 1",
                                   "2.32s 1:11 ack 1"));
  EXPECT_EQ(loop::TakeSocketError(kernel_, fd), Errno::kOk);
  RunTo(640 + 3000);
  EXPECT_THAT(Heard(), IsEmpty());
  EXPECT_EQ(loop::TakeSocketError(kernel_, fd), Errno::kETIMEDOUT);
}

}  // namespace
}  // namespace simloop::sim
