// Errors of the network as programs meet them: unreachable hosts and nets, and
// packets too large for the path (RFC 1122 section 4.2.3.9, RFC 1191, udp(7)).
#include "sim/icmp.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/path_mtu.h"
#include "tests/sim/path_world.h"

namespace simloop::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class IcmpTest : public PathWorld {
 protected:
  // The server's side of the last link answers so.
  void Refuse(Link::State state) {
    path_.back()->SetState(Link::Way::kToB, state);
  }
  // The last link, on its way to the server: the server's MSS tells nothing.
  void Narrow(uint32_t mtu) {
    LinkOptions narrow = Latency(10);
    narrow.mtu = mtu;
    path_.back()->Change(Link::Way::kToB, narrow);
  }
  void DiscoverMtu(loop::Fd fd, int mode) {
    ASSERT_TRUE(loop::SetIntOption(*client_, fd, loop::kIpprotoIp,
                                   loop::kIpMtuDiscover, mode)
                    .ok());
  }
  // Of a connect(2) that the router refuses so, once its answer has come.
  loop::Errno ErrorWhere(Link::State state) {
    Build(1);
    Refuse(state);
    const loop::Fd client = Connect();
    RunTo(20);
    return Error(*client_, client);
  }
  static constexpr int kDo = 2;  // IP_PMTUDISC_DO
};

// --- connect(2)

// The router one link of 10 ms away says so: 20 ms.
TEST_F(IcmpTest, ConnectFailsAtOnceIfTheHostIsUnreachable) {
  Build(1);
  Refuse(Link::State::kHostUnreachable);
  const loop::Fd client = Connect();
  RunTo(19);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
  RunTo(20);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kEHOSTUNREACH);
}

TEST_F(IcmpTest, ConnectFailsAtOnceIfTheNetIsUnreachable) {
  EXPECT_EQ(ErrorWhere(Link::State::kNetUnreachable),
            loop::Errno::kENETUNREACH);
}

TEST_F(IcmpTest, ConnectFailsAtOnceIfItIsProhibited) {
  EXPECT_EQ(ErrorWhere(Link::State::kProhibited), loop::Errno::kEHOSTUNREACH);
}

// A black hole says nothing: SYNs until 67 s, and 64 s more (handshake_test).
TEST_F(IcmpTest, ConnectWaitsIfNobodySaysAnything) {
  Build(1);
  Refuse(Link::State::kBlackHole);
  const loop::Fd client = Connect();
  RunTo(absl::Seconds(67 + 64) - absl::Milliseconds(1));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
  RunTo(absl::Seconds(67 + 64));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kETIMEDOUT);
}

// A router that knows no way.
TEST_F(IcmpTest, ARouterWithoutARouteSaysSo) {
  Host& client = AddHost("client", kClient);
  Host& router = AddRouter(1);
  Host& server = AddHost("server", kServer);
  Host& other = AddHost("other", {0x0a000003});
  world_.AddLink(client, router, Latency(10));
  world_.AddLink(other, server, Latency(10));
  Run(client, server);
  // The client itself knows none either.
  const loop::Fd fd = Tcp(*client_);
  EXPECT_EQ(client_->Connect(fd, ServerAddress()).error(),
            loop::Errno::kENETUNREACH);
}

// --- An established connection (RFC 1122 section 4.2.3.9: a soft error)

TEST_F(IcmpTest, AConnectionOutlivesAnUnreachableHost) {
  Build(1);
  const loop::Fd listener = Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  const loop::Fd server = server_->Accept4(listener, 0)->fd;
  Refuse(Link::State::kHostUnreachable);
  Send(*client_, client, 1000);
  RunTo(200);
  EXPECT_THAT(log_.With("sent icmp 3/1"), SizeIs(1));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
  // It comes back, and so does the data: it is sent again.
  path_.back()->SetState(Link::Way::kToB, Link::State::kUp);
  RunTo(2000);
  EXPECT_EQ(ReadAll(*server_, server), 1000u);
}

