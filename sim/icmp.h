// Icmp: an ICMP error (RFC 792 destination unreachable; RFC 4443 type 1): what
// a host or router answers to a packet it cannot deliver.
#ifndef SIM_ICMP_H_
#define SIM_ICMP_H_

#include <cstdint>

#include "loop/address.h"
#include "sim/payload.h"

namespace simloop::sim {

// The protocols that packets carry, with their numbers (IPPROTO_*).
enum class Protocol : uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17 };

struct Icmp {
  // Of RFC 792; ICMPv6 has others for the same (Code6()).
  enum class Code : uint8_t {
    kNetUnreachable = 0,
    kHostUnreachable = 1,
    kPortUnreachable = 3,
  };

  // Who sends it, and to whom; their ports mean nothing.
  loop::Endpoint from;
  loop::Endpoint to;
  Code code = Code::kPortUnreachable;
  // The packet it is about, and as much of its payload as is quoted.
  Protocol protocol = Protocol::kUdp;
  loop::Endpoint about_from;
  loop::Endpoint about_to;
  Slice quoted;

  // How much payload of a UDP datagram an error about it quotes: of 576 bytes
  // over IPv4 (RFC 1812 section 4.3.2.3), of 1280 over IPv6 (RFC 4443 section
  // 2.4), less the headers.
  static constexpr size_t kQuotedBytes = 576 - 20 - 8 - 20 - 8;
  static constexpr size_t kQuotedBytes6 = 1280 - 40 - 8 - 40 - 8;
  // RFC 4443 section 3.1: no route, address unreachable, port unreachable.
  uint8_t Code6() const {
    if (code == Code::kNetUnreachable) return 0;
    return code == Code::kHostUnreachable ? 3 : 4;
  }
};

}  // namespace simloop::sim

#endif  // SIM_ICMP_H_
