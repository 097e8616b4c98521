// Clock: where a loop reads the time. Implemented by sim::World (virtual time)
// and loop::MonotonicClock (clock_gettime(2), CLOCK_MONOTONIC).
#ifndef LOOP_CLOCK_H_
#define LOOP_CLOCK_H_

#include "loop/instant.h"

namespace simloop::loop {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back.
  virtual Instant Now() const = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_CLOCK_H_
