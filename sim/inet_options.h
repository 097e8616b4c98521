// InetOptions: the options of levels IPPROTO_IP and IPPROTO_IPV6 of one TCP or
// UDP socket (ip(7), ipv6(7)), with Linux's defaults, limits and errors
// (do_ip_setsockopt() of net/ipv4/ip_sockglue.c, do_ipv6_setsockopt() of
// net/ipv6/ipv6_sockglue.c and their getters). What an option does is its
// socket's business. An AF_INET6 socket has both levels, an AF_INET one the
// first alone.
//
// Not known, and so ENOPROTOOPT: options of packets (IP_OPTIONS but the empty
// one, IPV6_HOPOPTS, IPV6_PKTINFO, ...), source filters of multicast groups,
// IPsec, flow labels, IPV6_ADDRFORM and IPV6_ADDR_PREFERENCES.
#ifndef SIM_INET_OPTIONS_H_
#define SIM_INET_OPTIONS_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "loop/result.h"

namespace simloop::sim {

class Host;
struct HostOptions;

class InetOptions final {
 public:
  // What a socket says of itself where an option asks.
  struct Facts {
    bool bound = false;  // holds a port: IPV6_V6ONLY is settled
    int mtu = 0;         // of its route; 0: not connected (IP_MTU)
  };

  InetOptions(loop::Family family, int type, const HostOptions& host);

  // Whether a socket of `family` answers at `level` here.
  static bool Answers(loop::Family family, int level);
  // What it answers to getsockopt(2) and setsockopt(2) at a level that is
  // nobody's: IPv4 says EOPNOTSUPP to the first, ENOPROTOOPT to the second.
  static loop::Errno NoSuchLevel(loop::Family family, bool get);

  // REQUIRES: Answers(family, level).
  loop::Result<size_t> Get(int level, int name, absl::Span<char> value,
                           const Facts& facts) const;
  loop::Result<void> Set(int level, int name, absl::Span<const char> value,
                         const Host& host, const Facts& facts);

  // Options that are on or off, by number.
  bool ip(int name) const { return ip_[static_cast<size_t>(name)]; }
  bool ip6(int name) const { return ip6_[static_cast<size_t>(name)]; }
  bool v6only() const { return ip6(loop::kIpv6V6only); }
  void SetV6only(bool on) { ip6_[loop::kIpv6V6only] = on; }
  // bind(2) to port 0 takes none: connect(2) or listen(2) does.
  bool bind_address_no_port() const { return ip(loop::kIpBindAddressNoPort); }
  bool free_bind() const {
    return ip(loop::kIpFreebind) || ip(loop::kIpTransparent);
  }
  int tos() const { return tos_; }
  int ttl() const { return ttl_ < 0 ? default_ttl_ : ttl_; }
  int traffic_class() const { return traffic_class_; }
  int hops() const { return hops_ < 0 ? kDefaultHops : hops_; }
  // IP_PMTUDISC_DO or stricter: what is larger than the route's is EMSGSIZE.
  bool whole_packets(bool inet6) const {
    const int mode = inet6 ? mtu_discover6_ : mtu_discover_;
    return mode == 2 || mode == 3 || (inet6 && ip6(loop::kIpv6Dontfrag));
  }
  // Whether datagrams to `group` are for this socket (ip_mc_sf_allow()).
  bool Hears(loop::Ip group) const;
  bool Joined(loop::Ip group) const;
  // IP_MULTICAST_IF's address; 0.0.0.0: none.
  loop::Ipv4 multicast_source() const {
    return {__builtin_bswap32(multicast_address_)};
  }
  int multicast_ttl() const { return multicast_ttl_; }
  int multicast_interface6() const { return multicast_interface6_; }
  // An accepted socket has some of the packet that began its connection
  // (tcp_v4_syn_recv_sock(), tcp_v6_syn_recv_sock()).
  void Accept() {
    multicast_ttl_ = default_ttl_;
    multicast_hops_ = kDefaultHops;
    multicast_interface6_ = 1;
  }
  // IP_LOCAL_PORT_RANGE: the lowest and highest port; 0: the host's.
  uint16_t first_port() const { return static_cast<uint16_t>(port_range_); }
  uint16_t last_port() const {
    return static_cast<uint16_t>(port_range_ >> 16);
  }
  // SO_PRIORITY as IP_TOS sets it (rt_tos2priority()).
  int priority() const;

 private:
  // net.ipv6.conf.*.hop_limit.
  static constexpr int kDefaultHops = 64;

  // A multicast group that was joined, and where: ip(7), IP_ADD_MEMBERSHIP.
  using Membership = std::pair<loop::Ip, int>;

  bool stream() const { return type_ == loop::kSockStream; }
  loop::Result<size_t> GetIp(int name, absl::Span<char> value,
                             const Facts& facts) const;
  loop::Result<size_t> GetIp6(int name, absl::Span<char> value,
                              const Facts& facts) const;
  loop::Result<void> SetIp(int name, absl::Span<const char> value,
                           const Host& host);
  loop::Result<void> SetIp6(int name, absl::Span<const char> value,
                            const Facts& facts);
  loop::Result<void> SetMulticastInterface(absl::Span<const char> value,
                                           const Host& host);
  loop::Result<void> SetMembership(bool join, absl::Span<const char> value,
                                   const Host& host);
  loop::Result<void> SetMembership6(bool join, absl::Span<const char> value);
  loop::Result<void> Join(bool join, const Membership& membership,
                          loop::Errno stranger);

  loop::Family family_;
  uint8_t type_;
  std::bitset<64> ip_;
  std::bitset<96> ip6_;
  uint8_t default_ttl_;
  uint8_t tos_ = 0;
  int16_t ttl_ = -1;
  uint8_t least_ttl_ = 0;
  uint8_t mtu_discover_ = 1;
  uint8_t multicast_ttl_ = 1;
  uint32_t multicast_address_ = 0;  // network byte order
  uint32_t unicast_interface_ = 0;  // network byte order
  uint32_t port_range_ = 0;
  uint8_t traffic_class_ = 0;
  int16_t hops_ = -1;
  uint8_t least_hops_ = 0;
  uint8_t mtu_discover6_ = 1;
  uint8_t multicast_hops_ = 1;
  int multicast_interface6_ = 0;
  uint32_t unicast_interface6_ = 0;  // network byte order
  std::vector<Membership> memberships_;
};

}  // namespace simloop::sim

#endif  // SIM_INET_OPTIONS_H_
