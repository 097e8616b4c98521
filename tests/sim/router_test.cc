// Routers: ways of several links, time to live, errors of the path, path MTU.
#include "sim/router.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/route_table.h"
#include "tests/sim/path_world.h"

namespace simloop::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RouterTest : public PathWorld {};

TEST_F(RouterTest, PassesDatagramsAlongAllLinks) {
  Build(3);
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  Send(*client_, client, 100);
  // Four links of 10 ms.
  RunTo(4 * 10 - 1);
  EXPECT_EQ(ReadAll(*server_, server), 0u);
  RunTo(4 * 10);
  EXPECT_EQ(ReadAll(*server_, server), 100u);
}

TEST_F(RouterTest, ConnectsInARoundTripOfAllLinks) {
  Build(2);
  const loop::Fd listener = Listen();
  const loop::Fd client = Connect();
  RunTo(2 * 3 * 10 - 1);
  EXPECT_EQ(Send(*client_, client, 1), loop::Errno::kEAGAIN);
  RunTo(2 * 3 * 10);
  EXPECT_EQ(Send(*client_, client, 1), loop::Errno::kOk);
  RunTo(3 * 3 * 10);
  EXPECT_TRUE(server_->Accept4(listener, 0).ok());
}

// The client's TTL is one less at each router (RFC 791), and never 0 at the
// server: with 3 routers 4 suffice, 3 do not.
TEST_F(RouterTest, AnswersADatagramWhoseTimeIsOver) {
  Build(3);
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  ASSERT_TRUE(
      loop::SetIntOption(*client_, client, loop::kIpprotoIp, loop::kIpTtl, 4)
          .ok());
  Send(*client_, client, 100);
  RunTo(100);
  EXPECT_EQ(ReadAll(*server_, server), 100u);
  ASSERT_TRUE(loop::SetIntOption(*client_, client, loop::kIpprotoIp,
                                 loop::kIpRecverr, 1)
                  .ok());
  ASSERT_TRUE(
      loop::SetIntOption(*client_, client, loop::kIpprotoIp, loop::kIpTtl, 3)
          .ok());
  Send(*client_, client, 100);
  // The third router drops it after 3 links; its error comes back over them.
  RunTo(100 + 2 * 30 - 1);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
  RunTo(100 + 2 * 30);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kEHOSTUNREACH);
  EXPECT_THAT(log_.With("ttl exceeded"), SizeIs(1));
  EXPECT_THAT(log_.With("sent icmp 11/0"),
              ElementsAre(HasSubstr("10.0.1.3:0>10.0.0.1:0")));
}

// Without IP_RECVERR a program is not told of it (udp(7)).
TEST_F(RouterTest, DoesNotTellAProgramThatDoesNotAsk) {
  Build(1);
  const loop::Fd client = UdpClient();
  ASSERT_TRUE(
      loop::SetIntOption(*client_, client, loop::kIpprotoIp, loop::kIpTtl, 1)
          .ok());
  Send(*client_, client, 100);
  RunTo(100);
  EXPECT_THAT(log_.With("came icmp"), SizeIs(1));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
}

// A SYN whose time is over: connect(2) fails as soon as it hears of it.
TEST_F(RouterTest, AnswersASegmentWhoseTimeIsOver) {
  HostOptions options;
  options.default_ttl = 2;
  Build(2, options);
  Listen();
  const loop::Fd client = Connect();
  // The second router, 2 links away.
  RunTo(2 * 2 * 10);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kEHOSTUNREACH);
  EXPECT_THAT(log_.With("sent icmp 11/0"), SizeIs(1));
}

// A ring of routers that point at each other would go on for ever without it:
// here only that an error is never answered with one (RFC 1122 section 3.2.2).
TEST_F(RouterTest, AnswersNoErrorWithAnError) {
  Build(2);
  // The way back is shut where r1 hands over to the client.
  path_[0]->SetState(Link::Way::kToA, Link::State::kHostUnreachable);
  const loop::Fd client = UdpClient();
  ASSERT_TRUE(
      loop::SetIntOption(*client_, client, loop::kIpprotoIp, loop::kIpTtl, 2)
          .ok());
  Send(*client_, client, 100);
  RunTo(1000);
  EXPECT_THAT(log_.With("sent icmp"), SizeIs(1));  // r2's
  EXPECT_THAT(log_.With("dropped icmp"), SizeIs(1));
}

// --- Routes

