// UDP sockets: what each call answers, and who hears a datagram (udp(7)).
#include <string>
#include <utility>
#include <vector>

#include "loop/control_message.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Address;
using loop::Errno;
using loop::Fd;

constexpr loop::Ipv4 kLoopback{0x7f000001};

class UdpTest : public TwoHosts {
 protected:
  UdpTest() = default;
  explicit UdpTest(const HostOptions& server) : TwoHosts({}, server) {}

  static Fd Open(Kernel& kernel, loop::Family family = loop::Family::kInet) {
    return *kernel.Socket(family, loop::kSockDgram | loop::kSockNonblock, 0);
  }
  static Fd Bound(Kernel& kernel, const Address& address) {
    const Fd fd = Open(kernel, address.family);
    EXPECT_TRUE(kernel.Bind(fd, address).ok());
    return fd;
  }
  static Address Loopback(uint16_t port) {
    return Address::Inet(kLoopback, port);
  }
  static loop::Result<size_t> SendTo(Kernel& kernel, Fd fd,
                                     absl::string_view data, int flags,
                                     const Address& to) {
    return kernel.Sendto(fd, data, flags, to);
  }
  // The text of the next datagram, or the error's name.
  static std::string Take(Kernel& kernel, Fd fd, int flags = 0) {
    std::string buffer(100, '\0');
    const auto count = kernel.Recv(fd, absl::MakeSpan(buffer), flags);
    if (!count.ok()) return std::string(loop::ErrnoName(count.error()));
    return buffer.substr(0, *count);
  }
  static uint32_t Bits(Kernel& kernel, Fd fd) {
    loop::PollFd entry{fd, loop::kEpollIn | loop::kEpollOut | loop::kEpollPri |
                               loop::kEpollRdhup};
    EXPECT_TRUE(kernel.Poll(absl::MakeSpan(&entry, 1), {}).ok());
    return entry.revents;
  }
};

TEST_F(UdpTest, ADatagramCrossesTheLinkWhole) {
  const Fd from = Open(client_);
  const Fd to = Bound(server_, ServerAddress());
  EXPECT_EQ(*SendTo(client_, from, "hello", 0, ServerAddress()), 5u);
  RunTo(kLatency - absl::Nanoseconds(1));
  EXPECT_EQ(Take(server_, to), "EAGAIN");
  RunTo(kLatency);
  char buffer[3];
  Address sender;
  loop::IncomingMessage message;
  const absl::Span<char> room = absl::MakeSpan(buffer);
  message.buffers = absl::MakeConstSpan(&room, 1);
  EXPECT_EQ(*server_.Recvmsg(to, &message, 0), 3u);
  EXPECT_EQ(message.flags, loop::kMsgTrunc);
  EXPECT_EQ(message.from.ip, loop::Ip(kClient));
  EXPECT_EQ(Take(server_, to), "EAGAIN");  // what did not fit is gone
}

TEST_F(UdpTest, SendingNeedsAnAddressAndAPortThatAreMeant) {
  const Fd fd = Open(client_);
  EXPECT_EQ(Send(client_, fd, "x").error(), Errno::kEDESTADDRREQ);
  EXPECT_NE(client_.Getsockname(fd)->port, 0);  // a port it has all the same
  EXPECT_EQ(SendTo(client_, fd, "x", 0, Loopback(0)).error(), Errno::kEINVAL);
  EXPECT_EQ(
      SendTo(client_, fd, "x", 0, Address::Inet6(loop::Ip::Loopback6(), 7001))
          .error(),
      Errno::kEAFNOSUPPORT);
  EXPECT_EQ(SendTo(client_, fd, "x", 0, Address::Inet({0xc0000201}, 1)).error(),
            Errno::kENETUNREACH);
  const std::string large(65508, 'x');
  EXPECT_EQ(SendTo(client_, fd, large, 0, Loopback(7001)).error(),
            Errno::kEMSGSIZE);
  const Address all = Address::Inet({0x7fffffff}, 7001);
  EXPECT_EQ(SendTo(client_, fd, "x", 0, all).error(), Errno::kEACCES);
  ASSERT_TRUE(
      loop::SetIntOption(client_, fd, loop::kSolSocket, loop::kSoBroadcast, 1)
          .ok());
  EXPECT_TRUE(SendTo(client_, fd, "x", 0, all).ok());
}

