// How connections begin and end, segment by segment, as Linux does: SYN-SENT,
// SYN-RECEIVED, FINs, resets, TIME-WAIT (RFC 9293 section 3.10.7, RFC 5961, RFC
// 1122 section 4.2.2.13), and what becomes of a closed socket's data.
#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/socket_option.h"
#include "tests/sim/wire_peer.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Fd;
using tcp::kAck;
using tcp::kFin;
using tcp::kRst;
using tcp::kSyn;
using testing::ElementsAre;
using testing::IsEmpty;

class WireClose : public WirePeer {
 protected:
  // The kernel closes first, at 10 ms; the peer's FIN comes at 20 ms:
  // TIME-WAIT.
  void ReachTimeWait() {
    const Fd fd = Accepted(10);
    EXPECT_TRUE(kernel_.Close(fd).ok());
    Say({.ack = 2});
    RunTo(20);
    Say({.flags = kFin | kAck, .ack = 2});
    EXPECT_THAT(Heard(), ElementsAre("10ms FIN 1:2 ack 1", "20ms 2:2 ack 2"));
  }
};

// --- SYN-SENT

// Whoever answers a SYN with an acknowledgment of something else holds an old
// connection: it is reset, and the SYN goes again at once, two jiffies later
// (tcp_rcv_synsent_state_process()), but only once.
TEST_F(WireClose, AnOldConnectionInTheWayCostsNoSecond) {
  const Fd fd = Connect();
  RunTo(100);
  Say({.seq = 700, .ack = 900});
  EXPECT_THAT(Heard(), ElementsAre("100ms RST 900:900"));
  RunTo(107);
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(108);
  EXPECT_THAT(Heard(), ElementsAre("108ms SYN 0:1"));
  Say({.seq = 700, .ack = 900});
  EXPECT_THAT(Heard(), ElementsAre("108ms RST 900:900"));
  RunTo(1107);
  EXPECT_THAT(Heard(), IsEmpty());
  SaySyn(/*ack=*/true);
  EXPECT_THAT(Heard(), ElementsAre("1.107s 1:1 ack 1"));
  EXPECT_EQ(loop::TakeSocketError(kernel_, fd), Errno::kOk);
}

// Nothing is said when it is closed; an answer that comes later is reset.
TEST_F(WireClose, ASynThatWasGivenUpIsSilent) {
  const Fd fd = Connect();
  ASSERT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(100);
  SaySyn(/*ack=*/true);
  EXPECT_THAT(Heard(), ElementsAre("100ms RST 1:1"));
}

// --- SYN-RECEIVED (tcp_check_req())

