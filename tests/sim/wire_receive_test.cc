// What a receiver takes and how it answers, segment by segment, as Linux does:
// RFC 9293 section 3.10.7.4 in the order of its checks, RFC 7323's and RFC
// 5961's answers, and RFC 2018's and 2883's blocks.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/socket_option.h"
#include "tests/sim/wire_peer.h"

namespace simloop::sim {
namespace {

using loop::Fd;
using tcp::kAck;
using tcp::kFin;
using tcp::kPsh;
using testing::ElementsAre;
using testing::IsEmpty;

class WireReceive : public WirePeer {
 protected:
  WireReceive() = default;
  explicit WireReceive(size_t receive_bytes)
      : WirePeer(Buffer(receive_bytes)) {}
  static HostOptions Buffer(size_t bytes) {
    HostOptions options;
    options.receive_buffer_bytes = bytes;
    return options;
  }
  // TCP_QUICKACK.
  void SetQuickAck(Fd fd, int value) {
    EXPECT_TRUE(loop::SetIntOption(kernel_, fd, loop::kIpprotoTcp,
                                   loop::kTcpQuickack, value)
                    .ok());
  }
  int QuickAck(Fd fd) {
    int value = -1;
    EXPECT_TRUE(kernel_
                    .Getsockopt(fd, loop::kIpprotoTcp, loop::kTcpQuickack,
                                absl::MakeSpan(reinterpret_cast<char*>(&value),
                                               sizeof(value)))
                    .ok());
    return value;
  }
};

// --- What is dropped without a word

// tcp_rcv_established(): no ACK, no SYN, no RST, no segment.
TEST_F(WireReceive, ASegmentWithoutFlagsIsNothing) {
  const Fd fd = Accepted(10);
  Say({.flags = 0, .bytes = 500});
  EXPECT_EQ(Read(fd, 1000), 0u);
  Say({.flags = 0, .seq = 900'000, .bytes = 500});
  EXPECT_THAT(Heard(), IsEmpty());
  Say({.bytes = 500});
  EXPECT_EQ(Read(fd, 1000), 500u);
}

// It acknowledges what was never sent: nothing of it counts, its time stamp
// neither.
TEST_F(WireReceive, AnAcknowledgmentFromTheFutureLeavesNoStamp) {
  Accepted(10);
  Say({.bytes = 10, .stamp = 100, .echo = 1});
  EXPECT_EQ(last().echo, 100u);
  Heard();
  Say({.flags = kFin | kAck,
       .seq = 11,
       .ack = 7777,
       .stamp = 90'000,
       .echo = 1});
  EXPECT_THAT(Heard(), IsEmpty());
  Say({.seq = 11, .bytes = 1000, .stamp = 101, .echo = 1});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 1011"));
  EXPECT_EQ(last().echo, 101u);
}

// An old acknowledgment with an old stamp was overtaken, and is not answered;
// old data is, with what came twice; and a reset counts in any case
// (tcp_disordered_ack_check()).
TEST_F(WireReceive, AnOldStampIsAnsweredIfItCarriesData) {
  Accepted(10);
  Say({.bytes = 1000, .stamp = 500, .echo = 1});
  Heard();
  RunTo(2000);
  Say({.seq = 500, .stamp = 400, .echo = 1});
  EXPECT_THAT(Heard(), IsEmpty());
  Say({.bytes = 1000, .stamp = 400, .echo = 1});
  EXPECT_THAT(Heard(), ElementsAre("2s 1:1 ack 1001 sack 1:1001"));
}

// --- Windows

class WireSmallBuffer : public WireReceive {
 protected:
  WireSmallBuffer() : WireReceive(10'000) {}
};

// tcp_sequence(): what ends behind the window is dropped while there is
// something to read, in order or not; else it is taken as it is.
TEST_F(WireSmallBuffer, TakesWhatIsTooLargeIfNothingIsThere) {
  const Fd fd = Accepted(10);
  Say({.flags = kAck | kPsh, .bytes = 4000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 4001"));
  EXPECT_EQ(last().window, 6000u);
  Say({.flags = kAck | kPsh, .seq = 4001, .bytes = 40'000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 4001"));
  Say({.flags = kAck | kPsh, .seq = 5001, .bytes = 40'000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 4001"));
  Say({.flags = kAck | kPsh, .seq = 60'001, .bytes = 1000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 4001"));
  EXPECT_EQ(Read(fd, 100'000), 4000u);
  Heard();
  Say({.flags = kAck | kPsh, .seq = 4001, .bytes = 40'000});
  EXPECT_EQ(Read(fd, 100'000), 40'000u);
  EXPECT_EQ(last().ack - kPeerInitial, 44'001u);
}

// Some stacks close though the window is shut: that is taken.
TEST_F(WireSmallBuffer, TakesAFinBehindAShutWindow) {
  Accepted(10);
  Say({.bytes = 10'000});
  EXPECT_EQ(last().window, 0u);
  RunTo(100);
  Heard();
  Say({.flags = kFin | kAck, .seq = 10'001});
  RunTo(200);
  EXPECT_EQ(last().ack - kPeerInitial, 10'002u);
  EXPECT_EQ(last().window, 0u);
}

// --- Blocks

TEST_F(WireReceive, TheLatestBlockIsFirst) {
  Accepted(10);
  Say({.seq = 1001, .bytes = 1000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 1 sack 1001:2001"));
  Say({.seq = 2001, .bytes = 1000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 1 sack 1001:3001"));
  Say({.seq = 4001, .bytes = 1000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 1 sack 4001:5001,1001:3001"));
  Say({.seq = 7001, .bytes = 1000});
  EXPECT_THAT(Heard(),
              ElementsAre("10ms 1:1 ack 1 sack 7001:8001,4001:5001,1001:3001"));
}

// A large one in order covers blocks that had come: the first of them came
// twice (tcp_ofo_queue()).
TEST_F(WireReceive, WhatIsCoveredByALaterOneCameTwice) {
  Accepted(10);
  Say({.seq = 1001, .bytes = 2000});
  Say({.seq = 4001, .bytes = 1000});
  Say({.seq = 7001, .bytes = 1000});
  Heard();
  Say({.bytes = 6000});
  EXPECT_THAT(Heard(),
              ElementsAre("10ms 1:1 ack 6001 sack 1001:3001,7001:8001"));
  Say({.seq = 6001, .bytes = 2000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 8001 sack 7001:8001"));
  Say({.bytes = 1000});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 8001 sack 1:1001"));
}

// A FIN that comes again is told of by its own number.
TEST_F(WireReceive, AFinThatComesTwiceIsToldOf) {
  Accepted(10);
  Say({.bytes = 10});
  Say({.flags = kFin | kAck, .seq = 11});
  RunTo(100);
  Heard();
  Say({.flags = kFin | kAck, .seq = 11});
  EXPECT_THAT(Heard(), ElementsAre("100ms 1:1 ack 12 sack 11:12"));
}

// --- When it acknowledges

// Old data means that an acknowledgment was lost, or came too late: those that
// follow are quick (tcp_enter_quickack_mode()).
TEST_F(WireReceive, OldDataMakesAcknowledgmentsQuick) {
  const Fd fd = Accepted(10);
  Say({.bytes = 10});
  Read(fd, 10);
  Write(fd, 10);
  RunTo(1000);
  Say({.seq = 11, .bytes = 10, .ack = 11});
  RunTo(1039);
  Heard();
  RunTo(1040);
  EXPECT_THAT(Heard(), ElementsAre("1.04s 11:11 ack 21"));
  Say({.seq = 11, .bytes = 10, .ack = 11});
  EXPECT_THAT(Heard(), ElementsAre("1.04s 11:11 ack 21 sack 11:21"));
  Say({.seq = 21, .bytes = 10, .ack = 11});
  EXPECT_THAT(Heard(), ElementsAre("1.04s 11:11 ack 31"));
}

// Sixteen are quick; then it waits, but not after a pause of more than an RTO
// (tcp_event_data_recv()).
TEST_F(WireReceive, AfterAPauseAcknowledgmentsAreQuick) {
  Accepted(10);
  for (uint32_t i = 0; i < 16; ++i) {
    RunTo(10 + i);
    Say({.seq = 1 + i, .bytes = 1});
  }
  EXPECT_EQ(Heard().size(), 16u);
  Say({.seq = 17, .bytes = 1});
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(1000);
  EXPECT_THAT(Heard(), ElementsAre("65ms 1:1 ack 18"));
  Say({.seq = 18, .bytes = 1});
  EXPECT_THAT(Heard(), ElementsAre("1s 1:1 ack 19"));
}

// What waited 40 ms for data to ride on shows that the program does not answer
// each: the next do not wait (tcp_delack_timer_handler()).
TEST_F(WireReceive, AfterALateAcknowledgmentTheNextAreQuick) {
  const Fd fd = Accepted(10);
  Say({.bytes = 10});
  Read(fd, 10);
  Write(fd, 10);
  RunTo(100);
  Heard();
  Say({.seq = 11, .bytes = 10, .ack = 11});
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(200);
  EXPECT_THAT(Heard(), ElementsAre("140ms 11:11 ack 21"));
  Say({.seq = 21, .bytes = 10, .ack = 11});
  EXPECT_THAT(Heard(), ElementsAre("200ms 11:11 ack 31"));
}

// RFC 5681 section 4.2: a gap that is filled does not wait, not even where the
// program answers each.
TEST_F(WireReceive, AGapThatIsFilledIsToldOfAtOnce) {
  const Fd fd = Accepted(10);
  Say({.bytes = 10});
  Read(fd, 10);
  Write(fd, 10);
  RunTo(100);
  Say({.seq = 21, .bytes = 10, .ack = 11});
  Heard();
  Say({.seq = 11, .bytes = 10, .ack = 11});
  EXPECT_THAT(Heard(), ElementsAre("100ms 11:11 ack 31"));
}

// A FIN waits for the program's own (tcp_fin()): for no longer than until the
// next jiffy if nothing came before, for it is data that sets how long one
// waits, and that is nothing as yet.
TEST_F(WireReceive, AFinWaitsForTheNextJiffy) {
  Accepted(10);
  Say({.flags = kFin | kAck});
  RunTo(13);
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(1000);
  EXPECT_THAT(Heard(), ElementsAre("14ms 1:1 ack 2"));
}

TEST_F(WireReceive, AFinThatAConnectHearsWaitsForTheNextJiffy) {
  Connect();
  SaySyn(/*ack=*/true);
  Heard();
  Say({.flags = kFin | kAck});
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(1000);
  EXPECT_THAT(Heard(), ElementsAre("4ms 1:1 ack 2"));
}

TEST_F(WireReceive, AFinBehindDataWaits40Millis) {
  Accepted(10);
  Say({.bytes = 10});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 11"));
  RunTo(500);
  Say({.flags = kFin | kAck, .seq = 11});
  RunTo(1000);
  EXPECT_THAT(Heard(), ElementsAre("540ms 1:1 ack 12"));
}

// Though the data alone would be acknowledged at once.
TEST_F(WireReceive, AFinWithDataWaits40Millis) {
  const Fd fd = Accepted(10);
  Say({.flags = kFin | kAck, .bytes = 10});
  RunTo(20);
  EXPECT_EQ(Read(fd, 100), 10u);
  EXPECT_EQ(Read(fd, 100), 0u);
  RunTo(1000);
  EXPECT_THAT(Heard(), ElementsAre("50ms 1:1 ack 12"));
}

TEST_F(WireReceive, TheProgramsFinAcknowledgesThePeers) {
  const Fd fd = Accepted(10);
  Say({.flags = kFin | kAck});
  EXPECT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Heard(), ElementsAre("10ms FIN 1:2 ack 2"));
  RunTo(100);
  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(WireReceive, AFinThatCameEarlyDoesNotWait) {
  Accepted(10);
  Say({.flags = kFin | kAck, .seq = 11});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 1"));
  Say({.bytes = 10});
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 12"));
}

// Both close: RFC 9293 section 3.10.7.4, FIN-WAIT-1.
TEST_F(WireReceive, AFinThatCrossesOursDoesNotWait) {
  const Fd fd = Accepted(10);
  EXPECT_TRUE(kernel_.Shutdown(fd, loop::kShutWr).ok());
  Heard();
  Say({.flags = kFin | kAck});
  EXPECT_THAT(Heard(), ElementsAre("10ms 2:2 ack 2"));
}

// --- TCP_QUICKACK (tcp(7))

TEST_F(WireReceive, WithoutQuickAckAcknowledgmentsWait) {
  const Fd fd = Accepted(10);
  EXPECT_EQ(QuickAck(fd), 1);
  SetQuickAck(fd, 0);
  EXPECT_EQ(QuickAck(fd), 0);
  Say({.bytes = 10});
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(100);
  EXPECT_THAT(Heard(), ElementsAre("50ms 1:1 ack 11"));
  // It was late: the next ones do not wait.
  EXPECT_EQ(QuickAck(fd), 1);
}

// What is unread holds back the one that is due.
TEST_F(WireReceive, QuickAckSendsWhatIsDueWhenAllWasRead) {
  const Fd fd = Accepted(10);
  SetQuickAck(fd, 0);
  Say({.bytes = 10});
  SetQuickAck(fd, 1);
  EXPECT_THAT(Heard(), IsEmpty());
  SetQuickAck(fd, 0);
  EXPECT_EQ(Read(fd, 100), 10u);
  EXPECT_THAT(Heard(), IsEmpty());
  SetQuickAck(fd, 1);
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 11"));
  EXPECT_EQ(QuickAck(fd), 1);
}

// 2: what is due goes, and the next ones wait as before; if none is due it is
// as 1.
TEST_F(WireReceive, AnEvenQuickAckIsForOnce) {
  const Fd fd = Accepted(10);
  SetQuickAck(fd, 0);
  Say({.bytes = 10});
  EXPECT_EQ(Read(fd, 100), 10u);
  SetQuickAck(fd, 2);
  EXPECT_THAT(Heard(), ElementsAre("10ms 1:1 ack 11"));
  EXPECT_EQ(QuickAck(fd), 0);
  SetQuickAck(fd, 2);
  EXPECT_EQ(QuickAck(fd), 1);
}

// Whoever answers is taken to answer the next, too.
TEST_F(WireReceive, AnAnswerSwitchesQuickAckOff) {
  const Fd fd = Accepted(10);
  Say({.bytes = 10});
  Read(fd, 10);
  Write(fd, 10);
  EXPECT_EQ(QuickAck(fd), 0);
}

// listen(2) switches it on; what is set later is for those that come
// (inet_csk_listen_start(), sk_clone_lock()).
TEST_F(WireReceive, AcceptedSocketsHaveTheListenersQuickAck) {
  const Fd unused = NewSocket();
  SetQuickAck(unused, 0);
  EXPECT_EQ(QuickAck(unused), 0);
  EXPECT_TRUE(kernel_.Listen(unused, 1).ok());
  EXPECT_EQ(QuickAck(unused), 1);
  const Fd listener = Listen();
  SetQuickAck(listener, 0);
  const Fd fd = Accept(listener, absl::Milliseconds(10));
  EXPECT_EQ(QuickAck(fd), 0);
  Say({.bytes = 10});
  RunTo(100);
  EXPECT_THAT(Heard(), ElementsAre("50ms 1:1 ack 11"));
}

// The ACK of a SYN-ACK waits for data, for 200 ms (TCP_DELACK_MAX), and the
// next ones are quick (tcp_rcv_synsent_state_process()).
TEST_F(WireReceive, TheLastAckOfAHandshakeMayWait) {
  const Fd fd = NewSocket();
  SetQuickAck(fd, 0);
  Connect(fd);
  SaySyn(/*ack=*/true);
  EXPECT_EQ(QuickAck(fd), 1);
  RunTo(199);
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(1000);
  EXPECT_THAT(Heard(), ElementsAre("200ms 1:1 ack 1"));
  Say({.bytes = 10});
  EXPECT_THAT(Heard(), ElementsAre("1s 1:1 ack 11"));
}

TEST_F(WireReceive, TheLastAckOfAHandshakeMayRideOnData) {
  const Fd fd = NewSocket();
  SetQuickAck(fd, 0);
  Connect(fd);
  SaySyn(/*ack=*/true);
  RunTo(20);
  Write(fd, 10);
  EXPECT_THAT(Heard(), ElementsAre("20ms 1:11 ack 1"));
  // Soon enough for an answer.
  EXPECT_EQ(QuickAck(fd), 0);
}

TEST_F(WireReceive, AClientThatDefersItsAcceptLetsItsAckWait) {
  const Fd fd = NewSocket();
  EXPECT_TRUE(loop::SetIntOption(kernel_, fd, loop::kIpprotoTcp,
                                 loop::kTcpDeferAccept, 3)
                  .ok());
  Connect(fd);
  SaySyn(/*ack=*/true);
  RunTo(20);
  EXPECT_THAT(Heard(), IsEmpty());
  EXPECT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Heard(), ElementsAre("20ms FIN 1:2 ack 1"));
}

// --- What is old

// Overtaken by more than what a SYN's window may say, but by no more than the
// largest window: it is old, and no attack (RFC 5961 section 5.2).
TEST_F(WireReceive, AnAcknowledgmentThatWasOvertakenByAWindowIsOnlyOld) {
  const Fd fd = Accepted(10);
  Say({.window = 400'000});
  uint32_t acked = 1;
  for (int round = 0; acked < 200'000; ++round) {
    Write(fd, 100'000);
    RunTo(20 + 10 * round);
    acked = LastEnd();
    Say({.ack = acked, .window = 400'000});
  }
  Heard();
  Say({.ack = acked - 150'000, .window = 400'000});
  EXPECT_THAT(Heard(), IsEmpty());
  Say({.ack = static_cast<uint32_t>(0) - 10, .window = 400'000});
  EXPECT_THAT(Heard(), testing::SizeIs(1));
}

}  // namespace
}  // namespace simloop::sim
