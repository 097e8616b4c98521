// Connections come about as packets in flight, at times one can work out.

#include "gmock/gmock.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using testing::ElementsAre;

class Handshake : public TwoHosts {};

// SYN 0 -> 10 ms, SYN-ACK -> 20 ms: the client has it after one round trip;
// ACK -> 30 ms: the server after one and a half.
TEST_F(Handshake, TakesOneRoundTripForTheClientAndHalfMoreForTheServer) {
  const loop::Fd listener = Listen(4);
  const loop::Fd fd = Connect();
  RunTo(absl::Milliseconds(20) - absl::Nanoseconds(1));
  EXPECT_EQ(Ready(client_, fd), 0u);
  RunTo(absl::Milliseconds(20));
  EXPECT_EQ(Ready(client_, fd), loop::kEpollOut);
  RunTo(absl::Milliseconds(30) - absl::Nanoseconds(1));
  EXPECT_FALSE(Accept(listener).valid());
  RunTo(absl::Milliseconds(30));
  EXPECT_TRUE(Accept(listener).valid());
}

// SYN -> 10 ms, RST -> 20 ms.
TEST_F(Handshake, IsRefusedAfterOneRoundTrip) {
  const loop::Fd fd = Connect();
  RunTo(absl::Milliseconds(20) - absl::Nanoseconds(1));
  EXPECT_EQ(loop::TakeSocketError(client_, fd), Errno::kOk);
  RunTo(absl::Milliseconds(20));
  EXPECT_EQ(loop::TakeSocketError(client_, fd), Errno::kECONNREFUSED);
}

TEST_F(Handshake, HasNoWayToAHostWithoutALink) {
  const loop::Fd fd = NewSocket(client_);
  EXPECT_EQ(
      client_.Connect(fd, loop::Address::Inet({0x0a000063}, kPort)).error(),
      Errno::kENETUNREACH);
}

// Backlog 0 holds one. SYNs go at 0, 1, 2, 3, 4 and 5 s after the connect
// (net.ipv4.tcp_syn_linear_timeouts of Linux), then at double the time of the
// last: 5+2, 7+4, 11+8, 19+16, 35+32 s. It is over at the first time-out that is
// no sooner than six doublings of 1 s would have been, 127 s: at 67+64 s.
TEST_F(Handshake, IsGivenUp131SecondsAfterTenRepeatedSyns) {
  Listen(0);
  Connect();
  RunTo(absl::Seconds(1));
  log_.Clear();
  const loop::Fd fd = Connect();
  RunTo(absl::Seconds(132) - absl::Nanoseconds(1));
  EXPECT_THAT(
      log_.With("sent 32769>7001 SYN"),
      ElementsAre(
          "1s sent 32769>7001 SYN len=0", "2s sent 32769>7001 SYN len=0",
          "3s sent 32769>7001 SYN len=0", "4s sent 32769>7001 SYN len=0",
          "5s sent 32769>7001 SYN len=0", "6s sent 32769>7001 SYN len=0",
          "8s sent 32769>7001 SYN len=0", "12s sent 32769>7001 SYN len=0",
          "20s sent 32769>7001 SYN len=0", "36s sent 32769>7001 SYN len=0",
          "1m8s sent 32769>7001 SYN len=0"));
  EXPECT_EQ(loop::TakeSocketError(client_, fd), Errno::kOk);
  RunTo(absl::Seconds(132));
  EXPECT_EQ(loop::TakeSocketError(client_, fd), Errno::kETIMEDOUT);
}

// The queue gets room at 1.5 s; the next SYN goes at 2.05 s, and is answered.
TEST_F(Handshake, CompletesByARepeatedSynWhenTheQueueHasRoom) {
  const loop::Fd listener = Listen(0);
  Connect();
  const loop::Fd late = NewSocket(client_);
  RunTo(absl::Milliseconds(50));
  static_cast<void>(client_.Connect(late, ServerAddress()));
  RunTo(absl::Milliseconds(1500));
  EXPECT_TRUE(Accept(listener).valid());
  // 50 ms + 1 s + 1 s, and a round trip.
  RunTo(absl::Milliseconds(2070) - absl::Nanoseconds(1));
  EXPECT_EQ(Ready(client_, late), 0u);
  RunTo(absl::Milliseconds(2070));
  EXPECT_EQ(Ready(client_, late), loop::kEpollOut);
}

