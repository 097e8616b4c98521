// NAT (RFC 3022, RFC 4787, RFC 5382): mappings, how long they live, and what
// happens to packets that have none.
#include "sim/nat.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sim/path_world.h"

namespace simloop::sim {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

//   client 192.168.0.1 --+
//                        +-- nat 10.0.0.9 -- server 10.0.0.2
//   second 192.168.0.2 --+
class NatTest : public PathWorld {
 protected:
  static constexpr loop::Ipv4 kNat{0x0a000009};

  void BuildNat(NatOptions options = NatOptions()) {
    Host& client = AddHost("client", {0xc0a80001});
    Host& second = AddHost("second", {0xc0a80002});
    nat_host_ = &AddHost("nat", kNat, true);
    Host& server = AddHost("server", kServer);
    Link& first = world_.AddLink(client, *nat_host_, Latency(10));
    Link& other = world_.AddLink(second, *nat_host_, Latency(10));
    outside_ = &world_.AddLink(*nat_host_, server, Latency(10));
    nat_host_->router()->SetNat(options);
    nat().AddInside(first);
    nat().AddInside(other);
    Run(client, server);
    second_ = std::make_unique<Kernel>(second);
  }
  Nat& nat() { return *nat_host_->router()->nat(); }
  // Where the server believes a datagram to have come from, and what it had.
  loop::Endpoint Received(loop::Fd server) {
    std::string buffer(2048, '\0');
    loop::Address from;
    const auto count =
        server_->Recvfrom(server, absl::MakeSpan(buffer), 0, &from);
    return count.ok() ? from.endpoint() : loop::Endpoint();
  }
  loop::Errno SendTo(loop::Fd server, loop::Endpoint to) {
    const auto sent = server_->Sendto(server, absl::string_view("answer"), 0,
                                      loop::Address::Of(to));
    return sent.ok() ? loop::Errno::kOk : sent.error();
  }
  // A connection of the client, accepted, at 100 ms.
  loop::Fd Established(loop::Fd* accepted) {
    const loop::Fd listener = Listen();
    const loop::Fd client = Connect();
    RunTo(100);
    *accepted = server_->Accept4(listener, loop::kSockNonblock)->fd;
    return client;
  }

