// A socket's idle timeout and options.
#include "loop/socket_option.h"

#include <algorithm>

#include "loop/abi.h"
#include "net/socket.h"

namespace simloop::net {

// The timer is not moved at each activity; it looks when it fires.
void Socket::Touch() {
  if (settings_ == nullptr || settings_->idle == absl::ZeroDuration()) return;
  Settings& settings = *settings_;
  settings.last_activity = stack_->loop().Now();
  std::optional<loop::Timer>& timer = settings.idle_timer;
  if (timer.has_value() && timer->active()) return;
  if (timed_out_ && quirks_.clumsy_timeouts) return;
  if (!timer.has_value()) {
    timer.emplace(stack_->loop(), [this] { OnIdle(); });
    timer->SetRef(quirks_.clumsy_timeouts);
  }
  timer->Start(settings.idle);
}

void Socket::SetTimeout(absl::Duration idle, Event<>::Listener listener) {
  if (stack_ == nullptr || destroyed_) return;
  idle = std::max(idle, absl::ZeroDuration());
  if (quirks_.clumsy_timeouts && idle == absl::ZeroDuration()) return;
  if (listener != nullptr) on.timeout.Once(std::move(listener));
  settings().idle = idle;
  if (settings_->idle_timer.has_value()) settings_->idle_timer->Stop();
  timed_out_ = false;
  if (!quirks_.clumsy_timeouts || fd_.valid()) Touch();
}

void Socket::OnIdle() {
  const auto alive = shared_from_this();
  const loop::Instant now = stack_->loop().Now();
  const loop::Instant due = settings_->last_activity + settings_->idle;
  if (now < due) {
    settings_->idle_timer->Start(due - now);
    return;
  }
  // A large write that makes progress is activity.
  if (writing_ && unsent_bytes_ != settings_->idle_unsent_bytes) {
    settings_->idle_unsent_bytes = unsent_bytes_;
    Touch();
    return;
  }
  timed_out_ = true;
  if (protocol_ != nullptr) protocol_->OnTimeout();
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
  if (idle != absl::ZeroDuration() || settings_ != nullptr) {
    settings().keep_alive_idle = idle;
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
  SetKeepAlive(true, settings_ == nullptr ? absl::ZeroDuration()
                                          : settings_->keep_alive_idle);
}

}  // namespace simloop::net
