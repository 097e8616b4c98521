#include "sim/inet_options.h"

#include <algorithm>
#include <cstring>

#include "sim/host.h"
#include "sim/option_bytes.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Result;

// Options of IPPROTO_IP beside those of loop/abi.h.
constexpr int kIpHdrincl = 3;
constexpr int kIpRouterAlert = 5;
constexpr int kIpRetopts = 7;
constexpr int kIpPktoptions = 9;
constexpr int kIpPasssec = 18;
constexpr int kIpRecvorigdstaddr = 20;
constexpr int kIpNodefrag = 22;
constexpr int kIpChecksum = 23;
constexpr int kIpRecvfragsize = 25;
constexpr int kIpRecverrRfc4884 = 26;
constexpr int kIpMulticastAll = 49;
constexpr int kIpUnicastIf = 50;
constexpr int kIpLocalPortRange = 51;
constexpr int kIpProtocol = 52;
// Of IPPROTO_IPV6.
constexpr int kIpv62292Pktinfo = 2;
constexpr int kIpv62292Hopopts = 3;
constexpr int kIpv62292Dstopts = 4;
constexpr int kIpv62292Rthdr = 5;
constexpr int kIpv62292Hoplimit = 8;
constexpr int kIpv6Flowinfo = 11;
constexpr int kIpv6AddMembership = 20;
constexpr int kIpv6DropMembership = 21;
constexpr int kIpv6RouterAlert = 22;
constexpr int kIpv6MulticastAll = 29;
constexpr int kIpv6RouterAlertIsolate = 30;
constexpr int kIpv6RecverrRfc4884 = 31;
constexpr int kIpv6FlowinfoSend = 33;
constexpr int kIpv6Recvhopopts = 53;
constexpr int kIpv6Recvrthdr = 56;
constexpr int kIpv6Recvdstopts = 58;
constexpr int kIpv6Recvpathmtu = 60;
constexpr int kIpv6Autoflowlabel = 70;
constexpr int kIpv6Minhopcount = 73;
constexpr int kIpv6Recvorigdstaddr = 74;
constexpr int kIpv6Transparent = 75;
constexpr int kIpv6UnicastIf = 76;
constexpr int kIpv6Recvfragsize = 77;
constexpr int kIpv6Freebind = 78;

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

// An option that is on or off.
struct Flag {
  int name;
  // The shortest value that is taken; less is EINVAL. With 0 an empty one is
  // off, and at level IPPROTO_IP a byte will do for an int.
  size_t least_bytes;
  bool strict = false;  // EINVAL but for 0 and 1
  bool initially = false;
};

constexpr Flag kIpFlags[] = {
    {loop::kIpRecvopts, 0},
    {kIpRetopts, 0},
    {loop::kIpPktinfo, 0},
    {loop::kIpRecverr, 0},
    {loop::kIpRecvttl, 0},
    {loop::kIpRecvtos, 0},
    {loop::kIpFreebind, 1},
    {kIpPasssec, 0},
    {loop::kIpTransparent, 1},
    {kIpRecvorigdstaddr, 0},
    {kIpChecksum, 0},
    {loop::kIpBindAddressNoPort, 0},
    {kIpRecvfragsize, 0},
    {kIpRecverrRfc4884, 0, true},
    {loop::kIpMulticastLoop, 1, false, true},
    {kIpMulticastAll, 1, true, true},
};

constexpr Flag kIp6Flags[] = {
    {kIpv62292Pktinfo, kIntBytes},
    {kIpv62292Hopopts, kIntBytes},
    {kIpv62292Dstopts, kIntBytes},
    {kIpv62292Rthdr, kIntBytes},
    {kIpv62292Hoplimit, kIntBytes},
    {kIpv6Flowinfo, kIntBytes},
    {loop::kIpv6MulticastLoop, kIntBytes, true, true},
    {loop::kIpv6Recverr, kIntBytes},
    {loop::kIpv6V6only, kIntBytes},
    {kIpv6MulticastAll, kIntBytes, false, true},
    {kIpv6RouterAlertIsolate, kIntBytes},
    {kIpv6RecverrRfc4884, kIntBytes, true},
    {kIpv6FlowinfoSend, kIntBytes},
    {loop::kIpv6Recvpktinfo, kIntBytes},
    {loop::kIpv6Recvhoplimit, kIntBytes},
    {kIpv6Recvhopopts, kIntBytes},
    {kIpv6Recvrthdr, kIntBytes},
    {kIpv6Recvdstopts, kIntBytes},
    {kIpv6Recvpathmtu, kIntBytes},
    {loop::kIpv6Dontfrag, 0},
    {loop::kIpv6Recvtclass, kIntBytes},
    {kIpv6Autoflowlabel, 0, false, true},
    {kIpv6Recvorigdstaddr, kIntBytes},
    {kIpv6Transparent, kIntBytes},
    {kIpv6Recvfragsize, 0},
    {kIpv6Freebind, kIntBytes},
};

