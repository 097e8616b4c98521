// A simulated process on the processor: stepping, parking, waiting.
#include "sim/kernel.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "sim/agenda.h"
#include "sim/epoll.h"
#include "sim/link.h"
#include "sim/world.h"

namespace simloop::sim {

namespace {

// Turns of a process that follow each other without a look at the queue.
constexpr int kTurnsAtOnce = 8;

}  // namespace

using loop::Errno;
using loop::Fd;

std::string Kernel::Wakeup::Name() const {
  return absl::StrCat(kernel_.host_.name(), ".wake#", kernel_.runs_ + 1);
}

Kernel::Kernel(Host& host)
    : host_(host),
      wakeup_jitter_nanos_(
          absl::ToInt64Nanoseconds(host.options().wakeup_jitter)),
      descriptors_(host.options().descriptor_limit),
      wakeup_(*this) {}

Kernel::~Kernel() {
  Halt();
  fiber_.reset();
  Exit();
}

void Kernel::Exit() {
  Halt();
  descriptors_.CloseAll();
  host_.RunSoftirq();
}

void Kernel::Start(Step step) {
  SIMLOOP_CHECK(step_ == nullptr, "a process is started once");
  step_ = std::move(step);
  WakeAt(host_.world().Now());
}

void Kernel::StartBlocking(absl::AnyInvocable<void()> body) {
  fiber_ = std::make_unique<Fiber>(std::move(body));
  Start([this] {
    if (!fiber_->done()) fiber_->Resume();
    return false;
  });
}

void Kernel::Wake() {
  SIMLOOP_CHECK(step_ != nullptr, "only a started process can be told");
  Unpark();
  ready_ = true;
  WakeAt(host_.world().Now());
}

void Kernel::Halt() {
  Unpark();
  host_.world().queue().Cancel(wakeup_);
}

void Kernel::Resume() {
  paused_ = false;
  if (due_ && parked_.has_value() && !ready_) {
    WakeFrom(host_.world().Now());
  } else if (due_) {
    WakeAt(host_.world().Now());
  }
  due_ = false;
}

void Kernel::Run() {
  if (paused_) {
    due_ = true;
    return;
  }
  World& world = host_.world();
  // Whose timer is due may be late as well as who has become ready.
  if (parked_.has_value() && !ready_) {
    const int64_t late = Lateness();
    ready_ = late > 0;
    if (ready_) {
      WakeAt(world.Now().PlusNanos(late));
      return;
    }
  }
  for (int more = kTurnsAtOnce;; --more) {
    Unpark();
    ready_ = false;
    ++runs_;
    if (!step_() || wakeup_.scheduled()) return;
    // What it did may have paused it.
    if (paused_) break;
    // Whatever else is due at this instant may come between two turns; so may
    // World::Run(), which sees when an instant does not end.
    if (more == 0 || !world.GoOn()) break;
  }
  WakeAt(world.Now());
}

void Kernel::WakeAt(loop::Instant until) {
  if (!until.infinite()) host_.world().queue().Schedule(wakeup_, until);
}

void Kernel::WakeFrom(loop::Instant from) {
  Agenda* const agenda = host_.world().agenda();
  if (agenda == nullptr || wakeup_jitter_nanos_ == 0 || from.infinite()) {
    WakeAt(from);
    return;
  }
  loop::Instant latest = from.PlusNanos(wakeup_jitter_nanos_);
  if (wakeup_.scheduled() && from <= host_.world().Now()) {
    // It was due: what comes now makes it no later.
    const Agenda::Window window = agenda->WindowOf(wakeup_);
    if (window.earliest <= from) latest = std::min(latest, window.latest);
  }
  agenda->Schedule(wakeup_, {from, latest}, from, ChoiceKind::kWakeup);
}

void Kernel::Park(WaitQueue& queue, File* file) {
  if (!parked_.has_value()) {
    parked_.emplace(*this, queue, file);
  } else {
    also_parked_.push_back(std::make_unique<Parking>(*this, queue, file));
  }
}

void Kernel::Unpark() {
  parked_.reset();
  also_parked_.clear();
}

void Kernel::BecomeReady() {
  if (ready_) return;
  ready_ = true;
  if (host_.world().agenda() != nullptr) {
    WakeFrom(host_.world().Now());
  } else {
    WakeAt(host_.world().Now().PlusNanos(Lateness()));
  }
}

int64_t Kernel::Lateness() {
  // Where time is in any order it is as late as it is.
  if (wakeup_jitter_nanos_ == 0 || host_.world().agenda() != nullptr) return 0;
  const uint32_t step = host_.world().Pick(
      ChoiceKind::kWakeup, Link::kDelaySteps, [&] { return wakeup_.Name(); });
  return wakeup_jitter_nanos_ / (Link::kDelaySteps - 1) * step;
}

loop::Instant Kernel::Deadline(absl::Duration timeout) const {
  if (timeout == absl::InfiniteDuration()) return loop::Instant::Infinite();
  return host_.clock().After(timeout);
}

bool Kernel::WaitAt(WaitQueue& queue, loop::Instant until) {
  World& world = host_.world();
  if (until <= world.Now()) return false;
  Park(queue, nullptr);
  WakeFrom(until);
  fiber_->Suspend();
  return world.Now() < until;
}

void Kernel::Sleep(absl::Duration time) {
  SIMLOOP_CHECK(can_wait(), "a stepped process does not sleep");
  WaitQueue nobody;
  const loop::Instant until = Deadline(time);
  while (WaitAt(nobody, until)) continue;
}

bool Kernel::Interrupted() {
  World& world = host_.world();
  if (!host_.options().freedoms.signals) return false;
  // Once at an instant: a signal that never ends is no freedom of the kernel's.
  if (interrupted_at_ == world.Now()) return false;
  ++waits_;
  const bool interrupted = world.Pick(ChoiceKind::kSignal, 2, [&] {
    return absl::StrCat(host_.name(), ".wait#", waits_);
  }) != 0;
  if (interrupted) interrupted_at_ = world.Now();
  return interrupted;
}

trace::RecordId Kernel::ReadyCause(Fd fd) const {
  File* file = descriptors_.Find(fd);
  return file == nullptr ? 0 : Epoll::ReadyCause(fd, *file);
}

}  // namespace simloop::sim
