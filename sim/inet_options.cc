#include "sim/inet_options.h"

#include <algorithm>
#include <cstring>

#include "sim/host.h"
#include "sim/inet_flags.h"
#include "sim/option_bytes.h"
#include "sim/option_names.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Result;

constexpr size_t kIntBytes = sizeof(int);

// At level IPPROTO_IP a number that fits in a byte is answered as one, where
// there is no room for more.
Result<size_t> PutIpNumber(absl::Span<char> value, int number) {
  if (value.size() < kIntBytes && !value.empty() && number >= 0 &&
      number <= UINT8_MAX) {
    value[0] = static_cast<char>(number);
    return size_t{1};
  }
  return PutOption(value, number);
}

}  // namespace

InetOptions::InetOptions(loop::Family family, int type, const HostOptions& host)
    : family_(family),
      type_(static_cast<uint8_t>(type)),
      default_ttl_(static_cast<uint8_t>(host.default_ttl)) {
  for (const InetFlag& flag : InetFlags(loop::kIpprotoIp)) {
    ip_[static_cast<size_t>(flag.name)] = flag.initially;
  }
  for (const InetFlag& flag : InetFlags(loop::kIpprotoIpv6)) {
    ip6_[static_cast<size_t>(flag.name)] = flag.initially;
  }
  // inet6_create() does not set it.
  if (family == loop::Family::kInet6) ip_[kIpMulticastAll] = false;
  ip6_[loop::kIpv6V6only] = host.bind_v6_only;
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
  if (FindInetFlag(loop::kIpprotoIp, name) != nullptr)
    return PutIpNumber(value, ip(name));
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
  if (FindInetFlag(loop::kIpprotoIpv6, name) != nullptr)
    return PutOption(value, int{ip6(name)});
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

}  // namespace simloop::sim
