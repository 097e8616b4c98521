// PathMtu: what a host has learnt of the MTUs on the way to others (RFC 1191,
// RFC 8201; ip(7), "path MTU discovery").
#ifndef SIM_PATH_MTU_H_
#define SIM_PATH_MTU_H_

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "loop/instant.h"
#include "loop/ip.h"

namespace simloop::sim {

class PathMtu final {
 public:
  // An ICMP error says that no more than `mtu` bytes go to `address`. It is
  // believed for net.ipv4.route.mtu_expires, and down to what IPv4 demands of
  // every link (RFC 791); Linux stops at net.ipv4.route.min_pmtu and lets
  // routers fragment below, which is not modelled.
  void Learn(loop::Ip address, uint32_t mtu, loop::Instant now);
  // `mtu`, or less.
  uint32_t Bound(loop::Ip address, uint32_t mtu, loop::Instant now) const;

 private:
  static constexpr int64_t kExpiresNanos = 600'000'000'000;
  static constexpr uint32_t kLeast = 68;

  struct Known {
    uint32_t mtu;
    loop::Instant until;
  };
  // Looked up only, never walked: its order is salted.
  absl::flat_hash_map<std::pair<uint64_t, uint64_t>, Known> known_;
};

}  // namespace simloop::sim

#endif  // SIM_PATH_MTU_H_