  Host* nat_host_ = nullptr;
  Link* outside_ = nullptr;
  std::unique_ptr<Kernel> second_;
};

TEST_F(NatTest, HidesAConnectionBehindItsOwnAddress) {
  BuildNat();
  loop::Fd accepted;
  const loop::Fd client = Established(&accepted);
  const loop::Address peer = *server_->Getpeername(accepted);
  const loop::Address own = *client_->Getsockname(client);
  EXPECT_EQ(own.ip, loop::Ip(loop::Ipv4{0xc0a80001}));
  EXPECT_EQ(peer.ip, loop::Ip(kNat));
  // The port is kept, as Linux does.
  EXPECT_EQ(peer.port, own.port);
  EXPECT_EQ(nat().mappings(), 1u);
  Send(*client_, client, 5000);
  Send(*server_, accepted, 7000);
  RunTo(1000);
  EXPECT_EQ(ReadAll(*server_, accepted), 5000u);
  EXPECT_EQ(ReadAll(*client_, client), 7000u);
}

TEST_F(NatTest, GivesTheSecondOfTwoEqualPortsAnother) {
  BuildNat();
  const loop::Fd server = UdpServer();
  for (Kernel* kernel : {client_.get(), second_.get()}) {
    const loop::Fd fd = Udp(*kernel);
    ASSERT_TRUE(kernel->Bind(fd, loop::Address::Inet(loop::Ipv4{}, 5000)).ok());
    ASSERT_TRUE(kernel->Connect(fd, ServerAddress()).ok());
    Send(*kernel, fd, 10);
  }
  RunTo(100);
  const loop::Endpoint first = Received(server);
  const loop::Endpoint second = Received(server);
  EXPECT_EQ(first.ip, loop::Ip(kNat));
  EXPECT_EQ(second.ip, loop::Ip(kNat));
  EXPECT_EQ(first.port, 5000);
  EXPECT_NE(second.port, 5000);
  EXPECT_GE(second.port, 1024);
  EXPECT_EQ(nat().mappings(), 2u);
}

TEST_F(NatTest, BringsAnswersToWhoAsked) {
  BuildNat();
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  Send(*client_, client, 10);
  RunTo(100);
  EXPECT_EQ(SendTo(server, Received(server)), loop::Errno::kOk);
  RunTo(200);
  EXPECT_EQ(ReadAll(*client_, client), 6u);
}

// A mapping is of one pair of ends: nobody else comes in by it.
TEST_F(NatTest, LetsNobodyElseIn) {
  BuildNat();
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  Send(*client_, client, 10);
  RunTo(100);
  const loop::Endpoint mapped = Received(server);
  const loop::Fd other = Udp(*server_);
  EXPECT_EQ(SendTo(other, mapped), loop::Errno::kOk);
  RunTo(200);
  EXPECT_THAT(log_.With("no mapping"), SizeIs(1));
  EXPECT_EQ(ReadAll(*client_, client), 0u);
}

// Not even the way to an inside address is known outside.
TEST_F(NatTest, IsNoWayIn) {
  BuildNat();
  const loop::Fd fd = Tcp(*server_);
  EXPECT_EQ(
      server_->Connect(fd, loop::Address::Inet(loop::Ipv4{0xc0a80001}, 80))
          .error(),
      loop::Errno::kENETUNREACH);
}

TEST_F(NatTest, DropsAConnectionFromOutside) {
  BuildNat();
  const loop::Fd fd = Tcp(*server_);
  static_cast<void>(server_->Connect(fd, loop::Address::Inet(kNat, 80)));
  RunTo(100);
  EXPECT_THAT(log_.With("no mapping"), SizeIs(1));
  EXPECT_EQ(Error(*server_, fd), loop::Errno::kOk);
}

// --- Idle mappings

// The datagram leaves the NAT at 10 ms; its mapping lives 30 s from then on,
// and each packet of either way begins them anew.
TEST_F(NatTest, ForgetsADatagramsMapping) {
  NatOptions options;
  options.udp = absl::Seconds(30);
  BuildNat(options);
  const loop::Fd server = UdpServer();
  const loop::Fd client = UdpClient();
  Send(*client_, client, 10);
  RunTo(absl::Seconds(29));
  EXPECT_EQ(nat().mappings(), 1u);
  const loop::Endpoint mapped = Received(server);
  SendTo(server, mapped);  // at the NAT at 29 s and 10 ms
  RunTo(absl::Seconds(59));
  EXPECT_EQ(ReadAll(*client_, client), 6u);
  EXPECT_EQ(nat().mappings(), 1u);
  RunTo(absl::Seconds(59) + absl::Milliseconds(11));
  EXPECT_EQ(nat().mappings(), 0u);
  SendTo(server, mapped);
  RunTo(absl::Seconds(60));
  EXPECT_EQ(ReadAll(*client_, client), 0u);
}

// A connection that is idle longer than its mapping: what is sent then is
// never answered, and the client gives up in its own time.
TEST_F(NatTest, DropsAnIdleConnection) {
  NatOptions options;
  options.tcp_established = absl::Seconds(60);
  BuildNat(options);
  loop::Fd accepted;
  const loop::Fd client = Established(&accepted);
  RunTo(absl::Seconds(59));
  EXPECT_EQ(nat().mappings(), 1u);
  RunTo(absl::Seconds(61));
  EXPECT_EQ(nat().mappings(), 0u);
  Send(*client_, client, 1000);
  RunTo(absl::Seconds(70));
  EXPECT_EQ(ReadAll(*server_, accepted), 0u);
  EXPECT_THAT(log_.With("no mapping"), Not(IsEmpty()));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
  RunTo(absl::Hours(1));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kETIMEDOUT);
}

