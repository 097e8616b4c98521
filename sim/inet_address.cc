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
// To all, and to all of 127.0.0.0/8.
constexpr loop::Ipv4 kBroadcast = {0xffffffff};
constexpr loop::Ipv4 kLoopbackBroadcast = {0x7fffffff};

}  // namespace

Errno CheckBindable(Family family, const Host& host,
                    const loop::Address& address, bool v6only) {
  if (family == Family::kInet) {
    if (address.size() < kInetBytes) return Errno::kEINVAL;
    // AF_UNSPEC is taken for 0.0.0.0 (__inet_bind()).
    const bool inet =
        address.family == Family::kInet ||
        (address.family == Family::kUnspecified && address.ip.is_any());
    if (!inet) return Errno::kEAFNOSUPPORT;
    if (address.ip.is_any() || host.IsLocal(address.ip)) return Errno::kOk;
    return Errno::kEADDRNOTAVAIL;
  }
  if (address.size() < kLeastInet6Bytes) return Errno::kEINVAL;
  if (address.family != Family::kInet6) return Errno::kEAFNOSUPPORT;
  if (address.ip.is_v4()) {
    if (v6only) return Errno::kEINVAL;
    if (address.ip.is_any() || host.IsLocal(address.ip)) return Errno::kOk;
    return Errno::kEADDRNOTAVAIL;
  }
  if (address.ip.is_multicast()) return Errno::kEINVAL;
  if (address.ip.is_any() || host.IsLocal(address.ip)) return Errno::kOk;
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
  }
  if (ip->is_multicast() || *ip == kBroadcast || *ip == kLoopbackBroadcast) {
    return Errno::kENETUNREACH;
  }
  return Errno::kOk;
}

}  // namespace simloop::sim