TEST_F(UdpTest, AConnectedSocketIsToldOnceThatNobodyListens) {
  const Fd fd = Open(client_);
  ASSERT_TRUE(client_.Connect(fd, Loopback(7009)).ok());
  EXPECT_TRUE(Send(client_, fd, "x").ok());
  EXPECT_EQ(Bits(client_, fd), loop::kEpollOut | loop::kEpollErr);
  EXPECT_EQ(Take(client_, fd), "ECONNREFUSED");
  EXPECT_EQ(Bits(client_, fd), loop::kEpollOut);
  EXPECT_EQ(Take(client_, fd), "EAGAIN");
}

TEST_F(UdpTest, AnUnconnectedSocketIsNotToldUnlessItAsked) {
  const Fd fd = Open(client_);
  EXPECT_TRUE(SendTo(client_, fd, "x", 0, Loopback(7009)).ok());
  EXPECT_EQ(Bits(client_, fd), loop::kEpollOut);
  ASSERT_TRUE(
      loop::SetIntOption(client_, fd, loop::kIpprotoIp, loop::kIpRecverr, 1)
          .ok());
  EXPECT_TRUE(SendTo(client_, fd, "abc", 0, Loopback(7009)).ok());
  EXPECT_EQ(Bits(client_, fd), loop::kEpollOut | loop::kEpollErr);
  char buffer[10];
  char control[64];
  const absl::Span<char> room = absl::MakeSpan(buffer);
  loop::IncomingMessage message;
  message.buffers = absl::MakeConstSpan(&room, 1);
  message.control = absl::MakeSpan(control);
  ASSERT_EQ(*client_.Recvmsg(fd, &message, loop::kMsgErrqueue), 3u);
  EXPECT_EQ(message.from, Loopback(7009));
  EXPECT_EQ(message.flags, loop::kMsgErrqueue);
  const auto items = loop::ParseControl(
      absl::MakeConstSpan(control, message.control_size), nullptr);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].type, loop::kIpRecverr);
  // ECONNREFUSED by ICMP: destination unreachable, port unreachable.
  EXPECT_EQ(items[0].data.substr(0, 7), std::string("\x6f\0\0\0\2\3\3", 7));
  EXPECT_EQ(Bits(client_, fd), loop::kEpollOut);  // the error went with it
}

TEST_F(UdpTest, AnErrorCrossesTheLinkBack) {
  const Fd fd = Open(client_);
  ASSERT_TRUE(client_.Connect(fd, ServerAddress()).ok());
  ASSERT_TRUE(Send(client_, fd, "x").ok());
  RunTo(2 * kLatency - absl::Nanoseconds(1));
  EXPECT_EQ(Take(client_, fd), "EAGAIN");
  RunTo(2 * kLatency);
  EXPECT_EQ(Take(client_, fd), "ECONNREFUSED");
}

TEST_F(UdpTest, TheMostSpecificSocketHearsIt) {
  const Address any = Address::Inet(loop::Ipv4::Any(), 7001);
  const auto reuse = [&](Fd fd) {
    ASSERT_TRUE(
        loop::SetIntOption(client_, fd, loop::kSolSocket, loop::kSoReuseaddr, 1)
            .ok());
  };
  const Fd wide = Open(client_);
  const Fd exact = Open(client_);
  const Fd connected = Open(client_);
  for (const Fd fd : {wide, exact, connected}) reuse(fd);
  ASSERT_TRUE(client_.Bind(wide, any).ok());
  ASSERT_TRUE(client_.Bind(exact, Loopback(7001)).ok());
  ASSERT_TRUE(client_.Bind(connected, Loopback(7001)).ok());
  const Fd peer = Bound(client_, Loopback(7002));
  ASSERT_TRUE(client_.Connect(connected, Loopback(7002)).ok());
  const Fd stranger = Open(client_);
  EXPECT_TRUE(SendTo(client_, peer, "peer", 0, Loopback(7001)).ok());
  EXPECT_TRUE(SendTo(client_, stranger, "stranger", 0, Loopback(7001)).ok());
  const Address other = Address::Inet({0x7f000002}, 7001);
  EXPECT_TRUE(SendTo(client_, stranger, "other", 0, other).ok());
  EXPECT_EQ(Take(client_, connected), "peer");
  EXPECT_EQ(Take(client_, exact), "stranger");
  EXPECT_EQ(Take(client_, wide), "other");
}

