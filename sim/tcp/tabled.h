// Tabled: what a host's table of TCP connections points at, by its two
// endpoints: the Request that may become a Connection, a Connection, what is
// kept of one at rest, or the TIME-WAIT that is left of one.
#ifndef SIM_TCP_TABLED_H_
#define SIM_TCP_TABLED_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "loop/address.h"

namespace simloop::sim::tcp {

// What names a connection, seen from one end (RFC 9293 section 4.1.1).
struct Pair {
  loop::Endpoint local;
  loop::Endpoint remote;
  bool operator==(const Pair&) const = default;
};

struct Tabled : Pair {
  enum class Kind : uint8_t { kRequest, kConnection, kDormant, kTimeWait };
  Tabled(const Pair& pair, Kind kind) : Pair(pair), kind(kind) {}
  const Kind kind;
};

// A place of the table. Who stands there may change: it is the pair that names
// it.
struct TabledPlace {
  mutable Tabled* entry;
};

// The table: places are compared by the pairs they point at.
struct TabledHash {
  using is_transparent = void;
  // Ephemeral ports, which are the higher ones, are taken in order: eight
  // connections that follow one another stand in one line of the cache. The
  // table goes by what is above the low seven bits, and tells those that meet
  // there by these.
  size_t operator()(const Pair& pair) const {
    constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 by the golden ratio
    constexpr uint64_t kTogether = 8;
    constexpr int kTagBits = 7;
    const uint64_t port = std::max(pair.local.port, pair.remote.port);
    const uint64_t fixed = std::min(pair.local.port, pair.remote.port);
    uint64_t hash = fixed << 16 | port / kTogether;
    for (const uint64_t word : {pair.remote.ip.low(), pair.remote.ip.high(),
                                pair.local.ip.low() ^ pair.local.ip.high()}) {
      hash = (hash ^ word) * kOdd;
      hash ^= hash >> 32;
    }
    const uint64_t tag = ((hash >> 50) + port * 19) % (1 << kTagBits);
    return (hash * kTogether + port % kTogether) << kTagBits | tag;
  }
  size_t operator()(const TabledPlace& place) const {
    return (*this)(*place.entry);
  }
};
struct TabledEqual {
  using is_transparent = void;
  static const Pair& Of(const Pair& pair) { return pair; }
  static const Pair& Of(const TabledPlace& place) { return *place.entry; }
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return Of(a) == Of(b);
  }
};
using ConnectionTable =
    // Looked up only, never walked: its order is salted.
    absl::flat_hash_set<TabledPlace, TabledHash, TabledEqual>;

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_TABLED_H_
