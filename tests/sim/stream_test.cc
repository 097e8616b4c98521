// What is written on one host is read on the other: when, and all of it.

#include "gmock/gmock.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using testing::ElementsAre;

// Byte i of a stream that no shift maps onto itself soon.
char ByteAt(size_t i) { return static_cast<char>(i % 251 ^ i / 65537); }

class Stream : public TwoHosts {
 protected:
  static constexpr size_t kReceiveBuffer = 4096;

  Stream() : TwoHosts(HostOptions(), SmallBuffers()) {
    const loop::Fd listener = Listen(4);
    near_ = Connect();
    RunTo(absl::Milliseconds(100));
    far_ = Accept(listener);
    log_.Clear();
  }
  static HostOptions SmallBuffers() {
    HostOptions options;
    options.receive_buffer_bytes = kReceiveBuffer;
    return options;
  }

  loop::Fd near_;  // the client's
  loop::Fd far_;   // the server's
};

TEST_F(Stream, ArrivesAfterTheLatency) {
  EXPECT_EQ(*Send(client_, near_, "hello"), 5u);
  RunTo(absl::Milliseconds(110) - absl::Nanoseconds(1));
  EXPECT_EQ(ReadAll(server_, far_), "");
  RunTo(absl::Milliseconds(110));
  EXPECT_EQ(ReadAll(server_, far_), "hello");
}

// A receiver that answered within 40 ms is interactive: its next ACK waits
// 40 ms for data to ride on. Written at 200 ms, there at 210, ACK at 250.
TEST_F(Stream, IsAcknowledgedAfter40MillisecondsByAnInteractiveReceiver) {
  EXPECT_EQ(*Send(client_, near_, "ask"), 3u);
  RunTo(absl::Milliseconds(110));
  EXPECT_EQ(*Send(server_, far_, "answer"), 6u);
  RunTo(absl::Milliseconds(200));
  log_.Clear();
  EXPECT_EQ(*Send(client_, near_, "ask"), 3u);
  RunTo(absl::Milliseconds(300));
  EXPECT_THAT(log_.With("sent 7001>"),
              ElementsAre("250ms sent 7001>32768 ACK len=0"));
}

// Until then they go out at once.
TEST_F(Stream, IsAcknowledgedAtOnceAtFirst) {
  EXPECT_EQ(*Send(client_, near_, "one"), 3u);
  RunTo(absl::Milliseconds(300));
  EXPECT_THAT(log_.With("sent 7001>"),
              ElementsAre("110ms sent 7001>32768 ACK len=0"));
}

// Nagle: a second small segment waits for the ACK of the first, which comes at
// 120 ms; there at 130 ms. With TCP_NODELAY both are there at 110 ms.
TEST_F(Stream, HoldsASecondSmallWriteBackWithoutNodelay) {
  EXPECT_EQ(*Send(client_, near_, "a"), 1u);
  EXPECT_EQ(*Send(client_, near_, "b"), 1u);
  RunTo(absl::Milliseconds(110));
  EXPECT_EQ(ReadAll(server_, far_), "a");
  RunTo(absl::Milliseconds(130));
  EXPECT_EQ(ReadAll(server_, far_), "b");
}

// MSG_MORE holds "a" back until there is more, or for a retransmission time-out
// (20 + 200 ms after a round trip of 20): 100 + 220, there at 330 ms. "b",
// which comes meanwhile and acknowledges nothing, lets it go no sooner and no
// later.
TEST_F(Stream, HoldsMoreBackWhenDataComesThatAcknowledgesNothing) {
  EXPECT_EQ(*server_.Send(far_, {"a", 1}, loop::kMsgMore), 1u);
  EXPECT_EQ(*Send(client_, near_, "b"), 1u);
  RunTo(absl::Milliseconds(330) - absl::Nanoseconds(1));
  EXPECT_EQ(ReadAll(server_, far_), "b");
  EXPECT_EQ(ReadAll(client_, near_), "");
  RunTo(absl::Milliseconds(330));
  EXPECT_EQ(ReadAll(client_, near_), "a");
}

TEST_F(Stream, HoldsNothingBackWithNodelay) {
  EXPECT_TRUE(loop::SetIntOption(client_, near_, loop::kIpprotoTcp,
                                 loop::kTcpNodelay, 1)
                  .ok());
  EXPECT_EQ(*Send(client_, near_, "a"), 1u);
  EXPECT_EQ(*Send(client_, near_, "b"), 1u);
  RunTo(absl::Milliseconds(110));
  EXPECT_EQ(ReadAll(server_, far_), "ab");
}

