// Icmp: an ICMP error (RFC 792, RFC 1812 section 5; RFC 4443 section 3): what a
// host or router answers to a packet it cannot deliver.
#ifndef SIM_ICMP_H_
#define SIM_ICMP_H_

#include <cstdint>

#include "loop/address.h"
#include "loop/errno.h"
#include "sim/payload.h"

namespace simloop::sim {

// The protocols that packets carry, with their numbers (IPPROTO_*).
enum class Protocol : uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17 };

struct Icmp {
  // The low byte is the code of RFC 792 and RFC 1812, the high one the type,
  // where that is not 3; ICMPv6 has others for the same (Type6(), Code6()).
  enum class Code : uint16_t {
    kNetUnreachable = 0,
    kHostUnreachable = 1,
    kPortUnreachable = 3,
    kFragmentationNeeded = 4,  // RFC 1191, with the next hop's MTU
    kProhibited = 13,          // administratively (RFC 1812 section 5.2.7.1)
    kTimeExceeded = 11 << 8,   // in transit
  };

  // Who sends it, and to whom; their ports mean nothing.
  loop::Endpoint from;
  loop::Endpoint to;
  Code code = Code::kPortUnreachable;
  // The packet it is about, and as much of its payload as is quoted.
  Protocol protocol = Protocol::kUdp;
  loop::Endpoint about_from;
  loop::Endpoint about_to;
  uint32_t sequence = 0;  // of the TCP segment it is about
  uint32_t mtu = 0;       // of kFragmentationNeeded
  Slice quoted;

  // How much payload of a UDP datagram an error about it quotes: of 576 bytes
  // over IPv4 (RFC 1812 section 4.3.2.3), of 1280 over IPv6 (RFC 4443 section
  // 2.4), less the headers.
  static constexpr size_t kQuotedBytes = 576 - 20 - 8 - 20 - 8;
  static constexpr size_t kQuotedBytes6 = 1280 - 40 - 8 - 40 - 8;
  // What a program is told of it (icmp_err_convert of Linux).
  loop::Errno error() const {
    switch (code) {
      case Code::kNetUnreachable:
        return loop::Errno::kENETUNREACH;
      case Code::kHostUnreachable:
      case Code::kProhibited:
      case Code::kTimeExceeded:
        return loop::Errno::kEHOSTUNREACH;
      case Code::kFragmentationNeeded:
        return loop::Errno::kEMSGSIZE;
      case Code::kPortUnreachable:
        break;
    }
    return loop::Errno::kECONNREFUSED;
  }
  uint8_t Type4() const { return code == Code::kTimeExceeded ? 11 : 3; }
  uint8_t Code4() const { return static_cast<uint8_t>(code); }
  // RFC 4443: destination unreachable, packet too big, time exceeded.
  uint8_t Type6() const {
    if (code == Code::kFragmentationNeeded) return 2;
    return code == Code::kTimeExceeded ? 3 : 1;
  }
  // RFC 4443 section 3.1: no route, prohibited, address unreachable, port
  // unreachable.
  uint8_t Code6() const {
    if (code == Code::kProhibited) return 1;
    if (code == Code::kHostUnreachable) return 3;
    return code == Code::kPortUnreachable ? 4 : 0;
  }
};

}  // namespace simloop::sim

#endif  // SIM_ICMP_H_