const Flag* Find(absl::Span<const Flag> flags, int name) {
  for (const Flag& flag : flags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

// At level IPPROTO_IP a value shorter than an int is a byte, none is 0.
int IpNumber(absl::Span<const char> value) {
  int number = 0;
  if (TakeOption(value, &number) || value.empty()) return number;
  return static_cast<unsigned char>(value[0]);
}

// And so it is answered, where it fits.
Result<size_t> PutIpNumber(absl::Span<char> value, int number) {
  if (value.size() < kIntBytes && !value.empty() && number >= 0 &&
      number <= UINT8_MAX) {
    value[0] = static_cast<char>(number);
    return size_t{1};
  }
  return PutOption(value, number);
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

InetOptions::InetOptions(loop::Family family, int type, bool v6only)
    : family_(family), type_(static_cast<uint8_t>(type)) {
  for (const Flag& flag : kIpFlags) {
    ip_[static_cast<size_t>(flag.name)] = flag.initially;
  }
  for (const Flag& flag : kIp6Flags) {
    ip6_[static_cast<size_t>(flag.name)] = flag.initially;
  }
  // inet6_create() does not set it.
  if (family == loop::Family::kInet6) ip_[kIpMulticastAll] = false;
  ip6_[loop::kIpv6V6only] = v6only;
}

bool InetOptions::Answers(loop::Family family, int level) {
  return level == loop::kIpprotoIp ||
         (level == loop::kIpprotoIpv6 && family == loop::Family::kInet6);
}

Errno InetOptions::NoSuchLevel(loop::Family family, bool get) {
  return get && family == loop::Family::kInet ? Errno::kEOPNOTSUPP
                                              : Errno::kENOPROTOOPT;
}

int InetOptions::priority() const {
  // TC_PRIO_BESTEFFORT, BULK, INTERACTIVE, INTERACTIVE_BULK by the two upper
  // bits of the old type of service (RFC 1349).
  constexpr int kPriorities[] = {0, 2, 6, 4};
  return kPriorities[(tos_ & 0x18) >> 3];
}

// --- getsockopt(2)
// -----------------------------------------------------------

Result<size_t> InetOptions::Get(int level, int name, absl::Span<char> value,
                                const Facts& facts) const {
  return level == loop::kIpprotoIp ? GetIp(name, value, facts)
                                   : GetIp6(name, value, facts);
}

Result<size_t> InetOptions::GetIp(int name, absl::Span<char> value,
                                  const Facts& facts) const {
  if (Find(kIpFlags, name) != nullptr) return PutIpNumber(value, ip(name));
  switch (name) {
    case loop::kIpTos:
      return PutIpNumber(value, tos_);
    case loop::kIpTtl:
      return PutIpNumber(value, ttl());
    case loop::kIpMtuDiscover:
      return PutIpNumber(value, mtu_discover_);
    case loop::kIpMinttl:
      return PutIpNumber(value, least_ttl_);
    case loop::kIpMulticastTtl:
      return PutIpNumber(value, multicast_ttl_);
    case kIpUnicastIf:
      return PutIpNumber(value, static_cast<int>(unicast_interface_));
    case kIpLocalPortRange:
      return PutIpNumber(value, static_cast<int>(port_range_));
    case kIpHdrincl:
    case kIpNodefrag:
    case kIpRouterAlert:
    case kIpProtocol:
      return PutIpNumber(value, 0);
    case loop::kIpMulticastIf:
      return PutOption(value, multicast_address_);
    case loop::kIpOptions:
      return size_t{0};
    case kIpPktoptions:
      return stream() ? Result<size_t>(size_t{0}) : Errno::kENOPROTOOPT;
    case loop::kIpMtu:
      if (facts.mtu == 0) return Errno::kENOTCONN;
      return PutIpNumber(value, facts.mtu);
    default:
      return Errno::kENOPROTOOPT;
  }
}

Result<size_t> InetOptions::GetIp6(int name, absl::Span<char> value,
                                   const Facts& facts) const {
  if (name == kIpv6Transparent) {
    return PutOption(value, int{ip(loop::kIpTransparent)});
  }
  if (name == kIpv6Freebind) {
    return PutOption(value, int{ip(loop::kIpFreebind)});
  }
  if (Find(kIp6Flags, name) != nullptr) return PutOption(value, int{ip6(name)});
  switch (name) {
    case loop::kIpv6UnicastHops:
      return PutOption(value, hops());
    case loop::kIpv6MulticastHops:
      return PutOption(value, int{multicast_hops_});
    case loop::kIpv6MulticastIf:
      return PutOption(value, multicast_interface6_);
    case loop::kIpv6MtuDiscover:
      return PutOption(value, int{mtu_discover6_});
    case loop::kIpv6Tclass:
      return PutOption(value, int{traffic_class_});
    case kIpv6Minhopcount:
      return PutOption(value, int{least_hops_});
    case kIpv6UnicastIf:
      return PutOption(value, unicast_interface6_);
    case kIpv6RouterAlert:
      return PutOption(value, 0);
    case loop::kIpv6Mtu:
      if (facts.mtu == 0) return Errno::kENOTCONN;
      return PutOption(value, facts.mtu);
    default:
      return Errno::kENOPROTOOPT;
  }
}

// --- setsockopt(2)
// -----------------------------------------------------------

Result<void> InetOptions::Set(int level, int name, absl::Span<const char> value,
                              const Host& host, const Facts& facts) {
  return level == loop::kIpprotoIp ? SetIp(name, value, host)
                                   : SetIp6(name, value, facts);
}

Result<void> InetOptions::SetIp(int name, absl::Span<const char> value,
                                const Host& host) {
  const int number = IpNumber(value);
  if (const Flag* flag = Find(kIpFlags, name)) {
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
  if (const Flag* flag = Find(kIp6Flags, name)) {
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
