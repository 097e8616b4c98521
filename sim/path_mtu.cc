#include "sim/path_mtu.h"

#include <algorithm>

namespace simloop::sim {

void PathMtu::Learn(loop::Ip address, uint32_t mtu, loop::Instant now) {
  known_[{address.high(), address.low()}] = {std::max(mtu, kLeast),
                                             now.PlusNanos(kExpiresNanos)};
}

uint32_t PathMtu::Bound(loop::Ip address, uint32_t mtu,
                        loop::Instant now) const {
  if (known_.empty()) return mtu;
  const auto found = known_.find({address.high(), address.low()});
  if (found == known_.end() || found->second.until <= now) return mtu;
  return std::min(mtu, found->second.mtu);
}

}  // namespace simloop::sim
