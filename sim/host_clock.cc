#include "sim/host_clock.h"

#include "loop/check.h"

namespace simloop::sim {
namespace {

// a * b / c, in parts, lest hours overflow; for a, b >= 0, c > 0.
int64_t Scaled(int64_t a, int64_t b, int64_t c) {
  return a / c * b + a % c * b / c;
}

}  // namespace

loop::Instant HostClock::Local() const {
  const int64_t passed = world_.Now().nanos() - there_.nanos();
  return here_.PlusNanos(Scaled(passed, kMillion + ppm_, kMillion));
}

loop::Instant HostClock::After(absl::Duration time) const {
  const loop::Instant now = world_.Now();
  if (ppm_ == 0) return now + time;
  const loop::Instant end = Now() + time;
  if (end.infinite()) return end;
  // Rounded up: a timer does not go off before its time.
  const int64_t left = end.nanos() - here_.nanos();
  return there_.PlusNanos(Scaled(left, kMillion, kMillion + ppm_) + 1);
}

void HostClock::Anchor() {
  here_ = Now();
  there_ = world_.Now();
  true_ = false;
}

void HostClock::SetDrift(int64_t ppm) {
  SIMLOOP_CHECK(ppm > -kMillion, "a clock does not go back");
  Anchor();
  ppm_ = ppm;
}

void HostClock::Jump(absl::Duration ahead) {
  SIMLOOP_CHECK(ahead >= absl::ZeroDuration(), "a clock does not go back");
  Anchor();
  here_ = here_ + ahead;
}

}  // namespace simloop::sim
