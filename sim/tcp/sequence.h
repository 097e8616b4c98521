// Sequence: TCP sequence numbers and their arithmetic modulo 2^32
// (RFC 9293 section 3.4).
#ifndef SIM_TCP_SEQUENCE_H_
#define SIM_TCP_SEQUENCE_H_

#include <cstdint>

namespace simloop::sim::tcp {

using Sequence = uint32_t;

// a < b and a <= b, as long as they lie less than 2^31 apart.
constexpr bool Before(Sequence a, Sequence b) {
  return static_cast<int32_t>(a - b) < 0;
}
constexpr bool AtOrBefore(Sequence a, Sequence b) { return !Before(b, a); }
// low <= x < high.
constexpr bool Within(Sequence low, Sequence x, Sequence high) {
  return AtOrBefore(low, x) && Before(x, high);
}

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_SEQUENCE_H_
