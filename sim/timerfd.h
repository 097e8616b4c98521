// Timerfd: a timer of virtual time as a file (timerfd_create(2)). All of its
// clocks are the world's, which counts from 0.
#ifndef SIM_TIMERFD_H_
#define SIM_TIMERFD_H_

#include <cstdint>
#include <string>

#include "loop/kernel.h"
#include "sim/event.h"
#include "sim/file.h"

namespace simloop::sim {

class Host;

class Timerfd final : public File, public Event {
 public:
  explicit Timerfd(Host& host);

  // timerfd_settime(2), timerfd_gettime(2); `absolute` is TFD_TIMER_ABSTIME. A
  // time that has passed already expires at once; TFD_TIMER_CANCEL_ON_SET has
  // no effect, for nobody sets the clock.
  loop::TimerSpec Set(bool absolute, const loop::TimerSpec& spec);
  loop::TimerSpec Get();

  uint32_t Readiness() override;
  WaitQueue& waiters() override { return waiters_; }
  // The number of expirations in 8 bytes; EINVAL for less, EAGAIN for none.
  loop::Result<size_t> Read(absl::Span<char> buffer) override;
  loop::Result<size_t> Write(absl::Span<const char>) override {
    return loop::Errno::kEINVAL;
  }
  bool can_write() const override { return false; }
  void Release() override;
  Timerfd* AsTimerfd() override { return this; }

  void Fire() override;
  std::string Name() const override;
  uint32_t HostIndex() const override;

 private:
  void Arm(loop::Instant end);
  void Expire(loop::Instant at);
  // Starts an interval timer again after what has passed of it.
  void Forward();

  Host& host_;
  const uint32_t number_;  // of its host, for Name()
  absl::Duration interval_;
  uint64_t expirations_ = 0;
  // It went off and was not started again yet: an interval timer that nobody
  // reads wakes nobody twice (fs/timerfd.c).
  bool expired_ = false;
  loop::Instant expired_at_;
  // It is armed for the end of time, and never goes off (KTIME_MAX).
  bool distant_ = false;
  WaitQueue waiters_;
};

}  // namespace simloop::sim

#endif  // SIM_TIMERFD_H_