TEST_F(UdpTest, BindConflictsAndIsSharedByBothAlone) {
  const Fd first = Open(client_);
  ASSERT_TRUE(loop::SetIntOption(client_, first, loop::kSolSocket,
                                 loop::kSoReuseaddr, 1)
                  .ok());
  ASSERT_TRUE(client_.Bind(first, Loopback(7001)).ok());
  const Fd second = Open(client_);
  EXPECT_EQ(client_.Bind(second, Loopback(7001)).error(), Errno::kEADDRINUSE);
  EXPECT_EQ(
      client_.Bind(second, Address::Inet(loop::Ipv4::Any(), 7001)).error(),
      Errno::kEADDRINUSE);
  ASSERT_TRUE(loop::SetIntOption(client_, second, loop::kSolSocket,
                                 loop::kSoReuseaddr, 1)
                  .ok());
  EXPECT_TRUE(client_.Bind(second, Loopback(7001)).ok());
  EXPECT_EQ(client_.Bind(second, Loopback(7002)).error(), Errno::kEINVAL);
}

TEST_F(UdpTest, DisconnectingGivesUpWhatBindDidNotName) {
  const Fd named = Bound(client_, Loopback(7001));
  const Fd chosen = Open(client_);
  for (const Fd fd : {named, chosen}) {
    ASSERT_TRUE(client_.Connect(fd, Loopback(7002)).ok());
    ASSERT_TRUE(client_.Connect(fd, Address::Unspecified()).ok());
    EXPECT_EQ(client_.Getpeername(fd).error(), Errno::kENOTCONN);
  }
  EXPECT_EQ(*client_.Getsockname(named), Loopback(7001));
  EXPECT_EQ(*client_.Getsockname(chosen), Address::Inet(loop::Ipv4::Any(), 0));
}

TEST_F(UdpTest, ShutdownOfAnUnconnectedOneFailsAndTakesEffect) {
  const Fd fd = Open(client_);
  EXPECT_EQ(client_.Shutdown(fd, loop::kShutRdwr).error(), Errno::kENOTCONN);
  EXPECT_EQ(Bits(client_, fd), loop::kEpollIn | loop::kEpollOut |
                                   loop::kEpollRdhup | loop::kEpollHup);
  EXPECT_EQ(Take(client_, fd), "EAGAIN");
  EXPECT_EQ(SendTo(client_, fd, "x", 0, Loopback(7001)).error(), Errno::kEPIPE);
}

TEST_F(UdpTest, PiecesOfACorkedDatagramArriveAsOne) {
  const Fd to = Bound(client_, Loopback(7001));
  const Fd fd = Open(client_);
  EXPECT_TRUE(SendTo(client_, fd, "ab", loop::kMsgMore, Loopback(7001)).ok());
  EXPECT_EQ(Take(client_, to), "EAGAIN");
  // With something pending the address is not looked at.
  EXPECT_TRUE(SendTo(client_, fd, "cd", 0, Loopback(9)).ok());
  EXPECT_EQ(Take(client_, to), "abcd");
  ASSERT_TRUE(
      loop::SetIntOption(client_, fd, loop::kSolUdp, loop::kUdpCork, 1).ok());
  EXPECT_TRUE(SendTo(client_, fd, "e", 0, Loopback(7001)).ok());
  EXPECT_TRUE(Send(client_, fd, "f").ok());
  ASSERT_TRUE(
      loop::SetIntOption(client_, fd, loop::kSolUdp, loop::kUdpCork, 0).ok());
  EXPECT_EQ(Take(client_, to), "ef");
}

TEST_F(UdpTest, SegmentsArriveOneByOneUnlessTheyAreGathered) {
  const Fd to = Bound(client_, Loopback(7001));
  const Fd fd = Open(client_);
  ASSERT_TRUE(
      loop::SetIntOption(client_, fd, loop::kSolUdp, loop::kUdpSegment, 2)
          .ok());
  EXPECT_TRUE(SendTo(client_, fd, "abcde", 0, Loopback(7001)).ok());
  EXPECT_EQ(Take(client_, to), "ab");
  EXPECT_EQ(Take(client_, to), "cd");
  EXPECT_EQ(Take(client_, to), "e");
  ASSERT_TRUE(
      loop::SetIntOption(client_, to, loop::kSolUdp, loop::kUdpGro, 1).ok());
  EXPECT_TRUE(SendTo(client_, fd, "abcde", 0, Loopback(7001)).ok());
  EXPECT_EQ(Take(client_, to), "abcde");
}

// 212992 bytes are 256 datagrams of one byte, which take 832 each.
TEST_F(UdpTest, AFullBufferDropsAtLinuxsDatagram) {
  const Fd to = Bound(client_, Loopback(7001));
  const Fd fd = Open(client_);
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(SendTo(client_, fd, "x", 0, Loopback(7001)).ok());
  }
  int count = 0;
  while (Take(client_, to) == "x") ++count;
  EXPECT_EQ(count, 256);
}

