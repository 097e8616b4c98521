// PortTable: which local addresses and ports are taken on a host, and by whom
// they may be shared (ip(7), SO_REUSEADDR of socket(7);
// inet_csk_bind_conflict() of Linux).
#ifndef SIM_TCP_PORT_TABLE_H_
#define SIM_TCP_PORT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "loop/address.h"

namespace simloop::sim::tcp {

// One holder of a port; intrusive: a connection, listener or TIME-WAIT has one.
struct PortUse {
  // 0.0.0.0 stands for all IPv4 addresses, :: for all of both families.
  loop::Ip ip;
  uint16_t port = 0;  // 0: holds none
  // :: stands for all IPv6 addresses alone (IPV6_V6ONLY of ipv6(7)).
  bool v6only : 1 = false;
  bool reuse : 1 = false;       // SO_REUSEADDR
  bool reuse_port : 1 = false;  // SO_REUSEPORT
  bool listening : 1 = false;
  // Taken by connect(2), not by bind(2): may be shared with others of the
  // same kind to other peers.
  bool automatic : 1 = false;
  // bind(2) named it: kept until the socket is closed (SOCK_BINDPORT_LOCK).
  // Others go when the connection ends, though the descriptor stays.
  bool locked : 1 = false;
  uint32_t index = 0;  // in the table's list of its port

  bool held() const { return port != 0; }
  // A packet to `ip` may be meant for it.
  bool Covers(const loop::Ip& other) const {
    if (ip == other) return true;
    if (!ip.is_any()) return false;
    return ip.is_v4() ? other.is_v4() : !other.is_v4() || !v6only;
  }
};

class PortTable final {
 public:
  // Whether `use` may hold its address and port beside those who do.
  bool Conflicts(const PortUse& use) const;
  // bind(2) or listen(2) has given `use`, which is in the table, its port:
  // what later ones are let in by (inet_csk_update_fastreuse()).
  void Settle(const PortUse& use);
  // Whether nobody at all holds the port.
  bool Unused(uint16_t port) const;
  // Whether only automatic uses hold it.
  bool OnlyAutomatic(uint16_t port) const;
  void Add(PortUse& use);
  // `now`, a copy of `before`, which is in the table, takes its place.
  void Replace(const PortUse& before, PortUse& now);
  // Does nothing if `use` holds no port; clears its port.
  void Remove(PortUse& use);

 private:
  // All that hold one port (struct inet_bind_bucket), and what of the last
  // one that was let in speaks for the next without looking at each.
  struct Bucket {
    std::vector<PortUse*> uses;
    // SO_REUSEPORT on all, or only since the last whose address `shared` is.
    enum class Sharing : uint8_t { kNone, kSameAddress, kAll };
    Sharing sharing = Sharing::kNone;
    PortUse shared;
  };

  // Most ports have one use, and no bucket.
  struct Holder {
    PortUse* only = nullptr;
    std::unique_ptr<Bucket> bucket;
    absl::Span<PortUse* const> uses() const {
      return bucket == nullptr ? absl::MakeConstSpan(&only, 1)
                               : absl::MakeConstSpan(bucket->uses);
    }
    Bucket& Widen();
  };


  static bool Shares(const Bucket& bucket, const PortUse& use);
  static bool Overlap(const PortUse& a, const PortUse& b) {
    return a.Covers(b.ip) || b.Covers(a.ip);
  }

  // Looked up only, never walked: its order is salted.
  using HolderMap = absl::flat_hash_map<uint16_t, Holder>;

  // REQUIRES: `use` stands in the table.
  HolderMap::iterator Find(const PortUse& use);

  HolderMap holders_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_PORT_TABLE_H_
