// Icmp: an ICMP error (RFC 792 destination unreachable; RFC 4443 type 1): what
// a host or router answers to a packet it cannot deliver.
#ifndef SIM_ICMP_H_
#define SIM_ICMP_H_

#include <cstdint>

#include "loop/address.h"

namespace simloop::sim {

// The protocols that packets carry, with their numbers (IPPROTO_*).
enum class Protocol : uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17 };

struct Icmp {
  enum class Code : uint8_t {
    kNetUnreachable = 0,
    kHostUnreachable = 1,
    kPortUnreachable = 3,
  };

  // Who sends it, and to whom; their ports mean nothing.
  loop::Endpoint from;
  loop::Endpoint to;
  Code code = Code::kPortUnreachable;
  // The packet it is about.
  Protocol protocol = Protocol::kUdp;
  loop::Endpoint about_from;
  loop::Endpoint about_to;
};

}  // namespace simloop::sim

#endif  // SIM_ICMP_H_
