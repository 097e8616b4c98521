// Tabled: what a host's table of TCP connections points at, by its two
// endpoints: the Request that may become a Connection, a Connection, what is
// kept of one at rest, or the TIME-WAIT that is left of one.
#ifndef SIM_TCP_TABLED_H_
#define SIM_TCP_TABLED_H_

#include <cstdint>

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

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_TABLED_H_