TEST_F(WireClose, AnyResetWithinTheWindowEndsAHandshake) {
  Listen();
  SaySyn(/*ack=*/false);
  EXPECT_THAT(Heard(), ElementsAre("0 SYN 0:1 ack 1"));
  Say({.flags = kRst, .seq = 70'000});
  RunTo(1000);
  EXPECT_THAT(Heard(), ElementsAre("1s SYN 0:1 ack 1"));
  Say({.flags = kRst, .seq = 100});
  RunTo(10'000);
  EXPECT_THAT(Heard(), IsEmpty());
}

TEST_F(WireClose, TheLastAckOfAHandshakeMustBeWithinTheWindow) {
  const Fd listener = Listen();
  SaySyn(/*ack=*/false);
  Heard();
  Say({.seq = 70'000});
  EXPECT_THAT(Heard(), ElementsAre("0 1:1 ack 1"));
  EXPECT_FALSE(kernel_.Accept4(listener, loop::kSockNonblock).ok());
  Say({});
  EXPECT_TRUE(kernel_.Accept4(listener, loop::kSockNonblock).ok());
}

// RFC 7323 section 5.3: one with an old stamp is an old duplicate; the stamp of
// that which counts is echoed.
TEST_F(WireClose, TheLastAckOfAHandshakeMustBearNoOldStamp) {
  const Fd listener = Listen();
  Say({.flags = tcp::kSyn, .seq = 0, .stamp = 500});
  EXPECT_THAT(Heard(), ElementsAre("0 SYN 0:1 ack 1"));
  EXPECT_EQ(last().echo, 500u);
  Say({.stamp = 499, .echo = 1});
  EXPECT_THAT(Heard(), ElementsAre("0 1:1 ack 1"));
  EXPECT_FALSE(kernel_.Accept4(listener, loop::kSockNonblock).ok());
  Say({.stamp = 510, .echo = 1});
  const auto accepted = kernel_.Accept4(listener, loop::kSockNonblock);
  ASSERT_TRUE(accepted.ok());
  EXPECT_THAT(Heard(), IsEmpty());
  Write(accepted->fd, 1);
  EXPECT_THAT(Heard(), ElementsAre("0 1:2 ack 1"));
  EXPECT_EQ(last().echo, 510u);
}

// --- FINs

TEST_F(WireClose, AClosedConnectionIsUnknown) {
  const Fd fd = Accepted(10);
  Say({.flags = kFin | kAck});
  RunTo(20);
  EXPECT_THAT(Heard(), ElementsAre("14ms 1:1 ack 2"));
  ASSERT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Heard(), ElementsAre("20ms FIN 1:2 ack 2"));
  Say({.seq = 2, .ack = 2});
  EXPECT_THAT(Heard(), IsEmpty());
  Say({.seq = 2, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("20ms RST 2:2"));
}

TEST_F(WireClose, UnreadDataIsAReset) {
  const Fd fd = Accepted(10);
  Say({.bytes = 100});
  Heard();
  ASSERT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Heard(), ElementsAre("10ms RST 1:1 ack 101"));
}

// What was read counts as read though it comes again, with a FIN behind it.
TEST_F(WireClose, OldDataThatComesWithAFinIsNotUnread) {
  const Fd fd = Accepted(10);
  Say({.bytes = 100});
  EXPECT_EQ(Read(fd, 100), 100u);
  Say({.flags = kFin | kAck, .bytes = 100});
  RunTo(100);
  EXPECT_EQ(last().ack - kPeerInitial, 102u);
  Heard();
  ASSERT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Heard(), ElementsAre("100ms FIN 1:2 ack 102"));
}

// A FIN that was overtaken by the acknowledgment of ours.
TEST_F(WireClose, AFinWithAnOldAcknowledgmentCounts) {
  const Fd fd = Accepted(10);
  ASSERT_TRUE(kernel_.Shutdown(fd, loop::kShutWr).ok());
  Say({.seq = 2, .ack = 2});
  Heard();
  Say({.flags = kFin | kAck, .ack = 1});
  EXPECT_THAT(Heard(), ElementsAre("10ms 2:2 ack 2"));
}

// Nobody will read it.
TEST_F(WireClose, DataForAClosedSocketIsAReset) {
  const Fd fd = Accepted(10);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  Heard();
  Say({.bytes = 10, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("10ms RST 2:2"));
}

// It acknowledges the FIN of a closed socket, and is the peer's FIN itself.
TEST_F(WireClose, AFinThatAcknowledgesAFinIsTaken) {
  const Fd fd = Accepted(10);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  Heard();
  Say({.flags = kFin | kAck, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("10ms 2:2 ack 2"));
  RunTo(absl::Seconds(59));
  Say({.seq = 2, .ack = 2});
  EXPECT_THAT(Heard(), IsEmpty());
}

// --- Closed with data behind a shut window (tcp_probe_timer())

// Each probe is answered, and yet it ends when a probe would wait as long as
// can be: from an RTO of 210 ms, doubled, the tenth (2^10 x 210 ms) would.
TEST_F(WireClose, AClosedSocketDoesNotWaitForAShutWindowForever) {
  const Fd listener = Listen();
  const Fd fd = Accept(listener, absl::Milliseconds(10));
  Say({.window = 0});
  Write(fd, 100);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  absl::Duration at = absl::Milliseconds(10);
  absl::Duration wait = absl::Milliseconds(210);
  for (int i = 0; i < 10; ++i) {
    at += wait;
    wait = std::min(2 * wait, absl::Seconds(120));
    RunTo(at);
    ASSERT_EQ(Heard().size(), 1u) << i;
    Say({.window = 0});
  }
  RunTo(at + absl::Minutes(20));
  EXPECT_THAT(Heard(), IsEmpty());
  Say({.window = 0});
  EXPECT_THAT(Heard(), testing::SizeIs(1));  // a reset: it is unknown
  EXPECT_TRUE(last().has(kRst));
}

// Unanswered, eight are enough.
TEST_F(WireClose, AClosedSocketProbesEightTimesInVain) {
  const Fd fd = Accepted(10);
  Say({.window = 0});
  Write(fd, 100);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  RunTo(absl::Hours(2));
  EXPECT_THAT(Heard(), testing::SizeIs(8));
}

// Who has taken its window back, and says so each time, is waited for however
// often what is in flight goes again (tcp_rtx_probe0_timed_out()); who is
// silent for four minutes is not.
TEST_F(WireClose, AWindowThatWasTakenBackIsNoTimeOutWhileThePeerAnswers) {
  const Fd fd = Accepted(10);
  Write(fd, 100);
  for (int minute = 1; minute <= 60; ++minute) {
    RunTo(absl::Minutes(minute));
    Say({.window = 0});
  }
  EXPECT_EQ(loop::TakeSocketError(kernel_, fd), Errno::kOk);
  RunTo(absl::Minutes(64));
  EXPECT_EQ(loop::TakeSocketError(kernel_, fd), Errno::kOk);
  RunTo(absl::Minutes(67));
  EXPECT_EQ(loop::TakeSocketError(kernel_, fd), Errno::kETIMEDOUT);
}

// --- TIME-WAIT (tcp_timewait_state_process())

// Any acknowledgment begins its minute anew.
TEST_F(WireClose, ABareAckProlongsTimeWait) {
  ReachTimeWait();
  RunTo(absl::Seconds(50));
  Say({.seq = 2, .ack = 2});
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(absl::Seconds(100));
  Say({.flags = kFin | kAck, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("1m40s 2:2 ack 2"));
  RunTo(absl::Seconds(161));
  Say({.seq = 2, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("2m41s RST 2:2"));
}

// What lies elsewhere is told where it stands, twice a second at most.
TEST_F(WireClose, TimeWaitAnswersWhatIsOutOfPlace) {
  ReachTimeWait();
  RunTo(1000);
  Say({.seq = 900, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("1s 2:2 ack 2"));
  RunTo(1400);
  Say({.seq = 900, .ack = 2});
  EXPECT_THAT(Heard(), IsEmpty());
  RunTo(1600);
  Say({.seq = 900, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("1.6s 2:2 ack 2"));
}

TEST_F(WireClose, AResetInItsPlaceEndsTimeWait) {
  ReachTimeWait();
  Say({.flags = kRst, .seq = 1});
  Say({.flags = kFin | kAck, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("20ms 2:2 ack 2"));
  Say({.flags = kRst, .seq = 2});
  Say({.flags = kFin | kAck, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("20ms RST 2:2"));
}

// A closed socket's FIN-WAIT-2: a reset anywhere in the window ends it, data
// resets it, and what is elsewhere is answered.
TEST_F(WireClose, FinWait2OfAClosedSocket) {
  const Fd fd = Accepted(10);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  Say({.ack = 2});
  Heard();
  Say({.seq = 3'000'000, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("10ms 2:2 ack 1"));
  Say({.flags = kRst, .seq = 3'000'000});
  Say({.flags = kRst, .seq = 100});
  Say({.flags = kFin | kAck, .ack = 2});
  EXPECT_THAT(Heard(), ElementsAre("10ms RST 2:2"));
}

}  // namespace
}  // namespace simloop::sim
