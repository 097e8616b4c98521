// The timers of SetTimeout().
#include "loop/timeouts.h"

#include <utility>

#include "loop/event_loop.h"
#include "loop/timer.h"

namespace simloop::loop {

struct Timeouts::Timeout {
  Timeout(EventLoop& loop, Timeouts& owner)
      : timer(loop, [this, &owner] {
          // Free before it runs: the task may start the next one.
          Task running = std::move(task);
          owner.free_.push_back(this);
          running();
        }) {}

  Timer timer;
  Task task;
};

Timeouts::Timeouts(EventLoop& loop) : loop_(loop) {}

Timeouts::~Timeouts() = default;

void Timeouts::Start(absl::Duration delay, Task task) {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Timeout>(loop_, *this));
    free_.push_back(all_.back().get());
  } else {
    free_.back()->timer.Renew();
  }
  Timeout* timeout = free_.back();
  free_.pop_back();
  timeout->task = std::move(task);
  timeout->timer.Start(delay);
}

void Timeouts::Clear() {
  // A task may own what starts another timeout as it is destroyed.
  while (!all_.empty()) {
    std::vector<std::unique_ptr<Timeout>> dropped = std::move(all_);
    all_.clear();
    free_.clear();
  }
}

}  // namespace simloop::loop