TEST_F(UdpTest, PeekingAtAnOffsetWalksTheQueue) {
  const Fd to = Bound(client_, Loopback(7001));
  const Fd fd = Open(client_);
  for (const char* text : {"abc", "de"}) {
    EXPECT_TRUE(SendTo(client_, fd, text, 0, Loopback(7001)).ok());
  }
  ASSERT_TRUE(
      loop::SetIntOption(client_, to, loop::kSolSocket, loop::kSoPeekOff, 1)
          .ok());
  EXPECT_EQ(Take(client_, to, loop::kMsgPeek), "bc");
  EXPECT_EQ(Take(client_, to, loop::kMsgPeek), "de");
  EXPECT_EQ(Take(client_, to, loop::kMsgPeek), "EAGAIN");
  EXPECT_EQ(Take(client_, to), "abc");
  EXPECT_EQ(Take(client_, to, loop::kMsgPeek), "EAGAIN");  // 5 - 3 = 2: behind
  EXPECT_EQ(Take(client_, to), "de");
}

TEST_F(UdpTest, AnInet6SocketHearsBothFamilies) {
  const Fd to = Bound(client_, Address::Inet6(loop::Ip::Any6(), 7001));
  const Fd fd = Open(client_);
  EXPECT_TRUE(SendTo(client_, fd, "4", 0, Loopback(7001)).ok());
  std::string buffer(10, '\0');
  Address from;
  ASSERT_TRUE(client_.Recvfrom(to, absl::MakeSpan(buffer), 0, &from).ok());
  EXPECT_EQ(from.ToString().substr(0, 19), "[::ffff:127.0.0.1]:");
  // Bound to one IPv6 address it is IPv6's alone.
  const Fd six = Bound(client_, Address::Inet6(loop::Ip::Loopback6(), 7002));
  EXPECT_EQ(
      *loop::GetIntOption(client_, six, loop::kIpprotoIpv6, loop::kIpv6V6only),
      1);
  EXPECT_EQ(
      SendTo(client_, six, "x", 0, Address::Inet6(kLoopback, 7001)).error(),
      Errno::kENETUNREACH);
}

TEST_F(UdpTest, ControlMessagesSayHowItCame) {
  const Fd to = Bound(client_, Loopback(7001));
  const Fd fd = Open(client_);
  for (const int name :
       {loop::kIpPktinfo, loop::kIpRecvttl, loop::kIpRecvtos}) {
    ASSERT_TRUE(
        loop::SetIntOption(client_, to, loop::kIpprotoIp, name, 1).ok());
  }
  ASSERT_TRUE(
      loop::SetIntOption(client_, fd, loop::kIpprotoIp, loop::kIpTtl, 7).ok());
  EXPECT_TRUE(SendTo(client_, fd, "x", 0, Loopback(7001)).ok());
  char buffer[10];
  char control[128];
  const absl::Span<char> room = absl::MakeSpan(buffer);
  loop::IncomingMessage message;
  message.buffers = absl::MakeConstSpan(&room, 1);
  message.control = absl::MakeSpan(control);
  ASSERT_TRUE(client_.Recvmsg(to, &message, 0).ok());
  const auto items = loop::ParseControl(
      absl::MakeConstSpan(control, message.control_size), nullptr);
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[0].data, std::string("\1\0\0\0\x7f\0\0\1\x7f\0\0\1", 12));
  EXPECT_EQ(items[1].data, std::string("\7\0\0\0", 4));
  EXPECT_EQ(items[2].data, std::string(1, '\0'));
}

HostOptions Small() {
  HostOptions options;
  options.socket_limit = 2;
  options.file_limit = 3;
  return options;
}

class UdpOnASmallHostTest : public UdpTest {
 protected:
  UdpOnASmallHostTest() : UdpTest(Small()) {}
};

TEST_F(UdpOnASmallHostTest, HasRoomForSoManySocketsAndFiles) {
  const Fd first = Open(server_);
  Open(server_);
  const int type = loop::kSockDgram | loop::kSockNonblock;
  EXPECT_EQ(server_.Socket(loop::Family::kInet, type, 0).error(),
            Errno::kENOBUFS);
  EXPECT_TRUE(server_.EpollCreate1(0).ok());
  EXPECT_EQ(server_.EpollCreate1(0).error(), Errno::kENFILE);
  ASSERT_TRUE(server_.Close(first).ok());
  EXPECT_TRUE(server_.Socket(loop::Family::kInet, type, 0).ok());
}

}  // namespace
}  // namespace simloop::sim