// One waits to be accepted, and there is room for one more. Both SYNs of 50 ms
// find it, so both are answered; the second ACK finds the queue full and is
// dropped. The SYN-ACK of 60 ms is repeated at 1060 ms, the client acknowledges
// it at 1070 ms, and at 1080 ms the server has room and takes it.
TEST_F(Handshake, IsCompletedByTheRepeatedSynAckWhenItsAckWasDropped) {
  const loop::Fd listener = Listen(1);
  Connect();
  RunTo(absl::Milliseconds(50));
  const loop::Fd first = Connect();
  const loop::Fd second = Connect();
  RunTo(absl::Milliseconds(100));
  EXPECT_EQ(Ready(client_, first), loop::kEpollOut);
  EXPECT_EQ(Ready(client_, second), loop::kEpollOut);
  EXPECT_TRUE(Accept(listener).valid());
  EXPECT_TRUE(Accept(listener).valid());
  EXPECT_FALSE(Accept(listener).valid());
  RunTo(absl::Milliseconds(1080) - absl::Nanoseconds(1));
  EXPECT_FALSE(Accept(listener).valid());
  RunTo(absl::Milliseconds(1080));
  EXPECT_TRUE(Accept(listener).valid());
}

// Data may complete a handshake as well. The round trip of the handshake took
// 20 ms, so data is repeated after 20 + 200 ms (Linux's least): written at
// 50 ms, dropped at 60 ms, repeated at 270 ms.
TEST_F(Handshake, IsCompletedByRepeatedDataWhenItsAckWasDropped) {
  const loop::Fd listener = Listen(0);
  Connect();
  const loop::Fd second = Connect();
  RunTo(absl::Milliseconds(50));
  EXPECT_EQ(*Send(client_, second, "hello"), 5u);
  RunTo(absl::Milliseconds(100));
  EXPECT_TRUE(Accept(listener).valid());
  RunTo(absl::Milliseconds(280) - absl::Nanoseconds(1));
  EXPECT_FALSE(Accept(listener).valid());
  RunTo(absl::Milliseconds(280));
  const loop::Fd accepted = Accept(listener);
  ASSERT_TRUE(accepted.valid());
  EXPECT_EQ(ReadAll(server_, accepted), "hello");
}

// The SYN-ACK finds nobody: the client answers with RST, and the server forgets
// the request: nothing is repeated.
TEST_F(Handshake, IsForgottenWhenTheClientIsGone) {
  const loop::Fd listener = Listen(4);
  const loop::Fd fd = Connect();
  EXPECT_TRUE(client_.Close(fd).ok());
  RunTo(absl::Seconds(10));
  EXPECT_EQ(log_.With("SYN ACK").size(), 2u);  // sent and came
  EXPECT_FALSE(Accept(listener).valid());
}

// A request is found before any listener is looked for (__inet_lookup()): one
// that listens since, and at the very address, has nothing to do with it.
TEST_F(Handshake, BelongsToTheListenerThatAnsweredIt) {
  const auto listen = [this](const loop::Address& address) {
    const loop::Fd fd = NewSocket(server_);
    EXPECT_TRUE(
        loop::SetIntOption(server_, fd, loop::kSolSocket, loop::kSoReuseport, 1)
            .ok());
    EXPECT_TRUE(server_.Bind(fd, address).ok());
    EXPECT_TRUE(server_.Listen(fd, 4).ok());
    return fd;
  };
  const loop::Fd first = listen(loop::Address::Inet(loop::Ipv4::Any(), kPort));
  const loop::Fd fd = Connect();
  RunTo(absl::Milliseconds(15));
  const loop::Fd second = listen(ServerAddress());
  RunTo(absl::Milliseconds(40));
  EXPECT_EQ(Ready(client_, fd), loop::kEpollOut);
  EXPECT_FALSE(Accept(second).valid());
  EXPECT_TRUE(Accept(first).valid());
}

// It goes with its listener: the ACK finds nobody, and is answered by a reset.
TEST_F(Handshake, EndsWithItsListener) {
  const loop::Fd listener = Listen(4);
  const loop::Fd fd = Connect();
  RunTo(absl::Milliseconds(15));
  EXPECT_TRUE(server_.Close(listener).ok());
  RunTo(absl::Milliseconds(50));
  EXPECT_EQ(loop::TakeSocketError(client_, fd), Errno::kECONNRESET);
}

}  // namespace
}  // namespace simloop::sim