// What was said explains why, where it would otherwise be ETIMEDOUT.
TEST_F(IcmpTest, GivingUpNamesTheErrorOfTheNetwork) {
  HostOptions options;
  options.data_retries = 3;
  Build(1, options);
  Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  Refuse(Link::State::kHostUnreachable);
  Send(*client_, client, 1000);
  RunTo(absl::Minutes(5));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kEHOSTUNREACH);
}

TEST_F(IcmpTest, GivingUpWithoutOneIsATimeOut) {
  HostOptions options;
  options.data_retries = 3;
  Build(1, options);
  Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  Refuse(Link::State::kBlackHole);
  Send(*client_, client, 1000);
  RunTo(absl::Minutes(5));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kETIMEDOUT);
}

// IP_RECVERR of ip(7): a program that wants to know is told at once.
TEST_F(IcmpTest, RecverrTellsAtOnce) {
  Build(1);
  Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  ASSERT_TRUE(loop::SetIntOption(*client_, client, loop::kIpprotoIp,
                                 loop::kIpRecverr, 1)
                  .ok());
  Refuse(Link::State::kHostUnreachable);
  Send(*client_, client, 1000);
  RunTo(120);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kEHOSTUNREACH);
}

// RFC 6069: an unreachable that answers a repetition shows that the network,
// not its queues, is what failed: the back-off is taken back, so that it tries
// as often as the first time, each RTO of 20 ms x 2 + 200 ms and so on.
TEST_F(IcmpTest, ATimeOutThatIsAnsweredDoesNotDouble) {
  Build(1);
  Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  Refuse(Link::State::kHostUnreachable);
  Send(*client_, client, 1000);
  RunTo(absl::Seconds(3));
  const size_t answered = log_.With("dropped tcp").size();
  // One each 240 ms to 3 s, a probe, and the first: doubling would have made
  // five (0.24, 0.72, 1.68, 3.6 s).
  EXPECT_GE(answered, 10u);
}

// --- Path MTU (RFC 1191)

class PathMtuTest : public IcmpTest,
                    public testing::WithParamInterface<uint32_t> {};

