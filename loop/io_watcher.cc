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
    : Watch(/*split=*/false),
      loop_(loop),
      listener_(listener),
      callback_(std::move(callback)) {
  id_ = loop.next_watcher_id_++;
  owner_ = loop.owner();
  ++loop_.watchers_;
}

IoWatcher::~IoWatcher() {
  if (active()) Stop();
  --loop_.watchers_;
  if (destroyed_ != nullptr) *destroyed_ = true;
}

void IoWatcher::SetCallback(Callback callback) {
  SIMLOOP_CHECK(listener_ == nullptr, "the watcher has a listener");
  callback_ = std::make_unique<Callback>(std::move(callback));
}

void IoWatcher::Set(Fd fd, Interest interest) {
  SIMLOOP_CHECK(!active() || (fd == fd_ && interest == interest_),
                "Set() of a started watcher");
  fd_ = fd;
  interest_ = interest;
  reset_ = interest;
  loop_.Report({LoopEvent::Kind::kWatcherSet, interest_, fd_, id_, 0});
}

void IoWatcher::Start() {
  if (active()) return;
  SIMLOOP_CHECK(fd_.valid() && interest_ != 0, "Start() before Set()");
  loop_.Report({LoopEvent::Kind::kWatcherStart, interest_, fd_, id_, 0});
  active_ = interest_;
  const bool reset = reset_ != 0;
  reset_ = 0;
  loop_.watches_.Add(this, reset);
}

void IoWatcher::Stop() {
  loop_.Report({LoopEvent::Kind::kWatcherStop, interest_, fd_, id_, 0});
  if (!active()) {
    loop_.watches_.TouchIfWatched(fd_);
    return;
  }
  active_ = 0;
  loop_.watches_.Remove(this);
  TakeBack(loop_, interest_);
}

void IoWatcher::SetRef(bool ref) { loop_.watches_.SetRef(this, ref); }

void IoWatcher::Fire(EventLoop& loop, Interest ready) {
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
