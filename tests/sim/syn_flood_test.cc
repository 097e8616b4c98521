// A listener whose SYN queue is full: SYN cookies, or no answer at all; and
// ports in TIME-WAIT that are taken again.
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/tcp/syn_cookie.h"
#include "sim/tcp/time_stamp.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Fd;
using testing::SizeIs;

HostOptions Server(int syn_cookies) {
  HostOptions options;
  options.syn_cookies = syn_cookies;
  return options;
}

// Five connects at 0. The SYNs come at 10 ms, all before any handshake is
// done (30 ms): with a backlog of 1 the SYN queue takes two.
class SynFlood : public TwoHosts {
 protected:
  explicit SynFlood(int syn_cookies)
      : TwoHosts(HostOptions(), Server(syn_cookies)) {}
  std::vector<Fd> ConnectFive() {
    std::vector<Fd> fds;
    for (int i = 0; i < 5; ++i) fds.push_back(Connect());
    return fds;
  }
};

class WithCookies : public SynFlood {
 protected:
  WithCookies() : SynFlood(1) {}
};
class WithoutCookies : public SynFlood {
 protected:
  WithoutCookies() : SynFlood(0) {}
};
class AlwaysCookies : public SynFlood {
 protected:
  AlwaysCookies() : SynFlood(2) {}
};

TEST_F(WithCookies, AnswersEveryoneThoughTheSynQueueIsFull) {
  const Fd listener = Listen(1);
  ConnectFive();
  RunTo(absl::Milliseconds(25));
  EXPECT_THAT(log_.With("sent 7001>"), SizeIs(5));
  // The accept queue has room for two all the same.
  RunTo(absl::Milliseconds(100));
  int accepted = 0;
  while (Accept(listener) != Fd{-1}) ++accepted;
  EXPECT_EQ(accepted, 2);
}

TEST_F(WithoutCookies, DropsWhatTheSynQueueDoesNotTake) {
  Listen(1);
  ConnectFive();
  RunTo(absl::Milliseconds(25));
  EXPECT_THAT(log_.With("sent 7001>"), SizeIs(2));
}

// Nothing is kept of a SYN, and yet the connection is as any other.
TEST_F(AlwaysCookies, MakeAConnectionThatCarriesData) {
  const Fd listener = Listen(4);
  const Fd client = Connect();
  RunTo(absl::Milliseconds(40));
  const Fd server = Accept(listener);
  ASSERT_NE(server, Fd{-1});
  ASSERT_TRUE(Send(client_, client, "hello").ok());
  RunTo(absl::Milliseconds(60));
  EXPECT_EQ(ReadAll(server_, server), "hello");
}

TEST(SynCookie, IsReadForTwoMinutes) {
  tcp::Segment syn;
  syn.from = {loop::Ipv4{0x0a000001}, 40000};
  syn.to = {loop::Ipv4{0x0a000002}, 80};
  syn.seq = 12345;
  syn.mss = 1400;
  syn.sack_permitted = true;
  const loop::Instant sent = loop::Instant() + absl::Seconds(30);
  tcp::Segment ack = syn;
  ack.seq = syn.seq + 1;
  ack.ack = tcp::SynCookie::SequenceFor(syn, sent) + 1;
  ack.echo = tcp::SynCookie::StampFor(syn, sent);
  EXPECT_LE(ack.echo, tcp::TimeStamp(sent));
  const auto cookie =
      tcp::SynCookie::Read(ack, loop::Instant() + absl::Seconds(100));
  ASSERT_TRUE(cookie.has_value());
  EXPECT_EQ(cookie->mss, 1300u);  // the next that there is
  EXPECT_TRUE(cookie->sack);
  EXPECT_FALSE(tcp::SynCookie::Read(ack, loop::Instant() + absl::Seconds(120))
                   .has_value());
  ack.ack += 100;
  EXPECT_FALSE(tcp::SynCookie::Read(ack, sent).has_value());
}

class OnePort : public TwoHosts {
 protected:
  static HostOptions Client() {
    HostOptions options;
    options.first_ephemeral_port = options.last_ephemeral_port = 40000;
    options.time_wait_reuse = 1;
    return options;
  }
  OnePort() : TwoHosts(Client(), HostOptions()) {}
};

// The client closes first, at 40 ms, and has the only port in TIME-WAIT from
// 60 ms on (its FIN comes at 50, is answered, the server's FIN is back then).
TEST_F(OnePort, IsTakenFromATimeWaitThatIsOlderThanASecond) {
  const Fd listener = Listen(4);
  const Fd client = Connect();
  RunTo(absl::Milliseconds(40));
  const Fd server = Accept(listener);
  ASSERT_TRUE(client_.Close(client).ok());
  ASSERT_TRUE(server_.Close(server).ok());
  RunTo(absl::Milliseconds(500));
  const Fd second = NewSocket(client_);
  EXPECT_EQ(client_.Connect(second, ServerAddress()).error(),
            Errno::kEADDRNOTAVAIL);
  RunTo(absl::Milliseconds(1200));
  EXPECT_EQ(client_.Connect(second, ServerAddress()).error(),
            Errno::kEINPROGRESS);
  RunTo(absl::Milliseconds(1300));
  EXPECT_NE(Accept(listener), Fd{-1});
}

}  // namespace
}  // namespace simloop::sim
