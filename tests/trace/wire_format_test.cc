// Headers and checksums, held to examples from elsewhere and to sums taken
// another way.
#include "trace/wire_format.h"

#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace simloop::trace {
namespace {

std::string Hex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

IpHeader Inet(uint8_t protocol) {
  IpHeader ip;
  ip.from = *loop::Ip::Parse("10.0.0.1");
  ip.to = *loop::Ip::Parse("10.0.0.2");
  ip.protocol = protocol;
  ip.id = 7;
  return ip;
}

IpHeader Inet6(uint8_t protocol) {
  IpHeader ip = Inet(protocol);
  ip.from = *loop::Ip::Parse("fd00::1");
  ip.to = *loop::Ip::Parse("fd00::2");
  return ip;
}

Octets Whole(const std::string& bytes) {
  return {bytes, static_cast<uint32_t>(bytes.size())};
}

// The sum of 16-bit words in 64 bits, folded at the end: 0xffff where the
// checksum in the bytes is right.
uint32_t Folded(const std::string& bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint64_t byte = static_cast<uint8_t>(bytes[i]);
    sum += i % 2 == 0 ? byte * 256 : byte;
  }
  while (sum > 0xffff) sum = sum % 0x10000 + sum / 0x10000;
  return static_cast<uint32_t>(sum);
}

// The pseudo header of IPv4, written out.
std::string Pseudo4(uint8_t protocol, size_t length) {
  std::string bytes = absl::HexStringToBytes("0a0000010a00000200");
  bytes.push_back(static_cast<char>(protocol));
  bytes.push_back(static_cast<char>(length >> 8));
  bytes.push_back(static_cast<char>(length));
  return bytes;
}

std::string Pseudo6(uint8_t protocol, size_t length) {
  std::string bytes = absl::HexStringToBytes(
      "fd000000000000000000000000000001"
      "fd000000000000000000000000000002"
      "0000");
  bytes.push_back(static_cast<char>(length >> 8));
  bytes.push_back(static_cast<char>(length));
  bytes += std::string("\0\0\0", 3);
  bytes.push_back(static_cast<char>(protocol));
  return bytes;
}

TEST(InternetChecksum, IsThatOfRfc1071) {
  // Section 3: the words 0001 f203 f4f5 f6f7 sum up to ddf2.
  EXPECT_EQ(InternetChecksum(absl::HexStringToBytes("0001f203f4f5f6f7")),
            0xffff - 0xddf2);
  // An odd byte is followed by 0: 0x0100.
  EXPECT_EQ(InternetChecksum(std::string("\x01")), 0xffff - 0x0100);
  EXPECT_EQ(InternetChecksum(""), 0xffff);
}

TEST(IpPacket, HasAHeaderOfTwentyBytes) {
  IpHeader ip = Inet(17);
  ip.dont_fragment = true;
  const Octets packet = IpPacket(ip, Whole("abcd"));
  // Version 4, 5 words; 24 bytes; id 7; DF; TTL 64; UDP.
  EXPECT_EQ(Hex(packet.bytes.substr(0, 10)), "45000018000740004011");
  EXPECT_EQ(Hex(packet.bytes.substr(12)), "0a0000010a000002" + Hex("abcd"));
  EXPECT_EQ(Folded(packet.bytes.substr(0, 20)), 0xffffu);
}

TEST(IpPacket, HasAHeaderOfFortyBytesInIpv6) {
  const Octets packet = IpPacket(Inet6(17), Whole("abcd"));
  EXPECT_EQ(Hex(packet.bytes),
            "6000000000041140"
            "fd000000000000000000000000000001"
            "fd000000000000000000000000000002" +
                Hex("abcd"));
}

TEST(TcpSegment, HasTheChecksumOverItsPseudoHeader) {
  TcpHeader tcp;
  tcp.from = 32768;
  tcp.to = 80;
  tcp.seq = 0xfffffffe;
  tcp.ack = 1;
  tcp.flags = 0x18;
  tcp.window = 0x1234;
  tcp.options = std::string("\1\1\1\1", 4);
  for (const std::string payload : {"", "odd", "even"}) {
    const Octets segment = TcpSegment(Inet(6), tcp, Whole(payload));
    EXPECT_EQ(Hex(segment.bytes.substr(0, 16)),
              "80000050fffffffe0000000160181234");
    EXPECT_EQ(Hex(segment.bytes.substr(18)),
              "0000"
              "01010101" +
                  Hex(payload));
    EXPECT_EQ(Folded(Pseudo4(6, segment.bytes.size()) + segment.bytes),
              0xffffu);
    const Octets segment6 = TcpSegment(Inet6(6), tcp, Whole(payload));
    EXPECT_EQ(Folded(Pseudo6(6, segment6.bytes.size()) + segment6.bytes),
              0xffffu);
  }
}

