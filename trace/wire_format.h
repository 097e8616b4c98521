// The bytes of packets: IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP
// (RFC 768), ICMP (RFC 792) and ICMPv6 (RFC 4443), with their checksums. What
// was not kept of a payload is missing at the end, and counted in the lengths.
#ifndef TRACE_WIRE_FORMAT_H_
#define TRACE_WIRE_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/ip.h"

namespace simloop::trace {

// The first of `length` bytes: those that are known.
struct Octets {
  std::string bytes;
  uint32_t length = 0;

  bool whole() const { return bytes.size() == length; }
};

// The Internet checksum (RFC 1071) of `bytes`, of which an odd last one counts
// as followed by 0; `sum` is of what goes before.
uint16_t InternetChecksum(absl::string_view bytes, uint32_t sum = 0);

struct IpHeader {
  loop::Ip from;
  loop::Ip to;
  uint8_t protocol = 0;  // ICMPv6 has 58
  uint8_t ttl = 64;      // or hop limit
  uint8_t tos = 0;       // or traffic class
  uint16_t id = 0;
  bool dont_fragment = false;

  bool v4() const { return from.is_v4(); }
  size_t bytes() const { return v4() ? 20 : 40; }
};

// One packet, however large, of 65,535 bytes (and IPv6's header) at most.
Octets IpPacket(const IpHeader& ip, const Octets& payload);
// The same as the fragments that `mtu` calls for (RFC 791 section 3.2, RFC 8200
// section 4.5).
std::vector<Octets> IpFragments(const IpHeader& ip, const Octets& payload,
                                uint32_t mtu);

struct TcpHeader {
  uint16_t from = 0;
  uint16_t to = 0;
  uint32_t seq = 0;
  uint32_t ack = 0;
  uint8_t flags = 0;
  uint16_t window = 0;
  uint16_t urgent = 0;
  std::string options;  // a multiple of four bytes, 40 at most
};
// What IP carries. A checksum that would need bytes that are missing is 0.
Octets TcpSegment(const IpHeader& ip, const TcpHeader& tcp,
                  const Octets& payload);
Octets UdpDatagram(const IpHeader& ip, uint16_t from, uint16_t to,
                   const Octets& payload);
// Type, code, and the four bytes behind the checksum.
Octets IcmpMessage(const IpHeader& ip, uint8_t type, uint8_t code,
                   uint32_t rest, const Octets& quoted);

// Appended in network byte order.
void PutBig16(std::string& bytes, uint16_t value);
void PutBig32(std::string& bytes, uint32_t value);

}  // namespace simloop::trace

#endif  // TRACE_WIRE_FORMAT_H_
