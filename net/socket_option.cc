// A socket's idle timeout and options.
#include "loop/socket_option.h"

#include <algorithm>

#include "loop/abi.h"
#include "net/socket.h"

namespace simloop::net {

// The timer is not moved at each activity; it looks when it fires.
void Socket::Touch() {
  if (!has_idle_) return;
  Extras& extras = *extras_;
  extras.last_activity = stack_->loop().Now();
  std::unique_ptr<loop::Timer>& timer = extras.idle_timer;
  if (timer != nullptr && timer->active()) {
    extras.activity_order = timer->TakeOrder();
    return;
  }
  if (timed_out_ && quirks().clumsy_timeouts) return;
  if (timer == nullptr) {
    timer = std::make_unique<loop::Timer>(stack_->loop(), [this] { OnIdle(); });
    timer->SetRef(quirks().clumsy_timeouts);
  }
  timer->Start(extras.idle);
}

void Socket::SetTimeout(absl::Duration idle,
                        absl::AnyInvocable<void()> listener) {
  if (stack_ == nullptr || destroyed_) return;
  idle = std::max(idle, absl::ZeroDuration());
  if (quirks().clumsy_timeouts && idle == absl::ZeroDuration()) return;
  has_idle_ = idle != absl::ZeroDuration();
  // With 0 Node takes the listener off again.
  if (has_idle_ && listener != nullptr) on.timeout.Once(std::move(listener));
  extras().idle = idle;
  if (extras_->idle_timer != nullptr) extras_->idle_timer->Stop();
  timed_out_ = false;
  if (!quirks().clumsy_timeouts || fd_.valid()) Touch();
}

void Socket::OnIdle() {
  const auto alive = shared_from_this();
  const loop::Instant now = stack_->loop().Now();
  const loop::Instant due = extras_->last_activity + extras_->idle;
  if (now < due) {
    extras_->idle_timer->StartAs(due, extras_->activity_order);
    return;
  }
  // A large write that makes progress is activity.
  if (writing_ && writable_bytes() != extras_->idle_unsent_bytes) {
    extras_->idle_unsent_bytes = writable_bytes();
    Touch();
    return;
  }
  timed_out_ = true;
  if (reader() != nullptr) reader()->OnTimeout();
  on.timeout.Emit();
}

void Socket::SetNoDelay(bool on) {
  no_delay_ = on;
  if (fd_.valid() && !connecting_) {
    (void)loop::SetIntOption(stack_->kernel(), fd_, loop::kIpprotoTcp,
                             loop::kTcpNodelay, on ? 1 : 0);
  }
}

void Socket::SetKeepAlive(bool on, absl::Duration idle) {
  keep_alive_ = on;
  if (idle != absl::ZeroDuration() || extras_ != nullptr) {
    extras().keep_alive_idle = idle;
  }
  if (!fd_.valid() || connecting_) return;
  (void)loop::SetIntOption(stack_->kernel(), fd_, loop::kSolSocket,
                           loop::kSoKeepalive, on ? 1 : 0);
  const int64_t seconds =
      absl::ToInt64Seconds(absl::Ceil(idle, absl::Seconds(1)));
  if (on && seconds > 0) {
    (void)loop::SetIntOption(stack_->kernel(), fd_, loop::kIpprotoTcp,
                             loop::kTcpKeepidle, static_cast<int>(seconds));
  }
}

void Socket::ApplyOptions() {
  if (no_delay_) SetNoDelay(true);
  if (!keep_alive_) return;
  SetKeepAlive(true, extras_ == nullptr ? absl::ZeroDuration()
                                        : extras_->keep_alive_idle);
}

}  // namespace simloop::net
