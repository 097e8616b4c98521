#include "sim/tcp/death_row.h"

#include "sim/host.h"
#include "sim/tcp/stack.h"
#include "sim/world.h"

namespace simloop::sim::tcp {

DeathRow::~DeathRow() {
  stack_.host().world().queue().Cancel(*this);
  while (first_ != nullptr) {
    const std::unique_ptr<TimeWait> first(first_);
    Unlink(*first);
  }
}

void DeathRow::Add(std::unique_ptr<TimeWait> time_wait, int64_t nanos) {
  Link(*time_wait.release(), nanos);
}

void DeathRow::Delay(TimeWait& time_wait, int64_t nanos) {
  Unlink(time_wait);
  Link(time_wait, nanos);
}

void DeathRow::End(TimeWait& time_wait) {
  const std::unique_ptr<TimeWait> ended(&time_wait);
  Unlink(time_wait);
  stack_.connections().Erase(time_wait);
  stack_.ports().Remove(time_wait.port_use());
}

void DeathRow::Clear() {
  while (first_ != nullptr) End(*first_);
}

void DeathRow::Fire() {
  End(*first_);
  Arm();
}

std::string DeathRow::Name() const { return first_->Name(stack_); }

uint32_t DeathRow::HostIndex() const { return stack_.host().index(); }

// From the end: mostly it is the last.
void DeathRow::Link(TimeWait& time_wait, int64_t nanos) {
  time_wait.ends_at_ = stack_.host().world().Now().PlusNanos(nanos);
  TimeWait* before = last_;
  while (before != nullptr && time_wait.ends_at_ < before->ends_at_) {
    before = before->previous_;
  }
  TimeWait* const behind = before == nullptr ? first_ : before->next_;
  time_wait.previous_ = before;
  time_wait.next_ = behind;
  (before == nullptr ? first_ : before->next_) = &time_wait;
  (behind == nullptr ? last_ : behind->previous_) = &time_wait;
  if (before == nullptr) Arm();
}

void DeathRow::Unlink(TimeWait& time_wait) {
  TimeWait* const before = time_wait.previous_;
  TimeWait* const behind = time_wait.next_;
  (before == nullptr ? first_ : before->next_) = behind;
  (behind == nullptr ? last_ : behind->previous_) = before;
}

void DeathRow::Arm() {
  if (first_ == nullptr) return;
  if (scheduled() && at() <= first_->ends_at_) return;
  stack_.host().world().queue().Schedule(*this, first_->ends_at_);
}

}  // namespace simloop::sim::tcp
