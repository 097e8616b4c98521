// Starting, stopping and firing of timers.
#include "loop/timer.h"

#include <algorithm>
#include <utility>

#include "loop/check.h"
#include "loop/event_loop.h"
#include "loop/event_loop_call.h"
#include "loop/running_callback.h"

namespace simloop::loop {

Timer::Timer(EventLoop& loop, Callback callback)
    : loop_(loop),
      callback_(std::move(callback)),
      owner_(loop.owner()),
      id_(loop.next_timer_id_++) {
  ++loop_.existing_timers_;
}

Timer::~Timer() {
  Stop();
  if (expired_ != 0) loop_.expired_[expired_ - 1] = nullptr;
  --loop_.existing_timers_;
  if (destroyed_ != nullptr) *destroyed_ = true;
}

void Timer::Start(absl::Duration delay, absl::Duration repeat) {
  if (!loop_.running_) loop_.UpdateTime();
  Stop();
  repeat_nanos_ = std::max<int64_t>(0, absl::ToInt64Nanoseconds(repeat));
  Enter(loop_.Now() + std::max(delay, absl::ZeroDuration()));
}

uint64_t Timer::TakeOrder() { return loop_.timers_.TakeOrder(); }

void Timer::StartAs(Instant due, uint64_t order) {
  SIMLOOP_CHECK(!active(), "the timer is started already");
  due_ = due;
  repeat_nanos_ = 0;
  loop_.timers_.Push(this, due, order);
  if (ref_) ++loop_.referenced_timers_;
}

void Timer::Stop() {
  if (active()) Leave();
}

void Timer::SetRef(bool ref) {
  if (active() && ref != ref_) {
    if (ref) {
      ++loop_.referenced_timers_;
    } else {
      --loop_.referenced_timers_;
    }
  }
  ref_ = ref;
}

void Timer::Enter(Instant due) {
  due_ = due;
  loop_.timers_.Push(this, due);
  if (ref_) ++loop_.referenced_timers_;
}

void Timer::Leave() {
  loop_.timers_.Remove(this);
  if (ref_) --loop_.referenced_timers_;
}

void Timer::Renew() {
  id_ = loop_.next_timer_id_++;
  owner_ = loop_.owner();
}

void Timer::Fire() {
  EventLoop& loop = loop_;  // this timer may be gone afterwards
  const LoopEvent event = {LoopEvent::Kind::kTimerFire, 0, Fd(), id_, 0};
  bool ok;
  {
    RunningCallback<Timer> running(this);
    ok = loop.Call(event, owner_, [&] { running.callback()(); });
  }
  loop.AfterCallback(ok);
}

}  // namespace simloop::loop