TEST(TcpSegment, HasNoChecksumWhereBytesAreMissing) {
  const Octets segment = TcpSegment(Inet(6), TcpHeader(), {"ab", 100});
  EXPECT_EQ(segment.length, 120u);
  EXPECT_EQ(segment.bytes.size(), 22u);
  EXPECT_EQ(Hex(segment.bytes.substr(16, 2)), "0000");
}

TEST(UdpDatagram, NeverHasAChecksumOfZero) {
  // RFC 768: 0 would say that there is none.
  for (int i = 0; i < 0x10000; ++i) {
    const std::string payload = {static_cast<char>(i >> 8),
                                 static_cast<char>(i)};
    const Octets datagram = UdpDatagram(Inet(17), 53, 53, Whole(payload));
    ASSERT_NE(Hex(datagram.bytes.substr(6, 2)), "0000") << i;
    ASSERT_EQ(Folded(Pseudo4(17, datagram.bytes.size()) + datagram.bytes),
              0xffffu);
  }
}

TEST(IcmpMessage, HasAPseudoHeaderInIpv6Alone) {
  const Octets message = IcmpMessage(Inet(1), 3, 4, 1400, Whole("quoted"));
  EXPECT_EQ(Hex(message.bytes.substr(0, 2)), "0304");
  EXPECT_EQ(Hex(message.bytes.substr(4, 4)), "00000578");  // 1400
  EXPECT_EQ(Folded(message.bytes), 0xffffu);
  const Octets message6 = IcmpMessage(Inet6(58), 1, 4, 0, Whole("quoted"));
  EXPECT_EQ(Folded(Pseudo6(58, message6.bytes.size()) + message6.bytes),
            0xffffu);
}

TEST(IpFragments, AreCutAtMultiplesOfEight) {
  // 1500 - 20 = 1480 is one: 3000 = 1480 + 1480 + 40.
  const std::vector<Octets> fragments =
      IpFragments(Inet(17), Whole(std::string(3000, 'x')), 1500);
  ASSERT_EQ(fragments.size(), 3u);
  EXPECT_EQ(fragments[0].length, 1500u);
  EXPECT_EQ(fragments[2].length, 60u);
  // More fragments, 0; more, 1480 / 8 = 185; the last, 370.
  EXPECT_EQ(Hex(fragments[0].bytes.substr(6, 2)), "2000");
  EXPECT_EQ(Hex(fragments[1].bytes.substr(6, 2)), "20b9");
  EXPECT_EQ(Hex(fragments[2].bytes.substr(6, 2)), "0172");
  for (const Octets& fragment : fragments) {
    EXPECT_EQ(Hex(fragment.bytes.substr(4, 2)), "0007");
    EXPECT_EQ(Folded(fragment.bytes.substr(0, 20)), 0xffffu);
  }
}

TEST(IpFragments, HaveAHeaderOfTheirOwnInIpv6) {
  // (1500 - 48) / 8 * 8 = 1448: 2000 = 1448 + 552.
  const std::vector<Octets> fragments =
      IpFragments(Inet6(17), Whole(std::string(2000, 'x')), 1500);
  ASSERT_EQ(fragments.size(), 2u);
  // Next header 44; then UDP, reserved, offset and "more", id.
  EXPECT_EQ(Hex(fragments[0].bytes.substr(4, 4)), "05b02c40");  // 1456
  EXPECT_EQ(Hex(fragments[0].bytes.substr(40, 8)), "1100000100000007");
  EXPECT_EQ(Hex(fragments[1].bytes.substr(40, 8)), "110005a800000007");
  EXPECT_EQ(fragments[1].length, 40u + 8u + 552u);
}

TEST(IpFragments, OfWhatFitsIsThePacket) {
  EXPECT_EQ(IpFragments(Inet(17), Whole(std::string(1480, 'x')), 1500).size(),
            1u);
  EXPECT_EQ(IpFragments(Inet(17), Whole(std::string(1481, 'x')), 1500).size(),
            2u);
}

TEST(IpFragments, TellTheLengthOfWhatIsMissing) {
  const std::vector<Octets> fragments =
      IpFragments(Inet(17), {std::string(8, 'h'), 2000}, 1500);
  ASSERT_EQ(fragments.size(), 2u);
  EXPECT_EQ(fragments[0].bytes.size(), 28u);
  EXPECT_EQ(fragments[0].length, 1500u);
  EXPECT_EQ(fragments[1].bytes.size(), 20u);
  EXPECT_EQ(fragments[1].length, 540u);
}

}  // namespace
}  // namespace simloop::trace
