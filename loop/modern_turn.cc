// The turn of Node 20: uv_run() of libuv 1.46, and what Node does after each
// callback.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "loop/check.h"
#include "loop/event_loop.h"
#include "loop/event_loop_call.h"

namespace simloop::loop {
namespace {

using Kind = LoopEvent::Kind;

// uv_run(): rounds of the pending queue after the poll.
constexpr int kPendingRounds = 8;
// uv__io_poll(): how often it goes on when its array of events was full.
constexpr int kPollRounds = 48;
// So many descriptors are gathered at most: the first answer does not wait for
// a thousand callbacks, and what was read is in the cache still.
constexpr size_t kMostGathered = 64;

}  // namespace

EventLoop::Turn EventLoop::ModernTurn(Instant until) {
  // The stage is kept so that a parked turn, or one that an exception has
  // left, goes on where it stood.
  switch (stage_) {
    case Stage::kBetween:
      BeginTurn();
      stage_ = Stage::kPrepare;
      [[fallthrough]];
    case Stage::kPrepare:
      RunPending();
      stage_ = Stage::kPoll;
      [[fallthrough]];
    case Stage::kPoll:
      if (!PollAndDispatch(until)) return Turn::kParked;
      stage_ = Stage::kPending;
      [[fallthrough]];
    case Stage::kPending:
      for (int i = 0; i < kPendingRounds && !pending_.empty(); ++i) {
        RunPending();
      }
      stage_ = Stage::kCheck;
      [[fallthrough]];
    case Stage::kCheck:
      RunImmediates();
      stage_ = Stage::kClosing;
      [[fallthrough]];
    case Stage::kClosing:
      RunClosing();
      stage_ = Stage::kTimers;
      [[fallthrough]];
    case Stage::kTimers:
      UpdateTime();
      RunTimers();
  }
  return FinishTurn();
}

bool EventLoop::PollAndDispatch(Instant until) {
  int rounds = kPollRounds;
  RunReady();  // what an exception has left
  while (true) {
    if (batch_next_ == batch_.size()) {
      const bool again = rounds < kPollRounds;
      // Again: only for what is there already.
      if (!Poll(again ? Instant() : until)) return again;
      if (batch_.empty()) return true;
    }
    // When nothing of it concerned anybody, the poll goes on.
    if (Dispatch() && (!poller_->full() || --rounds == 0)) return true;
  }
}

// Hands out what the poll reported. False: nobody was called.
bool EventLoop::Dispatch() {
  if (!options_.gathers) return DispatchUntil(batch_.size());
  bool called = false;
  while (batch_next_ < batch_.size()) {
    if (DispatchGathered()) called = true;
    // As behind the callbacks that have written.
    if (after_batch_ != nullptr) AfterCallback(true);
  }
  return called;
}

bool EventLoop::DispatchGathered() {
  const size_t left = batch_.size() - batch_next_;
  const size_t end = batch_next_ + std::min(left, kMostGathered);
  // With one there is little to gain: it does as in libuv.
  gathering_ = left > 1 && after_batch_ != nullptr;
  if (gathering_) ReadAhead(end);
  // Also when an exception leaves a callback.
  const absl::Cleanup after = [this] {
    if (!std::exchange(gathering_, false)) return;
    hung_up_ = false;
    after_batch_();
  };
  return DispatchUntil(end);
}

void EventLoop::ReadAhead(size_t end) {
  for (size_t i = batch_next_; i < end; ++i) {
    if (!batch_[i].fd.valid()) continue;
    Watch* const only = watches_.first(batch_[i].fd);
    if (only == nullptr || only->next_ != nullptr || !only->split_) continue;
    if ((only->active_ & batch_[i].interest & kReadable) != 0) {
      only->ReadAhead();
    }
  }
}

bool EventLoop::DispatchUntil(size_t end) {
  bool called = false;
  while (batch_next_ < end) {
    const Ready ready = batch_[batch_next_++];
    // Invalid: an earlier callback of this batch has closed it.
    if (ready.fd.valid() && DispatchTo(ready.fd, ready.interest)) {
      called = true;
    }
  }
  return called;
}

bool EventLoop::DispatchTo(Fd fd, Interest interest) {
  hung_up_ = (interest & kHungUp) != 0;
  if (watches_.first(fd) == nullptr) {
    // All its watchers were stopped, and epoll was not told until now.
    poller_->Remove(fd);
    return false;
  }
  Watch* const only = watches_.first(fd);
  const Interest only_hit = only->active_ & interest;
  if (only->next_ == nullptr &&
      (!only->split_ || only_hit != (kReadable | kWritable))) {
    // The common case needs no queue.
    if (only_hit != 0) only->Fire(*this, only_hit);
    return only_hit != 0;
  }
  // uv__stream_io(): reading comes before writing.
  for (const bool reads : {true, false}) {
    const auto first = static_cast<std::ptrdiff_t>(ready_.size());
    for (Watch* watcher = watches_.first(fd); watcher != nullptr;
         watcher = watcher->next_) {
      Interest hit = watcher->active_ & interest;
      if (watcher->split_) {
        hit &= reads ? kReadable : kWritable;
      } else if (((watcher->active_ & kReadable) != 0) != reads) {
        continue;
      }
      if (hit != 0) ready_.push_back({watcher, hit});
    }
    std::reverse(ready_.begin() + first, ready_.end());
  }
  for (size_t i = 0; i < ready_.size(); ++i) {
    ready_[i].watcher->MarkQueued(i, ready_[i].ready);
  }
  return RunReady();
}

// Calls the watchers of ready_. False: there are none, or all were taken back.
bool EventLoop::RunReady() {
  bool called = false;
  while (ready_next_ < ready_.size()) {
    const ReadyWatcher next = ready_[ready_next_++];
    if (next.watcher == nullptr) continue;
    next.watcher->Unqueue(next.ready);
    called = true;
    next.watcher->Fire(*this, next.ready);
  }
  ready_.clear();
  ready_next_ = 0;
  return called;
}

// uv__run_pending(): those that are queued now; theirs are for the next round.
void EventLoop::RunPending() {
  for (size_t left = pending_.size(); left > 0; --left) {
    RunTask(Kind::kPendingFire, pending_.Pop());
  }
}

// processImmediate(): likewise.
void EventLoop::RunImmediates() {
  for (size_t left = immediates_.size(); left > 0; --left) {
    RunTask(Kind::kImmediateFire, immediates_.Pop());
  }
}

// uv__run_closing_handles(): likewise, and the last comes first.
void EventLoop::RunClosing() {
  if (closing_now_.empty()) closing_now_.Swap(closing_);
  while (!closing_now_.empty()) {
    RunTask(Kind::kCloseFire, closing_now_.PopBack());
  }
}

void EventLoop::RunTimers() {
  // A timer that is started meanwhile is not due in this phase, though the
  // clock be read again or stand still.
  const Instant now = now_;
  const uint64_t limit = timers_.next_order();
  while (timers_.due() <= now && timers_.first_order() < limit) {
    Timer* timer = timers_.first();
    timer->Leave();
    if (timer->repeat_nanos_ > 0) {
      timer->Enter(now_.PlusNanos(timer->repeat_nanos_));
    }
    timer->Fire();
  }
}

void EventLoop::RunTask(Kind kind, TaskQueue::Entry entry) {
  bool ok = true;
  if (entry.task) ok = Call({kind}, entry.owner, entry.task);
  entry.task = nullptr;  // what it owns goes before the ticks run
  AfterCallback(ok);
}

bool EventLoop::AfterCallback(bool ok) {
  if (!modern()) return ok;
  if (ok) return (ticks_.empty() && microtasks_.empty()) || DrainTicks();
  // process._fatalException: "make sure any ticks get processed".
  immediates_.Push(nullptr, 0);
  return false;
}

// processTicksAndRejections().
bool EventLoop::DrainTicks() {
  while (true) {
    while (!ticks_.empty()) {
      TaskQueue::Entry entry = ticks_.Pop();
      if (!Call({Kind::kTickFire}, entry.owner, entry.task)) {
        immediates_.Push(nullptr, 0);
        return false;
      }
    }
    if (microtasks_.empty()) return true;
    // An exception in one does not keep the others.
    while (!microtasks_.empty()) {
      TaskQueue::Entry entry = microtasks_.Pop();
      static_cast<void>(Call({Kind::kTickFire}, entry.owner, entry.task));
    }
  }
}

}  // namespace simloop::loop