// The window lets 4096 bytes through; read at 500 ms, the rest is told of at
// 510 ms and there at 520 ms.
TEST_F(Stream, StopsAtAShutWindowAndGoesOnWhenItOpens) {
  EXPECT_EQ(*Send(client_, near_, std::string(6000, 'x')), 6000u);
  RunTo(absl::Milliseconds(500));
  EXPECT_EQ(ReadAll(server_, far_).size(), kReceiveBuffer);
  RunTo(absl::Milliseconds(520) - absl::Nanoseconds(1));
  EXPECT_EQ(ReadAll(server_, far_).size(), 0u);
  RunTo(absl::Milliseconds(520));
  EXPECT_EQ(ReadAll(server_, far_).size(), 6000 - kReceiveBuffer);
}

TEST_F(Stream, Carries10MegabytesThroughASmallBufferExactly) {
  constexpr size_t kAll = 10'000'000;
  std::string data(kAll, '\0');
  for (size_t i = 0; i < kAll; ++i) data[i] = ByteAt(i);
  size_t sent = 0;
  size_t received = 0;
  absl::Duration now = absl::Milliseconds(100);
  while (received < kAll) {
    const auto count =
        Send(client_, near_, absl::string_view(data).substr(sent));
    if (count.ok()) sent += *count;
    now += absl::Milliseconds(20);
    RunTo(now);
    const std::string part = ReadAll(server_, far_);
    ASSERT_EQ(part, data.substr(received, part.size())) << received;
    received += part.size();
    ASSERT_LT(now, absl::Hours(1)) << "it is stuck at " << received;
  }
  EXPECT_EQ(sent, kAll);
}

// OUT is back when a third of the send buffer is free.
TEST_F(Stream, SaysEagainWhenTheSendBufferIsFull) {
  const size_t buffer = HostOptions().send_buffer_bytes;
  EXPECT_EQ(*Send(client_, near_, std::string(buffer + 1, 'x')), buffer);
  EXPECT_EQ(Send(client_, near_, "x").error(), Errno::kEAGAIN);
  EXPECT_EQ(Ready(client_, near_), 0u);
}

// FIN behind the data: there at 110 ms. The answer still gets through.
TEST_F(Stream, EndsBehindItsDataAndGoesOnTheOtherWay) {
  EXPECT_EQ(*Send(client_, near_, "last"), 4u);
  EXPECT_TRUE(client_.Shutdown(near_, loop::kShutWr).ok());
  RunTo(absl::Milliseconds(110));
  EXPECT_EQ(ReadAll(server_, far_), "last");
  char byte;
  EXPECT_EQ(*server_.Read(far_, absl::MakeSpan(&byte, 1)), 0u);
  EXPECT_EQ(*Send(server_, far_, "answer"), 6u);
  RunTo(absl::Milliseconds(120));
  EXPECT_EQ(ReadAll(client_, near_), "answer");
}

TEST_F(Stream, IsResetWhenClosedWithBytesUnread) {
  EXPECT_EQ(*Send(client_, near_, "unread"), 6u);
  RunTo(absl::Milliseconds(200));
  EXPECT_TRUE(server_.Close(far_).ok());
  RunTo(absl::Milliseconds(210));
  EXPECT_EQ(loop::TakeSocketError(client_, near_), Errno::kECONNRESET);
}

// Both FINs cross: each end is in CLOSING, then done.
TEST_F(Stream, EndsWhenBothCloseAtOnce) {
  EXPECT_TRUE(client_.Shutdown(near_, loop::kShutWr).ok());
  EXPECT_TRUE(server_.Shutdown(far_, loop::kShutWr).ok());
  RunTo(absl::Milliseconds(120));
  const uint32_t all =
      loop::kEpollIn | loop::kEpollOut | loop::kEpollRdhup | loop::kEpollHup;
  EXPECT_EQ(Ready(client_, near_), all);
  EXPECT_EQ(Ready(server_, far_), all);
}

class TimeWait : public TwoHosts {};

// The client's FIN goes at 100 ms, the server's at 110 ms; it comes at 120 ms
// and TIME-WAIT is over 60 s later.
TEST_F(TimeWait, HoldsThePortFor60Seconds) {
  const loop::Fd listener = Listen(4);
  const loop::Fd fd = NewSocket(client_);
  const loop::Address local = loop::Address::Inet(kClient, 5000);
  EXPECT_TRUE(client_.Bind(fd, local).ok());
  static_cast<void>(client_.Connect(fd, ServerAddress()));
  RunTo(absl::Milliseconds(100));
  const loop::Fd accepted = Accept(listener);
  EXPECT_TRUE(client_.Close(fd).ok());
  RunTo(absl::Milliseconds(110));
  EXPECT_TRUE(server_.Close(accepted).ok());
  RunTo(absl::Milliseconds(60'120) - absl::Nanoseconds(1));
  const loop::Fd next = NewSocket(client_);
  EXPECT_EQ(client_.Bind(next, local).error(), Errno::kEADDRINUSE);
  RunTo(absl::Milliseconds(60'120));
  EXPECT_TRUE(client_.Bind(next, local).ok());
}

}  // namespace
}  // namespace simloop::sim
