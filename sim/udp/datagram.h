// Datagram: one UDP datagram (RFC 768) as it crosses a link, whole: what IP
// would fragment is not.
#ifndef SIM_UDP_DATAGRAM_H_
#define SIM_UDP_DATAGRAM_H_

#include <cstddef>
#include <cstdint>

#include "loop/address.h"
#include "sim/udp/datagram_payload.h"

namespace simloop::sim::udp {

// All of it but what it carries.
struct DatagramHeader {
  loop::Endpoint from;
  loop::Endpoint to;
  // Time to live and type of service; hop limit and traffic class of IPv6.
  uint8_t ttl = 64;
  uint8_t tos = 0;
  // UDP_SEGMENT of udp(7): it stands for several of so many bytes; 0: one.
  uint16_t segment_bytes = 0;
  // Routers are not to fragment it (DF of RFC 791).
  bool whole = false;
};

struct Datagram : DatagramHeader {
  [[no_unique_address]] DatagramPayload payload;
};

}  // namespace simloop::sim::udp

#endif  // SIM_UDP_DATAGRAM_H_