TEST_F(RouterTest, GoesTheWayOfTheFewestLinks) {
  // client - r1 - r2 - server, and client - r3 - server, added later.
  Build(2);
  Host& r3 = AddRouter(3);
  world_.AddLink(path_.front()->a(), r3, Latency(50));
  world_.AddLink(r3, path_.back()->b(), Latency(50));
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  Send(*client_, client, 100);
  // Slower, but it has fewer links: 2 of 50 ms.
  RunTo(99);
  EXPECT_EQ(ReadAll(*server_, server), 0u);
  RunTo(100);
  EXPECT_EQ(ReadAll(*server_, server), 100u);
}

TEST_F(RouterTest, GoesTheFirstOfTwoWaysAsShort) {
  Host& client = AddHost("client", kClient);
  Host& server = AddHost("server", kServer);
  Host& r1 = AddRouter(1);
  Host& r2 = AddRouter(2);
  world_.AddLink(client, r2, Latency(1));
  world_.AddLink(client, r1, Latency(1));
  world_.AddLink(r1, server, Latency(1));
  world_.AddLink(r2, server, Latency(1));
  Run(client, server);
  UdpServer();
  Send(*client_, UdpClient(), 100);
  RunTo(10);
  EXPECT_THAT(log_.With("sent udp", "client-r2"), SizeIs(1));
  EXPECT_THAT(log_.With("sent udp", "client-r1"), IsEmpty());
}

// A host that is no router passes nothing on, and a link that is down is not
// routed around: routes are static.
TEST_F(RouterTest, OnlyRoutersAreOnTheWay) {
  Host& client = AddHost("client", kClient);
  Host& server = AddHost("server", kServer);
  Host& middle = AddHost("middle", {0x0a000003});
  world_.AddLink(client, middle, Latency(1));
  world_.AddLink(middle, server, Latency(1));
  EXPECT_EQ(client.LinkTo(kServer), nullptr);
  EXPECT_FALSE(client.Routes(kServer));
  EXPECT_NE(client.LinkTo(loop::Ipv4{0x0a000003}), nullptr);
  Run(client, server);
  const loop::Fd fd = Tcp(*client_);
  EXPECT_EQ(client_->Connect(fd, ServerAddress()).error(),
            loop::Errno::kENETUNREACH);
}

TEST_F(RouterTest, DoesNotRouteAroundALinkThatIsDown) {
  Host& client = AddHost("client", kClient);
  Host& server = AddHost("server", kServer);
  Host& r1 = AddRouter(1);
  Link& direct = world_.AddLink(client, server, Latency(1));
  world_.AddLink(client, r1, Latency(1));
  world_.AddLink(r1, server, Latency(1));
  Run(client, server);
  const loop::Fd fd = UdpServer();
  direct.SetState(Link::Way::kToB, Link::State::kDown);
  Send(*client_, UdpClient(), 100);
  RunTo(100);
  EXPECT_EQ(ReadAll(*server_, fd), 0u);
  EXPECT_THAT(log_.With("dropped udp", "link down"), SizeIs(1));
}

// Each link has its own rate and queue: the slowest decides.
TEST_F(RouterTest, IsAsFastAsItsSlowestLink) {
  Build(2);
  LinkOptions slow = Latency(10);
  slow.rate = 1'000'000;
  path_[1]->Change(Link::Way::kToB, slow);
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  // 1,250 bytes on the wire with 28 of headers: 10 ms at 1 Mbit/s.
  for (int i = 0; i < 5; ++i) Send(*client_, client, 1250 - 28);
  RunTo(3 * 10 + 5 * 10 - 1);
  EXPECT_EQ(ReadAll(*server_, server), 4u * 1222);
  RunTo(3 * 10 + 5 * 10);
  EXPECT_EQ(ReadAll(*server_, server), 1222u);
}

// A datagram larger than the second link's MTU goes in fragments.
TEST_F(RouterTest, FragmentsDatagramsThatMayBe) {
  Build(1);
  LinkOptions narrow = Latency(10);
  narrow.mtu = 600;
  path_[1]->Change(Link::Way::kToB, narrow);
  const loop::Fd server = UdpServer();
  Send(*client_, UdpClient(), 1400);
  RunTo(20);
  EXPECT_EQ(ReadAll(*server_, server), 1400u);
  EXPECT_THAT(log_.With("icmp"), IsEmpty());
}

}  // namespace
}  // namespace simloop::sim
