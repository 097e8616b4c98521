#include "sim/inet_address.h"

#include <cstddef>

#include "sim/host.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Family;

constexpr size_t kInetBytes = 16;
// SIN6_LEN_RFC2133: sockaddr_in6 without its scope.
constexpr size_t kLeastInet6Bytes = 24;
constexpr loop::Ipv4 kBroadcast = {0xffffffff};

// inet_addr_valid_or_nonlocal().
bool ValidInet(const Binder& binder, const Host& host, loop::Ip ip) {
  return binder.nonlocal || ip.is_any() || host.IsLocal(ip) ||
         ip.is_multicast() || IsBroadcast(ip);
}

Errno CheckInetBindable(const Binder& binder, const Host& host,
                        const loop::Address& address) {
  if (address.size() < kInetBytes) return Errno::kEINVAL;
  // AF_UNSPEC is taken for 0.0.0.0 (__inet_bind()).
  const bool inet =
      address.family == Family::kInet ||
      (address.family == Family::kUnspecified && address.ip.is_any());
  if (!inet) return Errno::kEAFNOSUPPORT;
  if (!ValidInet(binder, host, address.ip)) return Errno::kEADDRNOTAVAIL;
  return binder.settled ? Errno::kEINVAL : Errno::kOk;
}

Errno FindInet6Route(const Host& host, loop::Ip to, loop::Ip source,
                     Route* route) {
  if (to == loop::Ip::Any6()) to = loop::Ip::Loopback6();
  if (source.is_v4()) return Errno::kEAFNOSUPPORT;
  if (to.is_multicast() || NeedsScope(to) || !host.Routes(to)) {
    return Errno::kENETUNREACH;
  }
  if (source.is_any()) source = host.SourceFor(to);
  *route = {to, source};
  return Errno::kOk;
}

}  // namespace

bool NeedsScope(loop::Ip ip) {
  if (ip.is_v4()) return false;
  const uint64_t scope = ip.high() >> 48 & 0xf;
  return ip.is_multicast() ? scope == 1 || scope == 2
                           : ip.high() >> 54 == 0xfe80 >> 6;
}

bool BindsV6only(const loop::Address& address) {
  return address.family == Family::kInet6 && !address.ip.is_v4() &&
         !address.ip.is_any();
}

Errno CheckBindable(const Binder& binder, const Host& host,
                    const loop::Address& address) {
  if (binder.family == Family::kInet) {
    return CheckInetBindable(binder, host, address);
  }
  if (address.size() < kLeastInet6Bytes) return Errno::kEINVAL;
  if (address.family != Family::kInet6) return Errno::kEAFNOSUPPORT;
  const loop::Ip ip = address.ip;
  if (binder.settled) return Errno::kEINVAL;
  if (ip.is_v4()) {
    if (binder.v6only) return Errno::kEINVAL;
    return ValidInet(binder, host, ip) ? Errno::kOk : Errno::kEADDRNOTAVAIL;
  }
  if (NeedsScope(ip)) return Errno::kEINVAL;
  if (ip.is_multicast()) {
    return binder.stream ? Errno::kEINVAL : Errno::kOk;
  }
  if (binder.nonlocal || ip.is_any() || host.IsLocal(ip)) return Errno::kOk;
  return Errno::kEADDRNOTAVAIL;
}

Errno CheckConnectable(Family family, const loop::Address& address, bool v6only,
                       loop::Ip* ip) {
  *ip = address.ip;
  if (family == Family::kInet) {
    if (address.size() < kInetBytes) return Errno::kEINVAL;
    if (address.family != Family::kInet) return Errno::kEAFNOSUPPORT;
    *ip = address.ip.v4();
    if (ip->is_any()) *ip = loop::Ipv4::Loopback();
  } else {
    if (address.size() < kLeastInet6Bytes) return Errno::kEINVAL;
    if (address.family != Family::kInet6) return Errno::kEAFNOSUPPORT;
    if (*ip == loop::Ip::Any6()) *ip = loop::Ip::Loopback6();
    if (ip->is_v4() && v6only) return Errno::kENETUNREACH;
    if (ip->is_v4() && ip->is_any()) *ip = loop::Ipv4::Loopback();
    if (!ip->is_multicast() && NeedsScope(*ip)) return Errno::kEINVAL;
  }
  if (ip->is_multicast() || IsBroadcast(*ip)) return Errno::kENETUNREACH;
  return Errno::kOk;
}

Errno FindRoute(const Host& host, loop::Ip to, loop::Ip source, Route* route) {
  if (!to.is_v4()) return FindInet6Route(host, to, source, route);
  const bool chosen = !source.is_any();
  if (!chosen && IsOrdinary(to)) {
    if (!host.Routes(to)) return Errno::kENETUNREACH;
    *route = {to, host.address()};
    return Errno::kOk;
  }
  // To nowhere is to oneself.
  if (to.is_any()) to = chosen ? source : loop::Ip(loop::Ipv4::Loopback());
  if (to.is_multicast() || to == kBroadcast) {
    // Only the source says which interface is meant.
    if (!chosen) return Errno::kENETUNREACH;
    *route = {to, source};
    return Errno::kOk;
  }
  if (!host.Routes(to)) return Errno::kENETUNREACH;
  if (!chosen) source = host.SourceFor(to);
  if (source.is_loopback() && !host.IsLocal(to)) return Errno::kEINVAL;
  *route = {to, source};
  return Errno::kOk;
}

}  // namespace simloop::sim
