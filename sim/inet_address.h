// What bind(2), connect(2) and sendto(2) of IPv4 and IPv6 sockets of every
// protocol make of an address, and the way a packet to it takes
// (net/ipv4/af_inet.c, net/ipv6/af_inet6.c, net/ipv4/route.c).
#ifndef SIM_INET_ADDRESS_H_
#define SIM_INET_ADDRESS_H_

#include <cstdint>

#include "loop/address.h"
#include "loop/errno.h"

namespace simloop::sim {

class Host;

// What of a socket bind(2) asks.
struct Binder {
  loop::Family family = loop::Family::kInet;
  bool stream = true;
  bool v6only = false;    // IPV6_V6ONLY
  bool settled = false;   // has a port or a peer: EINVAL
  bool nonlocal = false;  // IP_FREEBIND, IP_TRANSPARENT
};

// For bind(2), in Linux's order: kOk, EINVAL (too short, settled, or an
// address without a scope), EAFNOSUPPORT (another family) or EADDRNOTAVAIL
// (not of this host).
loop::Errno CheckBindable(const Binder& binder, const Host& host,
                          const loop::Address& address);
// Binding to one IPv6 address makes a socket IPV6_V6ONLY (__inet6_bind()).
bool BindsV6only(const loop::Address& address);

// For connect(2) of TCP: kOk with the address packets go to in `ip` (a
// wildcard is this host's loopback); EINVAL, EAFNOSUPPORT, or ENETUNREACH.
loop::Errno CheckConnectable(loop::Family family, const loop::Address& address,
                             bool v6only, loop::Ip* ip);

// 255.255.255.255, or that of the loopback network, 127.255.255.255.
inline bool IsBroadcast(loop::Ip ip) {
  return ip == loop::Ipv4{0xffffffff} || ip == loop::Ipv4{0x7fffffff};
}

// An IPv4 address that one host may have on its links: none of 0.0.0.0/8,
// 127.0.0.0/8 and what is above the unicast addresses (RFC 1122 section
// 3.2.1.3).
inline bool IsOrdinary(loop::Ip ip) {
  const uint32_t network = ip.v4().bits >> 24;
  return network != 0 && network < 224 && network != 127;
}

// fe80::/10, ff01::/16, ff02::/16 and their kin (RFC 4291 sections 2.5.6 and
// 2.7): of an interface, which an address without a scope does not say.
bool NeedsScope(loop::Ip ip);

// Where a packet goes, and whose it is.
struct Route {
  loop::Ip to;
  loop::Ip source;
};
// The way from `source` (a wildcard: the host chooses) to `to` (a wildcard:
// this host). ENETUNREACH; EINVAL or EAFNOSUPPORT where the two do not go
// together (ip_route_output_key_hash_rcu(), ip6_dst_lookup_tail()).
loop::Errno FindRoute(const Host& host, loop::Ip to, loop::Ip source,
                      Route* route);

}  // namespace simloop::sim

#endif  // SIM_INET_ADDRESS_H_
