// The turn of Node v0.1.96: ev_loop() of libev 3.9, with Node's one prepare
// watcher (the tick) and its idle watcher (the poll does not wait for a tick).
#include <algorithm>

#include "loop/check.h"
#include "loop/event_loop.h"
#include "loop/event_loop_call.h"

namespace simloop::loop {

using Kind = LoopEvent::Kind;

EventLoop::Turn EventLoop::V0196Turn(Instant until) {
  if (stage_ == Stage::kBetween) {
    BeginTurn();
    stage_ = Stage::kPrepare;
  }
  if (stage_ == Stage::kPrepare) {
    // An exception that leaves the tick leaves the stage behind, too: the
    // rest of the run is stranded in any case.
    stage_ = Stage::kPoll;
    RunTickQueueOnce();
  }
  if (stage_ == Stage::kPoll) {
    if (!Poll(until)) return Turn::kParked;
    QueueReadyAndExpired();
    stage_ = Stage::kPending;
  }
  RunReadyAndExpired();
  return FinishTurn();
}

// process._tickCallback: the length is taken once.
void EventLoop::RunTickQueueOnce() {
  if (!tick_needed_) return;
  tick_needed_ = false;
  LoopEvent event = {Kind::kTicks};
  event.count = ticks_.size();
  Report(event);
  for (uint64_t left = event.count; left > 0; --left) {
    TaskQueue::Entry entry = ticks_.Pop();
    if (!Call({Kind::kTickFire}, entry.owner, entry.task)) return;
  }
}

void EventLoop::QueueReadyAndExpired() {
  for (const Ready& ready : batch_) {
    if (!ready.fd.valid()) continue;
    for (Watch* watcher = watches_.first(ready.fd); watcher != nullptr;
         watcher = watcher->next_) {
      Interest hits[2];
      const int count = watcher->Hits(ready.interest, hits);
      for (int i = 0; i < count; ++i) {
        watcher->MarkQueued(ready_.size(), hits[i]);
        ready_.push_back({watcher, hits[i]});
      }
    }
  }
  batch_ = {};
  // One that repeats is due again at once if it is late: not in this turn.
  const uint64_t limit = timers_.next_order();
  while (timers_.due() <= now_ && timers_.first_order() < limit) {
    Timer* timer = timers_.first();
    timer->Leave();
    if (timer->repeat_nanos_ > 0) {
      timer->Enter(std::max(timer->due_.PlusNanos(timer->repeat_nanos_), now_));
    }
    expired_.push_back(timer);
    timer->expired_ = static_cast<uint32_t>(expired_.size());
  }
}

// ev_invoke_pending(): the last queued first. Timers are queued last, and such
// that they come in the order of expiry.
void EventLoop::RunReadyAndExpired() {
  while (expired_next_ < expired_.size()) {
    Timer* timer = expired_[expired_next_++];
    if (timer == nullptr) continue;
    timer->expired_ = 0;
    timer->Fire();
  }
  expired_.clear();
  expired_next_ = 0;
  while (!ready_.empty()) {
    const ReadyWatcher last = ready_.back();
    ready_.pop_back();
    if (last.watcher == nullptr) continue;
    last.watcher->Unqueue(last.ready);
    last.watcher->Fire(*this, last.ready);
  }
}

}  // namespace simloop::loop
