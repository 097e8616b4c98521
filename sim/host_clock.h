// HostClock: what the processes of a host read as CLOCK_MONOTONIC
// (clock_gettime(2)): the world's time, until a fault makes it drift or jump
// ahead. It never goes back.
#ifndef SIM_HOST_CLOCK_H_
#define SIM_HOST_CLOCK_H_

#include <cstdint>

#include "absl/time/time.h"
#include "loop/clock.h"
#include "loop/instant.h"

namespace simloop::sim {

class HostClock final : public loop::Clock {
 public:
  static constexpr int64_t kMillion = 1'000'000;

  explicit HostClock(const loop::Clock& world) : world_(world) {}

  loop::Instant Now() const override { return true_ ? world_.Now() : Local(); }
  // When the world has the time at which so much has passed here.
  loop::Instant After(absl::Duration time) const;
  // From now on it gains so many microseconds a second; below 0 it loses them.
  // REQUIRES: above -1,000,000.
  void SetDrift(int64_t ppm);
  // REQUIRES: not negative.
  void Jump(absl::Duration ahead);

 private:
  loop::Instant Local() const;
  void Anchor();

  const loop::Clock& world_;
  bool true_ = true;  // it is the world's
  int64_t ppm_ = 0;
  // It had this time when the world had that.
  loop::Instant here_;
  loop::Instant there_;
};

}  // namespace simloop::sim

#endif  // SIM_HOST_CLOCK_H_
