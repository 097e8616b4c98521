// Headers, byte by byte.
#include "trace/wire_format.h"

#include <algorithm>

#include "loop/check.h"

namespace simloop::trace {
namespace {

constexpr uint8_t kIcmp = 1, kTcp = 6, kUdp = 17, kFragment = 44, kIcmp6 = 58;
constexpr uint16_t kDontFragment = 0x4000, kMoreFragments = 0x2000;
// The header of a fragment of IPv6.
constexpr uint32_t kFragmentBytes = 8;

void Set16(std::string& bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value);
}

void PutIp6(std::string& bytes, const loop::Ip& ip) {
  for (const uint64_t half : {ip.high(), ip.low()}) {
    PutBig32(bytes, static_cast<uint32_t>(half >> 32));
    PutBig32(bytes, static_cast<uint32_t>(half));
  }
}

// The header in front of `length` bytes; `fragment` is IPv4's field of flags
// and offset.
std::string HeaderBytes(const IpHeader& ip, uint8_t protocol, uint32_t length,
                        uint16_t fragment) {
  std::string bytes;
  if (!ip.v4()) {
    PutBig32(bytes, 6u << 28 | static_cast<uint32_t>(ip.tos) << 20);
    PutBig16(bytes, static_cast<uint16_t>(length));
    bytes.push_back(static_cast<char>(protocol));
    bytes.push_back(static_cast<char>(ip.ttl));
    PutIp6(bytes, ip.from);
    PutIp6(bytes, ip.to);
    return bytes;
  }
  bytes.push_back(0x45);
  bytes.push_back(static_cast<char>(ip.tos));
  PutBig16(bytes, static_cast<uint16_t>(20 + length));
  PutBig16(bytes, ip.id);
  PutBig16(bytes, fragment);
  bytes.push_back(static_cast<char>(ip.ttl));
  bytes.push_back(static_cast<char>(protocol));
  PutBig16(bytes, 0);
  PutBig32(bytes, ip.from.v4().bits);
  PutBig32(bytes, ip.to.v4().bits);
  Set16(bytes, 10, InternetChecksum(bytes));
  return bytes;
}

uint32_t Sum(absl::string_view bytes, uint32_t sum) {
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const auto high = static_cast<uint8_t>(bytes[i]);
    const auto low =
        i + 1 < bytes.size() ? static_cast<uint8_t>(bytes[i + 1]) : 0;
    sum += static_cast<uint32_t>(high << 8 | low);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

// The pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1).
uint32_t PseudoSum(const IpHeader& ip, uint32_t length) {
  std::string bytes;
  if (ip.v4()) {
    PutBig32(bytes, ip.from.v4().bits);
    PutBig32(bytes, ip.to.v4().bits);
  } else {
    PutIp6(bytes, ip.from);
    PutIp6(bytes, ip.to);
  }
  PutBig32(bytes, length);
  PutBig32(bytes, ip.protocol);
  return Sum(bytes, 0);
}

// `header` with `payload` behind it, and the checksum at `at`.
Octets Checked(std::string header, size_t at, const Octets& payload,
               uint32_t pseudo_sum, bool is_udp) {
  Octets all;
  all.length = static_cast<uint32_t>(header.size()) + payload.length;
  all.bytes = std::move(header) + payload.bytes;
  if (!all.whole()) return all;
  uint16_t checksum = InternetChecksum(all.bytes, pseudo_sum);
  // RFC 768: 0 would say that there is none.
  if (is_udp && checksum == 0) checksum = 0xffff;
  Set16(all.bytes, at, checksum);
  return all;
}

Octets Part(const Octets& all, uint32_t offset, uint32_t length) {
  Octets part;
  part.length = length;
  if (offset < all.bytes.size()) part.bytes = all.bytes.substr(offset, length);
  return part;
}

}  // namespace

void PutBig16(std::string& bytes, uint16_t value) {
  bytes.push_back(static_cast<char>(value >> 8));
  bytes.push_back(static_cast<char>(value));
}

void PutBig32(std::string& bytes, uint32_t value) {
  PutBig16(bytes, static_cast<uint16_t>(value >> 16));
  PutBig16(bytes, static_cast<uint16_t>(value));
}

uint16_t InternetChecksum(absl::string_view bytes, uint32_t sum) {
  return static_cast<uint16_t>(~Sum(bytes, sum));
}

Octets IpPacket(const IpHeader& ip, const Octets& payload) {
  Octets packet;
  packet.bytes = HeaderBytes(ip, ip.protocol, payload.length,
                             ip.dont_fragment ? kDontFragment : 0);
  packet.length = static_cast<uint32_t>(packet.bytes.size()) + payload.length;
  packet.bytes += payload.bytes;
  return packet;
}

std::vector<Octets> IpFragments(const IpHeader& ip, const Octets& payload,
                                uint32_t mtu) {
  const auto header_bytes = static_cast<uint32_t>(ip.bytes());
  if (header_bytes + payload.length <= mtu) return {IpPacket(ip, payload)};
  const uint32_t overhead = header_bytes + (ip.v4() ? 0 : kFragmentBytes);
  SIMLOOP_CHECK(mtu >= overhead + 8, "a fragment carries something");
  const uint32_t step = (mtu - overhead) / 8 * 8;
  std::vector<Octets> fragments;
  for (uint32_t offset = 0; offset < payload.length; offset += step) {
    const Octets part =
        Part(payload, offset, std::min(step, payload.length - offset));
    const bool more = offset + part.length < payload.length;
    Octets fragment;
    if (ip.v4()) {
      fragment.bytes = HeaderBytes(
          ip, ip.protocol, part.length,
          static_cast<uint16_t>(offset / 8 | (more ? kMoreFragments : 0)));
    } else {
      fragment.bytes =
          HeaderBytes(ip, kFragment, kFragmentBytes + part.length, 0);
      fragment.bytes.push_back(static_cast<char>(ip.protocol));
      fragment.bytes.push_back(0);
      PutBig16(fragment.bytes, static_cast<uint16_t>(offset | (more ? 1 : 0)));
      PutBig32(fragment.bytes, ip.id);
    }
    fragment.length =
        static_cast<uint32_t>(fragment.bytes.size()) + part.length;
    fragment.bytes += part.bytes;
    fragments.push_back(std::move(fragment));
  }
  return fragments;
}

Octets TcpSegment(const IpHeader& ip, const TcpHeader& tcp,
                  const Octets& payload) {
  SIMLOOP_CHECK(ip.protocol == kTcp, "it carries TCP");
  SIMLOOP_CHECK(tcp.options.size() % 4 == 0 && tcp.options.size() <= 40,
                "options fill whole words, ten at most");
  std::string bytes;
  PutBig16(bytes, tcp.from);
  PutBig16(bytes, tcp.to);
  PutBig32(bytes, tcp.seq);
  PutBig32(bytes, tcp.ack);
  bytes.push_back(static_cast<char>((5 + tcp.options.size() / 4) << 4));
  bytes.push_back(static_cast<char>(tcp.flags));
  PutBig16(bytes, tcp.window);
  PutBig16(bytes, 0);
  PutBig16(bytes, tcp.urgent);
  bytes += tcp.options;
  const auto length = static_cast<uint32_t>(bytes.size()) + payload.length;
  return Checked(std::move(bytes), 16, payload, PseudoSum(ip, length),
                 /*is_udp=*/false);
}

Octets UdpDatagram(const IpHeader& ip, uint16_t from, uint16_t to,
                   const Octets& payload) {
  SIMLOOP_CHECK(ip.protocol == kUdp, "it carries UDP");
  const uint32_t length = 8 + payload.length;
  std::string bytes;
  PutBig16(bytes, from);
  PutBig16(bytes, to);
  PutBig16(bytes, static_cast<uint16_t>(length));
  PutBig16(bytes, 0);
  return Checked(std::move(bytes), 6, payload, PseudoSum(ip, length),
                 /*is_udp=*/true);
}

Octets IcmpMessage(const IpHeader& ip, uint8_t type, uint8_t code,
                   uint32_t rest, const Octets& quoted) {
  SIMLOOP_CHECK(ip.protocol == (ip.v4() ? kIcmp : kIcmp6), "it carries ICMP");
  std::string bytes;
  bytes.push_back(static_cast<char>(type));
  bytes.push_back(static_cast<char>(code));
  PutBig16(bytes, 0);
  PutBig32(bytes, rest);
  const uint32_t length = 8 + quoted.length;
  return Checked(std::move(bytes), 2, quoted,
                 ip.v4() ? 0 : PseudoSum(ip, length), /*is_udp=*/false);
}

}  // namespace simloop::trace
