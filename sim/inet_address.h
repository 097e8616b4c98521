// The checks that bind(2) and connect(2) of IPv4 and IPv6 sockets of every
// protocol make of an address (net/ipv4/af_inet.c, net/ipv6/af_inet6.c).
#ifndef SIM_INET_ADDRESS_H_
#define SIM_INET_ADDRESS_H_

#include "loop/address.h"
#include "loop/errno.h"

namespace simloop::sim {

class Host;

// For bind(2): kOk, EINVAL (too short), EAFNOSUPPORT (another family) or
// EADDRNOTAVAIL (not of this host). `v6only` is IPV6_V6ONLY.
loop::Errno CheckBindable(loop::Family family, const Host& host,
                          const loop::Address& address, bool v6only);

// For connect(2) and sendto(2): kOk with the address packets go to in `ip` (a
// wildcard is this host's loopback); EINVAL, EAFNOSUPPORT, or ENETUNREACH.
loop::Errno CheckConnectable(loop::Family family, const loop::Address& address,
                             bool v6only, loop::Ip* ip);

}  // namespace simloop::sim

#endif  // SIM_INET_ADDRESS_H_
