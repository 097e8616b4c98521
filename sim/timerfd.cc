#include "sim/timerfd.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "sim/host.h"
#include "sim/world.h"

namespace simloop::sim {

using loop::Errno;

Timerfd::Timerfd(Host& host) : host_(host), number_(host.NextTimerfd()) {}

std::string Timerfd::Name() const {
  return absl::StrCat(host_.name(), ".timerfd#", number_);
}

uint32_t Timerfd::HostIndex() const { return host_.index(); }

void Timerfd::Forward() {
  if (!expired_ || interval_ <= absl::ZeroDuration()) return;
  const int64_t interval = absl::ToInt64Nanoseconds(interval_);
  const int64_t passed = host_.world().Now().nanos() - expired_at_.nanos();
  const int64_t missed = passed / interval;
  expirations_ += static_cast<uint64_t>(missed);
  expired_ = false;
  Arm(expired_at_.PlusNanos(missed * interval).PlusNanos(interval));
}

void Timerfd::Arm(loop::Instant end) {
  distant_ = end.infinite();
  if (distant_) return;
  host_.world().queue().Schedule(*this, end);
}

loop::TimerSpec Timerfd::Get() {
  Forward();
  loop::TimerSpec spec;
  spec.interval = interval_;
  const loop::Instant now = host_.world().Now();
  if (scheduled()) spec.value = at() - now;
  if (distant_) {
    spec.value =
        absl::Nanoseconds(loop::Instant::Infinite().nanos() - now.nanos());
  }
  return spec;
}

loop::TimerSpec Timerfd::Set(bool absolute, const loop::TimerSpec& spec) {
  World& world = host_.world();
  const loop::TimerSpec old = Get();
  world.queue().Cancel(*this);
  // An expiration that was not read is forgotten.
  expirations_ = 0;
  expired_ = distant_ = false;
  interval_ = spec.interval;
  if (spec.value > absl::ZeroDuration()) {
    const loop::Instant start = absolute ? loop::Instant() : world.Now();
    const loop::Instant end = start + spec.value;
    if (end <= world.Now()) {
      Expire(end);
    } else {
      Arm(end);
    }
  }
  return old;
}

void Timerfd::Expire(loop::Instant at) {
  ++expirations_;
  expired_ = true;
  expired_at_ = at;
  waiters_.Wake(loop::kEpollIn);
}

void Timerfd::Fire() { Expire(host_.world().Now()); }

uint32_t Timerfd::Readiness() { return expirations_ > 0 ? loop::kEpollIn : 0; }

loop::Result<size_t> Timerfd::Read(absl::Span<char> buffer) {
  if (buffer.size() < sizeof expirations_) return Errno::kEINVAL;
  if (expirations_ == 0) return Errno::kEAGAIN;
  Forward();
  std::memcpy(buffer.data(), &expirations_, sizeof expirations_);
  expirations_ = 0;
  return sizeof expirations_;
}

void Timerfd::Release() { host_.world().queue().Cancel(*this); }

}  // namespace simloop::sim
