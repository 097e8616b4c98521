#include "sim/inet_flags.h"

#include "loop/abi.h"
#include "sim/option_names.h"

namespace simloop::sim {
namespace {

constexpr size_t kIntBytes = sizeof(int);

constexpr InetFlag kIpFlags[] = {
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

constexpr InetFlag kIp6Flags[] = {
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

}  // namespace

absl::Span<const InetFlag> InetFlags(int level) {
  if (level == loop::kIpprotoIp) return kIpFlags;
  return kIp6Flags;
}

const InetFlag* FindInetFlag(int level, int name) {
  for (const InetFlag& flag : InetFlags(level)) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

}  // namespace simloop::sim
