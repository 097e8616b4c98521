// Instant: a point of time on a Clock's axis, in nanoseconds since that
// clock's start. Virtual time in a simulation, CLOCK_MONOTONIC when live; it
// is never wall-clock time.
#ifndef LOOP_INSTANT_H_
#define LOOP_INSTANT_H_

#include <compare>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace simloop::loop {

class Instant final {
 public:
  constexpr Instant() = default;
  static constexpr Instant FromNanos(int64_t nanos) { return Instant(nanos); }
  // Later than every other instant: "never".
  static constexpr Instant Infinite() {
    return Instant(std::numeric_limits<int64_t>::max());
  }

  constexpr int64_t nanos() const { return nanos_; }
  constexpr bool infinite() const { return *this == Infinite(); }
  auto operator<=>(const Instant&) const = default;

  // Saturates at Infinite(); a fraction of a nanosecond is dropped.
  friend Instant operator+(Instant at, absl::Duration d) {
    return at.PlusNanos(absl::ToInt64Nanoseconds(d));
  }
  // Saturates at Infinite().
  constexpr Instant PlusNanos(int64_t nanos) const {
    if (infinite() || nanos > std::numeric_limits<int64_t>::max() - nanos_) {
      return Infinite();
    }
    return Instant(nanos_ + nanos);
  }
  // absl::InfiniteDuration() if `a` is Infinite().
  friend absl::Duration operator-(Instant a, Instant b) {
    return a.infinite() ? absl::InfiniteDuration()
                        : absl::Nanoseconds(a.nanos_ - b.nanos_);
  }

 private:
  constexpr explicit Instant(int64_t nanos) : nanos_(nanos) {}
  int64_t nanos_ = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_INSTANT_H_
