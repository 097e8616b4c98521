// InetOptions' setsockopt(2), and the multicast groups it joins.
#include <algorithm>
#include <cstring>

#include "sim/host.h"
#include "sim/inet_flags.h"
#include "sim/inet_options.h"
#include "sim/option_bytes.h"
#include "sim/option_names.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Result;

constexpr int kLoopbackIndex = 1;
constexpr int kMostMtuDiscover = 5;  // IP_PMTUDISC_OMIT
constexpr int kLeastMtu6 = 1280;     // RFC 8200 section 5
constexpr int kEcnMask = 3;          // RFC 3168: TCP's own
constexpr size_t kIntBytes = sizeof(int);
// struct ip_mreq, ip_mreqn, ipv6_mreq.
constexpr size_t kMreqBytes = 8;
constexpr size_t kMreqnBytes = 12;
constexpr size_t kMreq6Bytes = 20;
// net.ipv4.igmp_max_memberships.
constexpr size_t kMostMemberships = 20;

// At level IPPROTO_IP a value shorter than an int is a byte, none is 0.
int IpNumber(absl::Span<const char> value) {
  int number = 0;
  if (TakeOption(value, &number) || value.empty()) return number;
  return static_cast<unsigned char>(value[0]);
}

bool Within(int number, int least, int most) {
  return least <= number && number <= most;
}

uint32_t Swapped(uint32_t bits) { return __builtin_bswap32(bits); }

// IP_UNICAST_IF, IPV6_UNICAST_IF: an interface's index in network byte order.
Result<void> SetUnicastInterface(absl::Span<const char> value,
                                 uint32_t* interface) {
  uint32_t index = 0;
  if (value.size() != kIntBytes) return Errno::kEINVAL;
  TakeOption(value, &index);
  if (index != 0 && Swapped(index) != kLoopbackIndex) {
    return Errno::kEADDRNOTAVAIL;
  }
  *interface = index;
  return {};
}

}  // namespace

Result<void> InetOptions::Set(int level, int name, absl::Span<const char> value,
                              const Host& host, const Facts& facts) {
  return level == loop::kIpprotoIp ? SetIp(name, value, host)
                                   : SetIp6(name, value, facts);
}

Result<void> InetOptions::SetIp(int name, absl::Span<const char> value,
                                const Host& host) {
  const int number = IpNumber(value);
  if (const InetFlag* flag = FindInetFlag(loop::kIpprotoIp, name)) {
    if (value.size() < flag->least_bytes) return Errno::kEINVAL;
    if (flag->strict && !Within(number, 0, 1)) return Errno::kEINVAL;
    if (name == kIpRecvfragsize && stream()) return Errno::kEINVAL;
    ip_[static_cast<size_t>(name)] = number != 0;
    return {};
  }
  switch (name) {
    case loop::kIpTos:
      tos_ = static_cast<uint8_t>(
          stream() ? (number & ~kEcnMask) | (tos_ & kEcnMask) : number);
      return {};
    case loop::kIpTtl:
      if (value.empty()) return Errno::kEINVAL;
      if (number != -1 && !Within(number, 1, UINT8_MAX)) return Errno::kEINVAL;
      ttl_ = static_cast<int16_t>(number);
      return {};
    case loop::kIpMtuDiscover:
      if (!Within(number, 0, kMostMtuDiscover)) return Errno::kEINVAL;
      mtu_discover_ = static_cast<uint8_t>(number);
      return {};
    case loop::kIpMinttl:
      if (value.empty() || !Within(number, 0, UINT8_MAX)) {
        return Errno::kEINVAL;
      }
      least_ttl_ = static_cast<uint8_t>(number);
      return {};
    case loop::kIpMulticastTtl:
      if (stream() || value.empty()) return Errno::kEINVAL;
      if (!Within(number, -1, UINT8_MAX)) return Errno::kEINVAL;
      multicast_ttl_ = static_cast<uint8_t>(number == -1 ? 1 : number);
      return {};
    case kIpUnicastIf:
      return SetUnicastInterface(value, &unicast_interface_);
    case kIpLocalPortRange: {
      if (value.size() != kIntBytes) return Errno::kEINVAL;
      const int first = number & 0xffff;
      const int last = static_cast<int>(static_cast<uint32_t>(number) >> 16);
      if (first != 0 && last != 0 && first > last) return Errno::kEINVAL;
      port_range_ = static_cast<uint32_t>(number);
      return {};
    }
    case loop::kIpMulticastIf:
      return SetMulticastInterface(value, host);
    case loop::kIpAddMembership:
    case loop::kIpDropMembership:
      return SetMembership(name == loop::kIpAddMembership, value, host);
    case kIpRouterAlert:
      return Errno::kEINVAL;  // of raw sockets
    case loop::kIpOptions:
      return value.empty() ? Result<void>() : Errno::kENOPROTOOPT;
    default:
      return Errno::kENOPROTOOPT;
  }
}

