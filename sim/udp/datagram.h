// Datagram: one UDP datagram (RFC 768) as it crosses a link, whole: what IP
// would fragment is not.
#ifndef SIM_UDP_DATAGRAM_H_
#define SIM_UDP_DATAGRAM_H_

#include "loop/address.h"
#include "sim/payload.h"

namespace simloop::sim::udp {

struct Datagram {
  loop::Endpoint from;
  loop::Endpoint to;
  Slice payload;
};

}  // namespace simloop::sim::udp

#endif  // SIM_UDP_DATAGRAM_H_
