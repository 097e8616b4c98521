// A stream's two watchers.
#include "loop/stream_watcher.h"

#include "loop/check.h"
#include "loop/event_loop.h"
#include "loop/event_loop_call.h"

namespace simloop::loop {

using Kind = LoopEvent::Kind;

void StreamWatcher::EnterLoop(EventLoop& loop) {
  SIMLOOP_CHECK(!entered_, "a stream's watchers are made once");
  entered_ = true;
  id_ = loop.next_watcher_id_;
  loop.next_watcher_id_ += 2;
  loop.watchers_ += 2;
  owner_ = loop.owner();
  set_ = reset_ = 0;
  ref_ = true;
}

void StreamWatcher::LeaveLoop(EventLoop& loop) {
  if (!entered_) return;
  // As Node v0.1.96 does, whether they are started or not.
  StopWatch(loop, kWritable);
  StopWatch(loop, kReadable);
  loop.watchers_ -= 2;
  entered_ = false;
}

void StreamWatcher::SetWatch(EventLoop& loop, Fd fd, Interest way) {
  SIMLOOP_CHECK(entered_ && (active_ == 0 || fd == fd_),
                "SetWatch() of a started watcher");
  fd_ = fd;
  reset_ |= way;
  set_ |= way;
  loop.Report({Kind::kWatcherSet, way, fd_, IdOf(way), 0});
}

void StreamWatcher::StartWatch(EventLoop& loop, Interest way) {
  if (watches(way)) return;
  SIMLOOP_CHECK(fd_.valid() && (set_ & way) != 0,
                "StartWatch() before SetWatch()");
  loop.Report({Kind::kWatcherStart, way, fd_, IdOf(way), 0});
  const bool reset = (reset_ & way) != 0;
  reset_ &= static_cast<Interest>(~way);
  if (active_ == 0) {
    active_ = way;
    write_is_older_ = way == kWritable;
    loop.watches_.Add(this, reset);
  } else {
    active_ |= way;
    loop.watches_.Widened(this, reset);
  }
}

void StreamWatcher::StopWatch(EventLoop& loop, Interest way) {
  const Fd fd = (set_ & way) != 0 ? fd_ : Fd();
  loop.Report({Kind::kWatcherStop, way, fd, IdOf(way), 0});
  if (!watches(way)) {
    loop.watches_.TouchIfWatched(fd);
    return;
  }
  active_ &= static_cast<Interest>(~way);
  write_is_older_ = active_ == kWritable;
  if (active_ == 0) {
    loop.watches_.Remove(this);
  } else {
    loop.watches_.Narrowed(this);
  }
  TakeBack(loop, way);
}

void StreamWatcher::SetWatchRef(EventLoop& loop, bool ref) {
  if (ref != ref_) loop.watches_.SetRef(this, ref);
}

void StreamWatcher::Fire(EventLoop& loop, Interest ready) {
  const LoopEvent event = {Kind::kWatcherFire, ready, fd_, IdOf(ready), 0};
  loop.AfterCallback(loop.Call(event, owner_, [&] { OnReady(ready); }));
}

}  // namespace simloop::loop