Result<void> InetOptions::SetIp6(int name, absl::Span<const char> value,
                                 const Facts& facts) {
  int number = 0;
  const bool whole = TakeOption(value, &number);
  if (const InetFlag* flag = FindInetFlag(loop::kIpprotoIpv6, name)) {
    if (value.size() < flag->least_bytes) return Errno::kEINVAL;
    if (flag->strict && !Within(number, 0, 1)) return Errno::kEINVAL;
    if (name == loop::kIpv6V6only && facts.bound) return Errno::kEINVAL;
    if (name == kIpv6Transparent) {
      ip_[loop::kIpTransparent] = number != 0;
    } else if (name == kIpv6Freebind) {
      ip_[loop::kIpFreebind] = number != 0;
    } else {
      ip6_[static_cast<size_t>(name)] = number != 0;
    }
    return {};
  }
  const bool multicast =
      name == loop::kIpv6MulticastHops || name == loop::kIpv6MulticastIf;
  if (multicast && stream()) return Errno::kENOPROTOOPT;
  const Errno unless_whole = whole ? Errno::kOk : Errno::kEINVAL;
  switch (name) {
    case loop::kIpv6UnicastHops:
      if (!whole || !Within(number, -1, UINT8_MAX)) return Errno::kEINVAL;
      hops_ = static_cast<int16_t>(number);
      return {};
    case loop::kIpv6MulticastHops:
      if (!whole || !Within(number, -1, UINT8_MAX)) return Errno::kEINVAL;
      multicast_hops_ = static_cast<uint8_t>(number == -1 ? 1 : number);
      return {};
    case loop::kIpv6MulticastIf:
      if (!whole) return Errno::kEINVAL;
      if (number != 0 && number != kLoopbackIndex) return Errno::kENODEV;
      multicast_interface6_ = number;
      return {};
    case loop::kIpv6MtuDiscover:
      if (!whole || !Within(number, 0, kMostMtuDiscover)) {
        return Errno::kEINVAL;
      }
      mtu_discover6_ = static_cast<uint8_t>(number);
      return {};
    case loop::kIpv6Tclass: {
      if (!whole || !Within(number, -1, UINT8_MAX)) return Errno::kEINVAL;
      const int wanted = number == -1 ? 0 : number;
      traffic_class_ = static_cast<uint8_t>(
          stream() ? (wanted & ~kEcnMask) | (traffic_class_ & kEcnMask)
                   : wanted);
      return {};
    }
    case kIpv6Minhopcount:
      if (!whole || !Within(number, 0, UINT8_MAX)) return Errno::kEINVAL;
      least_hops_ = static_cast<uint8_t>(number);
      return {};
    case loop::kIpv6Mtu:
      // What is larger would be fragmented; nothing is here.
      if (!whole || (number != 0 && number < kLeastMtu6)) {
        return Errno::kEINVAL;
      }
      return {};
    case kIpv6UnicastIf:
      return SetUnicastInterface(value, &unicast_interface6_);
    case kIpv6AddMembership:
    case kIpv6DropMembership:
      return SetMembership6(name == kIpv6AddMembership, value);
    case kIpv6RouterAlert:
      return whole ? Errno::kENOPROTOOPT : unless_whole;  // of raw sockets
    default:
      return Errno::kENOPROTOOPT;
  }
}

