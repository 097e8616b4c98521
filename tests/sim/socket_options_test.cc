// The options of SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6 and IPPROTO_TCP: Linux's
// defaults, limits, lengths and errors.
#include <string>

#include "loop/socket_option.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Fd;
using loop::GetIntOption;
using loop::SetIntOption;

class SocketOptionsTest : public TwoHosts {
 protected:
  Fd Tcp(loop::Family family = loop::Family::kInet) {
    return *client_.Socket(family, kType, 0);
  }
  Fd Udp() {
    return *client_.Socket(loop::Family::kInet,
                           loop::kSockDgram | loop::kSockNonblock, 0);
  }
  int Get(Fd fd, int level, int name) {
    const auto value = GetIntOption(client_, fd, level, name);
    return value.ok() ? *value : -static_cast<int>(value.error());
  }
  Errno Set(Fd fd, int level, int name, int value) {
    return SetIntOption(client_, fd, level, name, value).error();
  }
  Errno SetBytes(Fd fd, int level, int name, const std::string& value) {
    return client_.Setsockopt(fd, level, name, value).error();
  }
};

TEST_F(SocketOptionsTest, BuffersAreDoubledWithinBounds) {
  const Fd tcp = Tcp();
  const Fd udp = Udp();
  EXPECT_EQ(Get(tcp, loop::kSolSocket, loop::kSoSndbuf), 16384);
  EXPECT_EQ(Get(tcp, loop::kSolSocket, loop::kSoRcvbuf), 131072);
  EXPECT_EQ(Get(udp, loop::kSolSocket, loop::kSoSndbuf), 212992);
  const int cases[][3] = {{0, 4608, 2304},
                          {2000, 4608, 4000},
                          {100000, 200000, 200000},
                          {-1, 8388608, 8388608}};
  for (const auto& [asked, send, receive] : cases) {
    EXPECT_EQ(Set(udp, loop::kSolSocket, loop::kSoSndbuf, asked), Errno::kOk);
    EXPECT_EQ(Get(udp, loop::kSolSocket, loop::kSoSndbuf), send);
    EXPECT_EQ(Set(udp, loop::kSolSocket, loop::kSoRcvbuf, asked), Errno::kOk);
    EXPECT_EQ(Get(udp, loop::kSolSocket, loop::kSoRcvbuf), receive);
  }
}

TEST_F(SocketOptionsTest, TooShortIsSaidBeforeUnknown) {
  const Fd fd = Tcp();
  EXPECT_EQ(SetBytes(fd, loop::kSolSocket, 9999, "ab"), Errno::kEINVAL);
  EXPECT_EQ(SetBytes(fd, loop::kSolSocket, 9999, "abcd"), Errno::kENOPROTOOPT);
  EXPECT_EQ(Set(fd, loop::kSolSocket, loop::kSoType, 1), Errno::kENOPROTOOPT);
  EXPECT_EQ(SetBytes(fd, loop::kSolSocket, loop::kSoKeepalive, "\1\0\0\0\0\0"),
            Errno::kEINVAL);  // one byte: the literal ends at its first 0
  EXPECT_EQ(SetBytes(fd, loop::kSolSocket, loop::kSoKeepalive,
                     std::string("\1\0\0\0xyz", 7)),
            Errno::kOk);
  char byte = 0;
  EXPECT_EQ(*client_.Getsockopt(fd, loop::kSolSocket, loop::kSoKeepalive,
                                absl::MakeSpan(&byte, 1)),
            1u);
  EXPECT_EQ(byte, 1);
  EXPECT_EQ(*client_.Getsockopt(fd, loop::kSolSocket, loop::kSoKeepalive, {}),
            0u);
}

TEST_F(SocketOptionsTest, TimeoutsAreWholeTicksAndWholeMicroseconds) {
  const Fd fd = Udp();
  const auto set = [&](loop::TimeValue time) {
    return SetBytes(fd, loop::kSolSocket, loop::kSoRcvtimeo,
                    std::string(reinterpret_cast<char*>(&time), sizeof time));
  };
  EXPECT_EQ(set({1, 1'000'000}), Errno::kEDOM);
  EXPECT_EQ(set({0, 1}), Errno::kOk);
  loop::TimeValue time;
  ASSERT_TRUE(client_
                  .Getsockopt(fd, loop::kSolSocket, loop::kSoRcvtimeo,
                              absl::MakeSpan(reinterpret_cast<char*>(&time),
                                             sizeof time))
                  .ok());
  EXPECT_EQ(time.seconds, 0);
  EXPECT_EQ(time.micros, 4000);
}

TEST_F(SocketOptionsTest, EachKindOfSocketHasItsLevels) {
  const Fd tcp = Tcp();
  const Fd udp = Udp();
  const Fd tcp6 = Tcp(loop::Family::kInet6);
  EXPECT_EQ(Set(udp, loop::kIpprotoTcp, loop::kTcpNodelay, 1),
            Errno::kENOPROTOOPT);
  EXPECT_EQ(Get(udp, loop::kIpprotoTcp, loop::kTcpNodelay),
            -static_cast<int>(Errno::kEOPNOTSUPP));
  EXPECT_EQ(Get(tcp, loop::kIpprotoIpv6, loop::kIpv6V6only),
            -static_cast<int>(Errno::kEOPNOTSUPP));
  EXPECT_EQ(Get(tcp6, loop::kIpprotoIpv6, loop::kIpv6V6only), 0);
  EXPECT_EQ(Get(tcp6, loop::kIpprotoIp, loop::kIpTtl), 64);
  EXPECT_EQ(Get(tcp, loop::kSolSocket, loop::kSoPasscred),
            -static_cast<int>(Errno::kEOPNOTSUPP));
}

