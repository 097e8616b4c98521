// ManualClock: a clock that stands still until a test moves it.
#ifndef TESTS_LOOP_MANUAL_CLOCK_H_
#define TESTS_LOOP_MANUAL_CLOCK_H_

#include "absl/time/time.h"
#include "loop/check.h"
#include "loop/clock.h"

namespace simloop::loop {

class ManualClock final : public Clock {
 public:
  Instant Now() const override { return now_; }
  void Advance(absl::Duration by) { now_ = now_ + by; }
  void Set(Instant now) {
    SIMLOOP_CHECK(now >= now_, "time does not go back");
    now_ = now;
  }

 private:
  Instant now_ = Instant::FromNanos(1000000000);
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_MANUAL_CLOCK_H_
