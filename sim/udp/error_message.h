// ErrorMessage: an error that IP_RECVERR or IPV6_RECVERR keeps for recvmsg(2)
// with MSG_ERRQUEUE (ip(7)): the datagram it is about, and struct
// sock_extended_err.
#ifndef SIM_UDP_ERROR_MESSAGE_H_
#define SIM_UDP_ERROR_MESSAGE_H_

#include <cstdint>

#include "loop/address.h"
#include "loop/control_message.h"
#include "loop/errno.h"
#include "sim/icmp.h"

namespace simloop::sim::udp {

struct ErrorMessage {
  // SO_EE_ORIGIN_LOCAL, _ICMP, _ICMP6.
  enum class Origin : uint8_t { kLocal = 1, kIcmp = 2, kIcmp6 = 3 };

  loop::Errno error = loop::Errno::kOk;
  Origin origin = Origin::kLocal;
  uint8_t type = 0;
  uint8_t code = 0;
  uint32_t info = 0;  // the route's MTU
  loop::Endpoint to;  // where the datagram went
  loop::Ip offender;  // who sent the error; wildcard: this host itself
  Slice payload;

  static ErrorMessage Of(const Icmp& icmp);
  // Whether it ends what a connected socket hopes for: others are passed over
  // without IP_RECVERR.
  static bool Fatal(Icmp::Code code);
  bool from_icmp() const { return origin != Origin::kLocal; }
  // IP_RECVERR or IPV6_RECVERR: struct sock_extended_err and the offender's
  // address.
  loop::ControlMessage ToControl(bool inet6) const;
};

}  // namespace simloop::sim::udp

#endif  // SIM_UDP_ERROR_MESSAGE_H_
