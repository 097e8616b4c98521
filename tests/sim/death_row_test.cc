// What closed sockets leave behind ends at its time, whatever ends before it.
#include "gmock/gmock.h"
#include "loop/socket_option.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using testing::IsEmpty;
using testing::SizeIs;

class DeathRow : public TwoHosts {
 protected:
  // Two connections whose client has closed; their server has not.
  void CloseTwo(int second_linger_seconds) {
    const loop::Fd listener = Listen(4);
    const loop::Fd first = Connect();
    const loop::Fd second = Connect();
    RunTo(absl::Milliseconds(50));
    first_ = Accept(listener);
    second_ = Accept(listener);
    EXPECT_TRUE(loop::SetIntOption(client_, second, loop::kIpprotoTcp,
                                   loop::kTcpLinger2, second_linger_seconds)
                    .ok());
    EXPECT_TRUE(client_.Close(first).ok());
    EXPECT_TRUE(client_.Close(second).ok());
    EXPECT_TRUE(server_.Close(listener).ok());
    RunTo(absl::Milliseconds(100));
  }
  // When nothing happens any more.
  absl::Duration End() {
    EXPECT_EQ(world_.Run(loop::Instant::Infinite()), World::End::kIdle);
    return absl::Nanoseconds(world_.Now().nanos());
  }

  // The server's.
  loop::Fd first_;
  loop::Fd second_;
};

// The FINs were acknowledged at the server's next jiffy and came back at 74 ms:
// that of the second to a socket that waits 5 s for the server's (TCP_LINGER2 of
// tcp(7)), that of the first 60. A reset in CLOSE-WAIT is EPIPE.
TEST_F(DeathRow, AShorterWaitThatBeganLaterEndsBefore) {
  CloseTwo(5);
  RunTo(absl::Milliseconds(5074) - absl::Nanoseconds(1));
  EXPECT_TRUE(Send(server_, second_, "a").ok());
  EXPECT_THAT(log_.With("RST"), IsEmpty());
  RunTo(absl::Milliseconds(5094));
  EXPECT_EQ(loop::TakeSocketError(server_, second_), Errno::kEPIPE);
  EXPECT_THAT(log_.With("sent 32768>7001 RST"), IsEmpty());
  EXPECT_EQ(End(), absl::Milliseconds(60'074));
}

// The server closes at 6 s. The first waits for its TIME-WAIT, from 6.01 s on;
// the second is over, and resets.
TEST_F(DeathRow, OneThatIsPutOffLetsTheOthersBefore) {
  CloseTwo(5);
  RunTo(absl::Seconds(6));
  EXPECT_TRUE(server_.Close(first_).ok());
  EXPECT_TRUE(server_.Close(second_).ok());
  RunTo(absl::Seconds(7));
  EXPECT_THAT(log_.With("sent 32768>7001 RST"), IsEmpty());
  EXPECT_THAT(log_.With("sent 32769>7001 RST"), SizeIs(1));
  EXPECT_EQ(End(), absl::Milliseconds(66'010));
}

// Both at one instant.
TEST_F(DeathRow, EndsThoseOfOneInstant) {
  CloseTwo(60);
  EXPECT_EQ(End(), absl::Milliseconds(60'074));
}

TEST_F(DeathRow, IsEmptyAfterACrash) {
  CloseTwo(60);
  client_host_.PowerOff();
  client_host_.Forget();
  client_host_.PowerOn();
  RunTo(absl::Milliseconds(200));
  EXPECT_TRUE(Send(server_, first_, "a").ok());
  RunTo(absl::Milliseconds(300));
  EXPECT_EQ(loop::TakeSocketError(server_, first_), Errno::kEPIPE);
  EXPECT_EQ(End(), absl::Milliseconds(300));
}

}  // namespace
}  // namespace simloop::sim