TEST_F(SocketOptionsTest, IpOptionsTakeBytes) {
  const Fd fd = Udp();
  EXPECT_EQ(SetBytes(fd, loop::kIpprotoIp, loop::kIpTtl, "\x7"), Errno::kOk);
  char byte = 0;
  EXPECT_EQ(*client_.Getsockopt(fd, loop::kIpprotoIp, loop::kIpTtl,
                                absl::MakeSpan(&byte, 1)),
            1u);
  EXPECT_EQ(byte, 7);
  EXPECT_EQ(SetBytes(fd, loop::kIpprotoIp, loop::kIpTtl, ""), Errno::kEINVAL);
  EXPECT_EQ(Set(fd, loop::kIpprotoIp, loop::kIpTtl, 256), Errno::kEINVAL);
  EXPECT_EQ(Set(fd, loop::kIpprotoIp, loop::kIpTos, 16), Errno::kOk);
  EXPECT_EQ(Get(fd, loop::kSolSocket, loop::kSoPriority), 6);
  EXPECT_EQ(Get(fd, loop::kIpprotoIp, loop::kIpMtu),
            -static_cast<int>(Errno::kENOTCONN));
}

TEST_F(SocketOptionsTest, V6onlyIsSettledByBind) {
  const Fd fd = Tcp(loop::Family::kInet6);
  EXPECT_EQ(Set(fd, loop::kIpprotoIpv6, loop::kIpv6V6only, 1), Errno::kOk);
  ASSERT_TRUE(
      client_.Bind(fd, loop::Address::Inet6(loop::Ip::Any6(), 7001)).ok());
  EXPECT_EQ(Set(fd, loop::kIpprotoIpv6, loop::kIpv6V6only, 0), Errno::kEINVAL);
  EXPECT_EQ(Get(fd, loop::kIpprotoIpv6, loop::kIpv6V6only), 1);
}

TEST_F(SocketOptionsTest, TcpOptionsHaveLinuxsBounds) {
  const Fd fd = Tcp();
  EXPECT_EQ(Get(fd, loop::kIpprotoTcp, loop::kTcpMaxseg), 536);
  EXPECT_EQ(Set(fd, loop::kIpprotoTcp, loop::kTcpMaxseg, 87), Errno::kEINVAL);
  EXPECT_EQ(Set(fd, loop::kIpprotoTcp, loop::kTcpMaxseg, 88), Errno::kOk);
  EXPECT_EQ(Set(fd, loop::kIpprotoTcp, loop::kTcpKeepcnt, 128), Errno::kEINVAL);
  EXPECT_EQ(Set(fd, loop::kIpprotoTcp, loop::kTcpWindowClamp, 1), Errno::kOk);
  EXPECT_EQ(Get(fd, loop::kIpprotoTcp, loop::kTcpWindowClamp), 1152);
  EXPECT_EQ(SetBytes(fd, loop::kIpprotoTcp, loop::kTcpCongestion, "vegan"),
            Errno::kENOENT);
  EXPECT_EQ(SetBytes(fd, loop::kIpprotoTcp, loop::kTcpCongestion, "reno"),
            Errno::kOk);
}

// 1 + 2 + 4 + 8 seconds are the first sum that is at least 10.
TEST_F(SocketOptionsTest, DeferAcceptCountsRetransmissions) {
  const Fd fd = Tcp();
  EXPECT_EQ(Set(fd, loop::kIpprotoTcp, loop::kTcpDeferAccept, 10), Errno::kOk);
  EXPECT_EQ(Get(fd, loop::kIpprotoTcp, loop::kTcpDeferAccept), 15);
}

TEST_F(SocketOptionsTest, AnAcceptedSocketInheritsWhatLinuxLetsIt) {
  const Fd listener = Listen(1);
  const int kSeven = 7;
  ASSERT_TRUE(SetIntOption(server_, listener, loop::kSolSocket,
                           loop::kSoRcvlowat, kSeven)
                  .ok());
  ASSERT_TRUE(
      SetIntOption(server_, listener, loop::kIpprotoIp, loop::kIpTos, 16).ok());
  Connect();
  RunTo(3 * kLatency);
  const Fd accepted = Accept(listener);
  EXPECT_EQ(
      *GetIntOption(server_, accepted, loop::kSolSocket, loop::kSoRcvlowat),
      kSeven);
  EXPECT_EQ(*GetIntOption(server_, accepted, loop::kIpprotoIp, loop::kIpTos),
            16);
  EXPECT_EQ(
      *GetIntOption(server_, accepted, loop::kSolSocket, loop::kSoPriority), 0);
}

TEST_F(SocketOptionsTest, SysctlsAreTheDefaults) {
  ASSERT_TRUE(client_host_.SetSysctl("net.ipv4.tcp_keepalive_time", "77").ok());
  ASSERT_TRUE(
      client_host_.SetSysctl("net.ipv4.tcp_rmem", "4096 50000 100000").ok());
  const Fd fd = Tcp();
  EXPECT_EQ(Get(fd, loop::kIpprotoTcp, loop::kTcpKeepidle), 77);
  EXPECT_EQ(Get(fd, loop::kSolSocket, loop::kSoRcvbuf), 50000);
  EXPECT_FALSE(client_host_.SetSysctl("net.ipv4.tcp_syncookies", "3").ok());
}

}  // namespace
}  // namespace simloop::sim
