// PortTable: which local addresses and ports are taken on a host, and by whom
// they may be shared (ip(7), SO_REUSEADDR of socket(7);
// inet_csk_bind_conflict() of Linux).
#ifndef SIM_TCP_PORT_TABLE_H_
#define SIM_TCP_PORT_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/container/inlined_vector.h"
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
  uint32_t index = 0;  // in the table's Bucket of its port

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
  bool Unused(uint16_t port) const {
    const Holder* const holder = Find(port);
    return holder == nullptr || holder->empty();
  }
  // Whether only automatic uses hold it, or nobody.
  bool OnlyAutomatic(uint16_t port) const {
    const Holder* const holder = Find(port);
    return holder == nullptr || holder->empty() || holder->only_automatic();
  }
  void Add(PortUse& use);
  // `now`, a copy of `before`, which is in the table, takes its place.
  void Replace(const PortUse& before, PortUse& now);
  // Does nothing if `use` holds no port; clears its port.
  void Remove(PortUse& use);

 private:
  // How the last one that was let in speaks for the next, without looking at
  // each: SO_REUSEPORT on all, or only since the last, whose address it is.
  enum class Sharing : uint8_t { kNone, kSameAddress, kAll };
  struct Settled {
    Sharing sharing = Sharing::kNone;
    PortUse last;
  };
  // All that hold one port (struct inet_bind_bucket).
  struct Bucket {
    absl::InlinedVector<PortUse*, 5> uses;
    uint32_t bound = 0;                // of them: taken by bind(2)
    std::unique_ptr<Settled> settled;  // null: by connect(2) only
  };
  // Nobody, or one use, as for most ports, or a Bucket. Whether connect(2) may
  // take the port, too, stands here, so that no use is looked at for that:
  // there are as many as connections, and most are in no cache.
  class Holder final {
   public:
    Holder() = default;
    ~Holder() { Clear(); }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

    bool empty() const { return only_ == nullptr; }
    bool only_automatic() const { return only_automatic_; }
    // Null if there is none.
    Bucket* bucket() const { return wide_ ? bucket_ : nullptr; }
    PortUse* only() const { return wide_ ? nullptr : only_; }
    void SetOnly(PortUse* use);
    // Makes it one, if it is none. REQUIRES: not empty.
    Bucket& Widen();
    // Bucket::bound has changed.
    void Count() { only_automatic_ = bucket_->bound == 0; }
    void Clear();

   private:
    union {
      PortUse* only_ = nullptr;
      Bucket* bucket_;
    };
    bool wide_ = false;
    bool only_automatic_ = false;
  };

  static bool Shares(const Bucket& bucket, const PortUse& use);
  static bool Overlap(const PortUse& a, const PortUse& b) {
    return a.Covers(b.ip) || b.Covers(a.ip);
  }
  // Null if nobody holds any port near it.
  const Holder* Find(uint16_t port) const {
    const Page* const page = pages_[port / kPage].get();
    return page == nullptr ? nullptr : &(*page)[port % kPage];
  }
  // REQUIRES: `use` stands in the table.
  Holder& HolderOf(const PortUse& use);

  // By number: ports are taken in order, and so stand in the cache together.
  static constexpr size_t kPage = 256;
  using Page = std::array<Holder, kPage>;
  std::unique_ptr<Page> pages_[65536 / kPage];
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_PORT_TABLE_H_
