// What a sender does about losses, segment by segment, as Linux does: limited
// transmit (RFC 3042), fast retransmit by duplicates and by time (RFC 8985),
// proportional rate reduction (RFC 6937), time-outs (RFC 5681, RFC 5682), and
// what was for nothing.
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/tcp/time_stamp.h"
#include "tests/sim/wire_peer.h"

namespace simloop::sim {
namespace {

using loop::Fd;
using testing::ElementsAre;
using testing::IsEmpty;

class WireLoss : public WirePeer {
 protected:
  WireLoss() = default;
  explicit WireLoss(HostOptions options) : WirePeer(std::move(options)) {}
  // The connection is there at 80 ms, its round trip; `segments` go out then,
  // of which the first ten are let go.
  Fd Start(int segments, bool sack = true) {
    const Fd fd = Accepted(80, sack);
    EXPECT_EQ(Write(fd, segments * kMss), segments * kMss);
    Heard();
    return fd;
  }
};

// --- Limited transmit

// Two duplicates let a new segment go each; then it was reordering: one is
// newly acknowledged, the window is 11, nine are in flight.
TEST_F(WireLoss, TwoDuplicatesLetNewDataGo) {
  Start(14);
  RunTo(160);
  Say({.sack = {{1001, 2001}}});
  EXPECT_THAT(Heard(), ElementsAre("160ms 10001:11001 ack 1"));
  RunTo(170);
  Say({.sack = {{1001, 3001}}});
  EXPECT_THAT(Heard(), ElementsAre("170ms 11001:12001 ack 1"));
  RunTo(180);
  Say({.ack = 3001});
  EXPECT_THAT(Heard(), ElementsAre("180ms 12001:14001 ack 1"));
}

TEST_F(WireLoss, SoDoTheyWithoutSack) {
  Start(14, /*sack=*/false);
  RunTo(160);
  Say({});
  EXPECT_THAT(Heard(), ElementsAre("160ms 10001:11001 ack 1"));
  RunTo(170);
  Say({});
  EXPECT_THAT(Heard(), ElementsAre("170ms 11001:12001 ack 1"));
  RunTo(180);
  Say({.ack = 3001});
  EXPECT_THAT(Heard(), ElementsAre("180ms 12001:14001 ack 1"));
}

// --- Fast retransmit

TEST_F(WireLoss, ThreeDuplicatesAreALoss) {
  Start(4, /*sack=*/false);
  RunTo(160);
  Say({});
  Say({});
  EXPECT_THAT(Heard(), IsEmpty());
  Say({});
  EXPECT_THAT(Heard(), ElementsAre("160ms 1:1001 ack 1"));
}

TEST_F(WireLoss, ThreeSackedAreALoss) {
  Start(4);
  RunTo(160);
  Say({.sack = {{1001, 2001}}});
  Say({.sack = {{1001, 3001}}});
  EXPECT_THAT(Heard(), IsEmpty());
  Say({.sack = {{1001, 4001}}});
  EXPECT_THAT(Heard(), ElementsAre("160ms 1:1001 ack 1"));
}

// One that was sent last has come: the others have a quarter of the least
// round trip, 20 ms, and 2 ms of a timer's slack.
TEST_F(WireLoss, ALaterOneIsALossAfterTheReorderingWindow) {
  Start(4);
  RunTo(160);
  Say({.sack = {{3001, 4001}}});
  RunTo(181);
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(182);
  EXPECT_THAT(Heard(), ElementsAre("182ms 1:1001 ack 1"));
}

// --- Proportional rate reduction

// The first of ten is lost: the window is to be 7, and 7 are in the network
// when that is found. From then on each that comes lets one go.
TEST_F(WireLoss, OneForOneWhileTheNetworkHoldsWhatItIsTo) {
  const Fd fd = Start(10);
  RunTo(170);
  Say({.sack = {{1001, 2001}}});
  RunTo(180);
  Say({.sack = {{1001, 3001}}});
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(190);
  Say({.sack = {{1001, 4001}}});
  EXPECT_THAT(Heard(), ElementsAre("190ms 1:1001 ack 1"));
  RunTo(200);
  Write(fd, 7000);
  EXPECT_THAT(Heard(), IsEmpty());
  for (int i = 0; i < 6; ++i) {
    RunTo(210 + i);
    Say({.sack = {{1001, 5001 + 1000u * i}}});
  }
  EXPECT_THAT(
      Heard(),
      ElementsAre("210ms 10001:11001 ack 1", "211ms 11001:12001 ack 1",
                  "212ms 12001:13001 ack 1", "213ms 13001:14001 ack 1",
                  "214ms 14001:15001 ack 1", "215ms 15001:16001 ack 1"));
  // The repetition has come, and so recovery is over with a window of 7.
  RunTo(250);
  Say({.ack = 10001});
  EXPECT_THAT(Heard(), ElementsAre("250ms 16001:17001 ack 1"));
  Write(fd, 5000);
  EXPECT_THAT(Heard(), IsEmpty());
}

// Four are lost of ten, and all is mended: ssthresh of 7 goes at once.
TEST_F(WireLoss, AfterRecoveryTheThresholdIsTheWindow) {
  const Fd fd = Start(10);
  RunTo(160);
  Say({.sack = {{4001, 5001}}});
  RunTo(162);
  Say({.sack = {{4001, 6001}}});
  EXPECT_THAT(Heard(), IsEmpty());
  for (int i = 0; i < 4; ++i) Say({.sack = {{4001, 7001 + 1000u * i}}});
  EXPECT_THAT(Heard(), ElementsAre("162ms 1:4001 ack 1"));
  RunTo(240);
  Say({.ack = 1001, .sack = {{4001, 10001}}});
  Say({.ack = 2001, .sack = {{4001, 10001}}});
  Say({.ack = 3001, .sack = {{4001, 10001}}});
  Say({.ack = 10001});
  RunTo(250);
  Write(fd, 10000);
  EXPECT_THAT(Heard(), ElementsAre("250ms 10001:17001 ack 1"));
}

// 1 to 4 and 11 to 16 of twenty are lost. Below the threshold it sends one more
// than comes, while what comes moves the acknowledgment.
TEST_F(WireLoss, BelowTheThresholdItSlowStarts) {
  Start(20);
  for (int i = 0; i < 8; ++i) {
    RunTo(160 + 2 * i);
    Say({.sack = {{4001, 5001 + 1000u * i}}});
  }
  EXPECT_THAT(
      Heard(),
      ElementsAre("160ms 10001:11001 ack 1", "162ms 11001:12001 ack 1",
                  "164ms 1:1001 ack 1", "166ms 1001:2001 ack 1",
                  "168ms 2001:3001 ack 1", "170ms 3001:4001 ack 1",
                  "172ms 12001:13001 ack 1", "174ms 13001:14001 ack 1"));
  RunTo(244);
  Say({.ack = 1001, .sack = {{4001, 12001}}});
  EXPECT_THAT(Heard(), ElementsAre("244ms 14001:16001 ack 1"));
  // What was sent again before a repetition that has come is lost again: its
  // place, and one that came, let two go.
  RunTo(246);
  Say({.ack = 1001, .sack = {{2001, 12001}}});
  EXPECT_THAT(Heard(),
              ElementsAre("246ms 1001:2001 ack 1", "246ms 16001:17001 ack 1"));
  RunTo(248);
  Say({.ack = 1001, .sack = {{2001, 13001}}});
  EXPECT_THAT(Heard(), ElementsAre("248ms 17001:18001 ack 1"));
}

// An acknowledgment that was overtaken tells by its blocks all the same.
TEST_F(WireLoss, BlocksOfAnOldAcknowledgmentCount) {
  const Fd fd = Start(10);
  RunTo(160);
  Say({.sack = {{1001, 2001}}});
  Say({.sack = {{1001, 3001}}});
  Say({.sack = {{1001, 3001}, {8001, 9001}}});
  EXPECT_THAT(Heard(), ElementsAre("160ms 1:1001 ack 1"));
  RunTo(242);
  // Told of last is 3001:4001, which took 162 ms: none of those that went out
  // with it is overdue by that, and so nothing more is lost, and one more may
  // go than has come.
  Say({.ack = 4001, .sack = {{8001, 9001}}});
  EXPECT_THAT(Heard(), ElementsAre("242ms 4001:7001 ack 1"));
  Write(fd, 10000);
  RunTo(244);
  Say({.ack = 3001, .sack = {{5001, 7001}}});
  EXPECT_THAT(Heard(),
              ElementsAre("244ms 7001:8001 ack 1", "244ms 10001:11001 ack 1"));
}

// One block grows another: 8 of ten first, which makes 1 to 7 lost once the
// reordering window is over; then 4, then 5, which join; then 9 and 10.
TEST_F(WireLoss, NeighboursOfWhatCameAreNoLongerLost) {
  Start(10);
  RunTo(160);
  Say({.sack = {{7001, 8001}}});
  RunTo(182);
  EXPECT_THAT(Heard(), ElementsAre("182ms 1:1001 ack 1"));
  RunTo(184);
  Say({.sack = {{3001, 4001}, {7001, 8001}}});
  EXPECT_THAT(Heard(), ElementsAre("184ms 1001:2001 ack 1"));
  RunTo(186);
  Say({.sack = {{3001, 5001}, {7001, 8001}}});
  EXPECT_THAT(Heard(), ElementsAre("186ms 2001:3001 ack 1"));
  RunTo(188);
  Say({.sack = {{3001, 5001}, {7001, 9001}}});
  EXPECT_THAT(Heard(), ElementsAre("188ms 5001:6001 ack 1"));
  RunTo(190);
  Say({.sack = {{3001, 5001}, {7001, 10001}}});
  EXPECT_THAT(Heard(), ElementsAre("190ms 6001:7001 ack 1"));
}

// --- Time-outs (RFC 5682: F-RTO)

class WireTimeout : public WireLoss {
 protected:
  // Loss probes and time stamps stay out of the way: a host without the first,
  // a peer without the second. The round trip is 80 ms and the RTO 280 ms: five
  // went out at 80 ms, and the first again at 360 ms.
  static HostOptions NoProbes() {
    HostOptions options;
    options.early_retransmit = 0;
    return options;
  }
  WireTimeout() : WireLoss(NoProbes()) {}
  Fd TimeOut() {
    const Fd fd = Start(5);
    RunTo(360);
    EXPECT_THAT(Heard(), ElementsAre("360ms 1:1001 ack 1"));
    return fd;
  }
};

// What is acknowledged next leaves open whether all were lost: two new ones go,
// as the window says, and not what is thought to be lost. That one comes, and
// nothing else, settles it: the window of two has room for one.
TEST_F(WireTimeout, NewDataTellsWhetherItWasForNothing) {
  const Fd fd = TimeOut();
  Write(fd, 4000);
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(440);
  Say({.ack = 1001});
  EXPECT_THAT(Heard(), ElementsAre("440ms 5001:7001 ack 1"));
  RunTo(520);
  Say({.ack = 1001, .sack = {{5001, 6001}}});
  EXPECT_THAT(Heard(), ElementsAre("520ms 1001:2001 ack 1"));
}

// The others had only been slow: all is as it was before, a window of ten.
TEST_F(WireTimeout, WhatWasSentOnceAndComesEndsTheDoubt) {
  const Fd fd = TimeOut();
  Write(fd, 20'000);
  RunTo(440);
  Say({.ack = 1001});
  EXPECT_THAT(Heard(), ElementsAre("440ms 5001:7001 ack 1"));
  RunTo(445);
  Say({.ack = 2001});
  // Of ten, and one more for what has come, 2001 to 7001 are in flight: five.
  EXPECT_THAT(Heard(), ElementsAre("445ms 7001:13001 ack 1"));
}

// So does a block, at once.
TEST_F(WireTimeout, ABlockOfWhatWasSentOnceEndsTheDoubt) {
  const Fd fd = TimeOut();
  Write(fd, 20'000);
  RunTo(440);
  Say({.sack = {{1001, 2001}}});
  // 1 to 1001 and 2001 to 5001, and once more the first: five of ten.
  EXPECT_THAT(Heard(), ElementsAre("440ms 5001:10001 ack 1"));
}

// Without new data there is nothing to find out by.
TEST_F(WireTimeout, WithoutNewDataWhatIsLostGoes) {
  TimeOut();
  RunTo(440);
  Say({.ack = 1001});
  EXPECT_THAT(Heard(), ElementsAre("440ms 1001:3001 ack 1"));
}

// --- Taken back

// A fast retransmit for nothing: a duplicate block says that the repetition was
// not needed (RFC 3708), and the window is ten again.
TEST_F(WireLoss, ADuplicateBlockTakesTheReductionBack) {
  const Fd fd = Start(10);
  RunTo(160);
  Say({.sack = {{1001, 4001}}});
  EXPECT_THAT(Heard(), ElementsAre("160ms 1:1001 ack 1"));
  RunTo(170);
  Say({.ack = 10'001});
  RunTo(180);
  Say({.ack = 10'001, .sack = {{1, 1001}}});
  Write(fd, 20'000);
  EXPECT_THAT(Heard(), ElementsAre("180ms 10001:20001 ack 1"));
}

}  // namespace
}  // namespace simloop::sim
