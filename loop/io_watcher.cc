// Starting, stopping and firing of descriptor watchers.
#include "loop/io_watcher.h"

#include <utility>

#include "loop/check.h"
#include "loop/event_loop.h"
#include "loop/event_loop_call.h"
#include "loop/running_callback.h"

namespace simloop::loop {

IoWatcher::IoWatcher(EventLoop& loop, Callback callback)
    : IoWatcher(loop, std::make_unique<Callback>(std::move(callback)),
                nullptr) {}

IoWatcher::IoWatcher(EventLoop& loop, ReadyListener& listener)
    : IoWatcher(loop, nullptr, &listener) {}

IoWatcher::IoWatcher(EventLoop& loop, std::unique_ptr<Callback> callback,
                     ReadyListener* listener)
    : loop_(loop),
      listener_(listener),
      callback_(std::move(callback)),
      id_(loop.next_watcher_id_++),
      owner_(loop.owner()) {
  ++loop_.watchers_;
}

IoWatcher::~IoWatcher() {
  if (active_) Stop();
  --loop_.watchers_;
  if (destroyed_ != nullptr) *destroyed_ = true;
}

void IoWatcher::SetCallback(Callback callback) {
  SIMLOOP_CHECK(listener_ == nullptr, "the watcher has a listener");
  callback_ = std::make_unique<Callback>(std::move(callback));
}

void IoWatcher::Set(Fd fd, Interest interest) {
  SIMLOOP_CHECK(!active_ || (fd == fd_ && interest == interest_),
                "Set() of a started watcher");
  fd_ = fd;
  interest_ = interest;
  reset_ = true;
  loop_.Report({LoopEvent::Kind::kWatcherSet, interest_, fd_, id_, 0});
}

void IoWatcher::Start() {
  if (active_) return;
  SIMLOOP_CHECK(fd_.valid() && interest_ != 0, "Start() before Set()");
  loop_.Report({LoopEvent::Kind::kWatcherStart, interest_, fd_, id_, 0});
  active_ = true;
  const bool reset = reset_;
  reset_ = false;
  loop_.watches_.Add(this, reset);
}

void IoWatcher::Stop() {
  loop_.Report({LoopEvent::Kind::kWatcherStop, interest_, fd_, id_, 0});
  if (!active_) {
    loop_.watches_.TouchIfWatched(fd_);
    return;
  }
  active_ = false;
  loop_.watches_.Remove(this);
  if (queued_ != 0) {
    loop_.ready_[queued_ - 1].watcher = nullptr;
    queued_ = 0;
  }
}

void IoWatcher::Fire(Interest ready) {
  EventLoop& loop = loop_;  // this watcher may be gone afterwards
  const LoopEvent event = {LoopEvent::Kind::kWatcherFire, ready, fd_, id_, 0};
  bool ok;
  if (listener_ != nullptr) {
    ok = loop.Call(event, owner_, [&] { listener_->OnReady(*this, ready); });
  } else {
    RunningCallback<IoWatcher> running(this);
    ok = loop.Call(event, owner_, [&] { (*running.callback())(ready); });
  }
  loop.AfterCallback(ok);
}

}  // namespace simloop::loop
