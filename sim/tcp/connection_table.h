// ConnectionTable: the connections of a host by their two ends (the ehash of
// Linux's tcp_hashinfo).
#ifndef SIM_TCP_CONNECTION_TABLE_H_
#define SIM_TCP_CONNECTION_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "sim/tcp/tabled.h"

namespace simloop::sim::tcp {

// A place of the table. Who stands there may change: it is the pair that names
// it.
struct TabledPlace {
  mutable Tabled* entry;
};

// Places are compared by the pairs they point at.
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

class ConnectionTable final {
 public:
  // Who stands between the two; null if nobody does.
  Tabled* Find(const Pair& pair) {
    last_ = places_.find(pair);
    found_ = last_ != places_.end();
    return found_ ? last_->entry : nullptr;
  }
  // Whoever stood between the two before has lost the place to it.
  void Insert(Tabled& entry) {
    if (IsLast(entry)) {
      last_->entry = &entry;
      return;
    }
    if (places_.size() == kFew && places_.capacity() < kRoom) {
      places_.reserve(kRoom);
    }
    found_ = false;
    places_.insert({&entry}).first->entry = &entry;
  }
  // Whatever stands there between the two.
  void Erase(const Pair& pair) {
    if (IsLast(pair)) {
      found_ = false;
      places_.erase(last_);
    } else {
      places_.erase(pair);
    }
  }

 private:
  // Looked up only, never walked: its order is salted.
  using Places = absl::flat_hash_set<TabledPlace, TabledHash, TabledEqual>;

  // Who leaves the table leaves a mark in it, and when it is full of them it is
  // put in order: with more than a few, room for many makes that rare.
  static constexpr size_t kFew = 64;
  static constexpr size_t kRoom = 3500;  // 36 KB

  bool IsLast(const Pair& pair) const {
    return found_ && static_cast<const Pair&>(*last_->entry) == pair;
  }

  Places places_;
  // Whom a segment is for is found, and then mostly it is he who goes, or makes
  // room for what comes of him.
  Places::iterator last_;
  bool found_ = false;  // it stands there still
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_CONNECTION_TABLE_H_