// The client and its router believe in 1500 bytes; the second link takes less.
// The first flight is told of, what follows fits.
TEST_P(PathMtuTest, ADownloadFitsThePath) {
  const uint32_t mtu = GetParam();
  Build(1);
  Narrow(mtu);
  const loop::Fd listener = Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  const loop::Fd server = server_->Accept4(listener, 0)->fd;
  // The server's own link is narrow; it is the client who sends.
  ASSERT_EQ(Send(*client_, client, 60'000), loop::Errno::kOk);
  RunTo(10'000);
  EXPECT_EQ(ReadAll(*server_, server), 60'000u);
  const std::string told = "sent icmp 3/4 mtu=" + std::to_string(mtu);
  EXPECT_THAT(log_.With(told), Not(IsEmpty()));
  EXPECT_LE(log_.With(told).size(), 10u);
  // What is larger than the path is sent before the first error came, 20 ms
  // after the first segment; and no more.
  log_.Clear();
  ASSERT_EQ(Send(*client_, client, 60'000), loop::Errno::kOk);
  RunTo(20'000);
  EXPECT_EQ(ReadAll(*server_, server), 60'000u);
  EXPECT_THAT(log_.With("icmp"), IsEmpty());
  EXPECT_THAT(log_.With("too big"), IsEmpty());
  const std::string fits = "piece=" + std::to_string(mtu - 20 - 32);
  EXPECT_THAT(log_.With("sent tcp", fits), Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(Mtus, PathMtuTest, testing::Values(600u, 1000u));

// The lost segments are repeated at once when they are told of, without a word
// of congestion: 1,000 bytes arrive after 20 ms there and back and 20 ms.
TEST_F(IcmpTest, WhatWasTooLargeGoesAgainAtOnce) {
  Build(1);
  Narrow(600);
  const loop::Fd listener = Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  const loop::Fd server = server_->Accept4(listener, 0)->fd;
  Send(*client_, client, 1000);
  RunTo(100 + 20 + 20 - 1);
  EXPECT_EQ(ReadAll(*server_, server), 0u);
  RunTo(100 + 20 + 20);
  EXPECT_EQ(ReadAll(*server_, server), 1000u);
}

// Two connections of one host: the second knows from the beginning.
TEST_F(IcmpTest, AHostRemembersThePath) {
  Build(1);
  Narrow(600);
  Listen();
  const loop::Fd first = Connect();
  RunTo(100);
  Send(*client_, first, 1000);
  RunTo(500);
  const loop::Fd second = Connect();
  RunTo(600);
  log_.Clear();
  Send(*client_, second, 5000);
  RunTo(1000);
  EXPECT_THAT(log_.With("icmp"), IsEmpty());
}

// The next hop's MTU is believed for ten minutes, and down to 68 bytes.
TEST(PathMtu, IsForgotten) {
  PathMtu known;
  const loop::Ip there = loop::Ipv4{0x0a000002};
  const loop::Instant now;
  EXPECT_EQ(known.Bound(there, 1500, now), 1500u);
  known.Learn(there, 600, now);
  EXPECT_EQ(known.Bound(there, 1500, now), 600u);
  EXPECT_EQ(known.Bound(there, 500, now), 500u);
  EXPECT_EQ(known.Bound(loop::Ipv4{0x0a000003}, 1500, now), 1500u);
  EXPECT_EQ(known.Bound(there, 1500, now.PlusNanos(599'999'999'999)), 600u);
  EXPECT_EQ(known.Bound(there, 1500, now.PlusNanos(600'000'000'001)), 1500u);
}

// IP_PMTUDISC_DO of ip(7): the first datagram is lost and told of; then
// send(2) refuses what does not fit, by 28 bytes of headers.
TEST_F(IcmpTest, ADatagramThatMayNotBeFragmentedIsRefused) {
  Build(1);
  Narrow(1000);
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  DiscoverMtu(client, kDo);
  EXPECT_EQ(Send(*client_, client, 1400), loop::Errno::kOk);
  RunTo(20);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kEMSGSIZE);
  EXPECT_THAT(log_.With("sent icmp 3/4 mtu=1000"), SizeIs(1));
  EXPECT_EQ(
      *loop::GetIntOption(*client_, client, loop::kIpprotoIp, loop::kIpMtu),
      1000);
  EXPECT_EQ(Send(*client_, client, 1000 - 28 + 1), loop::Errno::kEMSGSIZE);
  EXPECT_EQ(Send(*client_, client, 1000 - 28), loop::Errno::kOk);
  RunTo(100);
  EXPECT_EQ(ReadAll(*server_, server), 1000u - 28);
}

TEST_F(IcmpTest, ADatagramIsRefusedByItsOwnLink) {
  Build(0);
  Narrow(1000);
  UdpServer();
  const loop::Fd client = UdpClient();
  DiscoverMtu(client, kDo);
  EXPECT_EQ(Send(*client_, client, 1000 - 28 + 1), loop::Errno::kEMSGSIZE);
}

// --- Datagrams

TEST_F(IcmpTest, ADatagramToAPortWithNobodyIsRefused) {
  Build(2);
  const loop::Fd client = UdpClient();
  Send(*client_, client, 10);
  // Three links there and three back.
  RunTo(59);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
  RunTo(60);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kECONNREFUSED);
}

// An error about a segment that is not in flight is anybody's (RFC 5927
// section 4.1): what a connection has had acknowledged cannot be unreachable.
TEST_F(IcmpTest, AnErrorAboutWhatIsNotInFlightIsIgnored) {
  HostOptions options;
  options.data_retries = 3;
  Build(1, options);
  const loop::Fd listener = Listen();
  const loop::Fd client = Connect();
  RunTo(100);
  Send(*client_, client, 1000);
  RunTo(200);
  ASSERT_TRUE(server_->Accept4(listener, 0).ok());
  // As a router would say it of a segment long ago.
  Packet& about = world_.packets().New();
  about.segment.from = client_->Getsockname(client)->endpoint();
  about.segment.to = ServerAddress().endpoint();
  about.segment.seq = 1;
  about.link = path_[0];
  routers_[0]->SendError(about, Icmp::Code::kHostUnreachable, 0);
  world_.packets().Release(about);
  Refuse(Link::State::kBlackHole);
  Send(*client_, client, 1000);
  RunTo(absl::Minutes(5));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kETIMEDOUT);
}

}  // namespace
}  // namespace simloop::sim