// Keepalive probes keep the mapping alive (RFC 5382 section 5).
TEST_F(NatTest, KeepsAConnectionThatIsKeptAlive) {
  NatOptions options;
  options.tcp_established = absl::Seconds(60);
  BuildNat(options);
  loop::Fd accepted;
  const loop::Fd client = Established(&accepted);
  const auto set = [&](int level, int name, int value) {
    EXPECT_TRUE(loop::SetIntOption(*client_, client, level, name, value).ok());
  };
  set(loop::kSolSocket, loop::kSoKeepalive, 1);
  set(loop::kIpprotoTcp, loop::kTcpKeepidle, 50);
  // It is also how long Linux waits after an answer to look again.
  set(loop::kIpprotoTcp, loop::kTcpKeepintvl, 50);
  RunTo(absl::Seconds(600));
  EXPECT_EQ(nat().mappings(), 1u);
  Send(*client_, client, 1000);
  RunTo(absl::Seconds(601));
  EXPECT_EQ(ReadAll(*server_, accepted), 1000u);
}

// A NAT that resets tells at once: a link there, a link back.
TEST_F(NatTest, ResetsAnIdleConnection) {
  NatOptions options;
  options.tcp_established = absl::Seconds(60);
  options.reset_unmapped = true;
  BuildNat(options);
  loop::Fd accepted;
  const loop::Fd client = Established(&accepted);
  RunTo(absl::Seconds(61));
  Send(*client_, client, 1000);
  RunTo(absl::Seconds(61) + absl::Milliseconds(19));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kOk);
  RunTo(absl::Seconds(61) + absl::Milliseconds(20));
  EXPECT_EQ(Error(*client_, client), loop::Errno::kECONNRESET);
}

// What never became a connection lives by the shorter time.
TEST_F(NatTest, ForgetsAConnectionThatDidNotOpenSooner) {
  NatOptions options;
  options.tcp_transitory = absl::Seconds(5);
  BuildNat(options);
  outside_->SetState(Link::Way::kToB, Link::State::kBlackHole);
  Connect();
  RunTo(absl::Milliseconds(100));
  EXPECT_EQ(nat().mappings(), 1u);
  // SYNs at 0, 1, 2, 3, 4, 5, 7, 11 and 19 s, at the NAT 10 ms later: 11 + 5
  // are less than 19.
  RunTo(absl::Seconds(11 + 5) + absl::Milliseconds(9));
  EXPECT_EQ(nat().mappings(), 1u);
  RunTo(absl::Seconds(11 + 5) + absl::Milliseconds(11));
  EXPECT_EQ(nat().mappings(), 0u);
}

TEST_F(NatTest, ForgetsAConnectionThatIsClosedSooner) {
  NatOptions options;
  options.tcp_transitory = absl::Seconds(5);
  BuildNat(options);
  loop::Fd accepted;
  const loop::Fd client = Established(&accepted);
  EXPECT_TRUE(client_->Close(client).ok());
  EXPECT_TRUE(server_->Close(accepted).ok());
  RunTo(absl::Seconds(1));
  EXPECT_EQ(nat().mappings(), 1u);
  RunTo(absl::Seconds(7));
  EXPECT_EQ(nat().mappings(), 0u);
}

// --- Errors find their way (RFC 5508)

TEST_F(NatTest, PassesErrorsOnToWhoIsMeant) {
  BuildNat();
  outside_->SetState(Link::Way::kToB, Link::State::kHostUnreachable);
  const loop::Fd client = Connect();
  RunTo(20);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kEHOSTUNREACH);
}

TEST_F(NatTest, PassesErrorsOfTheFarEndOn) {
  BuildNat();
  const loop::Fd client = UdpClient();  // nobody is there
  Send(*client_, client, 10);
  RunTo(40);
  EXPECT_EQ(Error(*client_, client), loop::Errno::kECONNREFUSED);
}

}  // namespace
}  // namespace simloop::sim