// --- Multicast
// ---------------------------------------------------------------

// IP_MULTICAST_IF: an address, a struct ip_mreq or a struct ip_mreqn.
Result<void> InetOptions::SetMulticastInterface(absl::Span<const char> value,
                                                const Host& host) {
  uint32_t address = 0;
  int index = 0;
  if (stream() || value.size() < sizeof address) return Errno::kEINVAL;
  const size_t at = value.size() >= kMreqBytes ? sizeof address : 0;
  TakeOption(value.subspan(at), &address);
  if (value.size() >= kMreqnBytes)
    TakeOption(value.subspan(kMreqBytes), &index);
  if (index == 0 && address != 0 &&
      !host.IsLocal(loop::Ipv4{Swapped(address)})) {
    return Errno::kEADDRNOTAVAIL;
  }
  if (index != 0 && index != kLoopbackIndex) return Errno::kEADDRNOTAVAIL;
  multicast_address_ = address;
  return {};
}

// IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP. Nothing is sent to groups in this
// world; who joined what is kept for the errors alone.
Result<void> InetOptions::SetMembership(bool join, absl::Span<const char> value,
                                        const Host& host) {
  if (stream()) return Errno::kEPROTO;
  uint32_t group = 0;
  uint32_t address = 0;
  int index = 0;
  if (value.size() < kMreqBytes) return Errno::kEINVAL;
  TakeOption(value, &group);
  TakeOption(value.subspan(sizeof group), &address);
  if (value.size() >= kMreqnBytes)
    TakeOption(value.subspan(kMreqBytes), &index);
  const loop::Ipv4 ip{Swapped(group)};
  if (!ip.is_multicast()) return join ? Errno::kEINVAL : Errno::kEADDRNOTAVAIL;
  const bool found =
      index != 0 ? index == kLoopbackIndex
                 : address != 0 && host.IsLocal(loop::Ipv4{Swapped(address)});
  if (!found) return Errno::kENODEV;
  return Join(join, {ip, kLoopbackIndex}, Errno::kEADDRNOTAVAIL);
}

Result<void> InetOptions::SetMembership6(bool join,
                                         absl::Span<const char> value) {
  if (value.size() < kMreq6Bytes) return Errno::kEINVAL;
  if (stream()) return Errno::kEPROTO;
  uint64_t high = 0;
  uint64_t low = 0;
  int index = 0;
  TakeOption(value, &high);
  TakeOption(value.subspan(sizeof high), &low);
  TakeOption(value.subspan(sizeof high + sizeof low), &index);
  const loop::Ip ip(__builtin_bswap64(high), __builtin_bswap64(low));
  if (ip.is_v4() || !ip.is_multicast()) return Errno::kEINVAL;
  if (index != 0 && index != kLoopbackIndex) return Errno::kENODEV;
  if (index == 0) return Errno::kENODEV;  // no route to groups
  return Join(join, {ip, index}, Errno::kEADDRNOTAVAIL);
}

bool InetOptions::Joined(loop::Ip group) const {
  for (const Membership& membership : memberships_) {
    if (membership.first == group) return true;
  }
  return false;
}

bool InetOptions::Hears(loop::Ip group) const {
  return ip_[kIpMulticastAll] || Joined(group);
}

Result<void> InetOptions::Join(bool join, const Membership& membership,
                               Errno stranger) {
  const auto found =
      std::find(memberships_.begin(), memberships_.end(), membership);
  if (!join) {
    if (found == memberships_.end()) return stranger;
    memberships_.erase(found);
    return {};
  }
  if (found != memberships_.end()) return Errno::kEADDRINUSE;
  if (memberships_.size() >= kMostMemberships) return Errno::kENOBUFS;
  memberships_.push_back(membership);
  return {};
}

}  // namespace simloop::sim
