// What both disciplines share: queues, time, the poll, and the end.
#include "loop/event_loop.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "loop/epoll_poller.h"

namespace simloop::loop {

using Kind = LoopEvent::Kind;

EventLoop::EventLoop(Kernel& kernel, const Clock& clock, Options options)
    : kernel_(kernel),
      clock_(clock),
      options_(options),
      poller_(std::make_unique<EpollPoller>(kernel, options.discipline)),
      watches_(*poller_, options.discipline),
      timeouts_(*this),
      now_(clock.Now()) {}

EventLoop::~EventLoop() {
  SIMLOOP_CHECK(!running_, "a callback destroys its own loop");
  // What a queued task owns may queue another as it is destroyed.
  for (TaskQueue* queue : {&ticks_, &microtasks_, &pending_, &immediates_,
                           &closing_, &closing_now_}) {
    while (!queue->empty()) queue->Pop();
  }
  timeouts_.Clear();
  const Fd watched = watches_.AnyWatched();
  SIMLOOP_CHECK(!watched.valid(),
                absl::StrCat("the loop is destroyed and descriptor ",
                             watched.number, " is still watched"));
  SIMLOOP_CHECK(timers_.empty(),
                absl::StrCat("the loop is destroyed and timer ",
                             timers_.first()->id_, " is still started"));
  SIMLOOP_CHECK(watchers_ == 0 && existing_timers_ == 0,
                absl::StrCat("the loop is destroyed before ", watchers_,
                             " watchers and ", existing_timers_, " timers"));
}

EventLoop::Turn EventLoop::RunOnce(Instant until) {
  SIMLOOP_CHECK(!running_, "a callback runs its own loop");
  struct Running {
    explicit Running(bool& flag) : flag(flag) { flag = true; }
    ~Running() { flag = false; }
    bool& flag;
  } running(running_);
  if (!entered_) Enter();
  // Queued by somebody else than a callback, as by a main() before the loop.
  RunTicks();
  // libev's loop tests at its end only, so it has one turn at least.
  if (stage_ == Stage::kBetween && !alive() && (modern() || turns_ > 0)) {
    return FinishTurn();
  }
  return modern() ? ModernTurn(until) : V0196Turn(until);
}

void EventLoop::Enter() {
  entered_ = true;
  if (modern()) DrainTicks();
  Report({Kind::kEnter});
  UpdateTime();
  if (modern()) RunTimers();
}

void EventLoop::BeginTurn() {
  exited_ = false;
  LoopEvent event = {Kind::kTurn};
  event.count = ++turns_;
  Report(event);
}

EventLoop::Turn EventLoop::FinishTurn() {
  stage_ = Stage::kBetween;
  if (alive()) return Turn::kRan;
  if (!std::exchange(exited_, true)) Report({Kind::kExit});
  return Turn::kDone;
}

bool EventLoop::Poll(Instant until) {
  watches_.Flush();
  const bool busy_now = busy();
  const Instant deadline =
      busy_now ? Instant() : std::min(timers_.due(), until);
  batch_next_ = 0;
  batch_ = {};  // the poller is about to write over it
  do {
    const absl::Duration timeout =
        deadline.infinite()
            ? absl::InfiniteDuration()
            : std::max(deadline - clock_.Now(), absl::ZeroDuration());
    batch_ = poller_->Wait(timeout);
    UpdateTime();
    // uv__io_poll() waits for the rest of the time after EINTR; epoll_poll()
    // of libev returns, and the turn ends with nothing to call.
  } while (modern() && poller_->interrupted() && deadline > now_);
  return !batch_.empty() || busy_now || timers_.due() <= now_ ||
         (!modern() && poller_->interrupted());
}

void EventLoop::Run() {
  stopped_ = false;
  while (RunOnce(Instant::Infinite()) != Turn::kDone && !stopped_) {
  }
}

void EventLoop::Stop() {
  SIMLOOP_CHECK(running_, "Stop() outside of a callback");
  stopped_ = true;
}

bool EventLoop::queued() const {
  if (!modern()) return tick_needed_;
  return !ticks_.empty() || !microtasks_.empty() || !pending_.empty() ||
         !immediates_.empty() || !closing_.empty();
}

bool EventLoop::alive() const {
  return watches_.referenced() > 0 || referenced_timers_ > 0 || queued();
}

// Whether the next poll must not wait.
bool EventLoop::busy() const { return queued() || !alive(); }

Instant EventLoop::NextWakeup() const {
  if (stage_ == Stage::kBetween && !alive()) {
    return entered_ ? Instant::Infinite() : now_;
  }
  // A turn that stands anywhere but in its poll goes on at once.
  if (stage_ != Stage::kPoll || busy() || watches_.changed()) return now_;
  return timers_.due();
}

void EventLoop::NextTick(Task&& task) {
  Report({Kind::kTickQueued});
  ticks_.Push(std::move(task), owner_);
  tick_needed_ = true;
}

void EventLoop::RequireModern() const {
  SIMLOOP_CHECK(modern(), "Node v0.1.96 has ticks and timers only");
}

void EventLoop::QueueMicrotask(Task&& task) {
  RequireModern();
  microtasks_.Push(std::move(task), owner_);
}

void EventLoop::SetImmediate(Task&& task) {
  RequireModern();
  immediates_.Push(std::move(task), owner_);
}

void EventLoop::QueuePending(Task&& task) {
  RequireModern();
  pending_.Push(std::move(task), owner_);
}

void EventLoop::QueueClose(Task&& task) {
  RequireModern();
  closing_.Push(std::move(task), owner_);
}

void EventLoop::SetTimeout(absl::Duration delay, Task task) {
  // Both of them re-read the clock here.
  UpdateTime();
  if (modern()) delay = std::max(delay, absl::Milliseconds(1));
  timeouts_.Start(delay, std::move(task));
}

void EventLoop::Forget(Fd fd) { watches_.Forget(fd); }

void EventLoop::UpdateTime() { now_ = clock_.Now(); }

Owner EventLoop::SetOwner(Owner owner) { return std::exchange(owner_, owner); }

void EventLoop::SetUncaughtHandler(
    absl::AnyInvocable<void(std::exception_ptr)> handler) {
  uncaught_handler_ = std::move(handler);
}

std::exception_ptr EventLoop::HandleUncaught(std::exception_ptr thrown) {
  if (!uncaught_handler_) return thrown;
  // It may set another handler.
  auto handler = std::move(uncaught_handler_);
  uncaught_handler_ = nullptr;
  std::exception_ptr again;
  try {
    handler(std::move(thrown));
  } catch (...) {
    again = std::current_exception();
  }
  if (!uncaught_handler_) uncaught_handler_ = std::move(handler);
  return again;
}

}  // namespace simloop::loop
