// The events of a poll that a watch is still to get.
#include "loop/watch.h"

#include "loop/event_loop.h"

namespace simloop::loop {

void Watch::TakeBack(EventLoop& loop, Interest ways) {
  Interest left = queued_ & ways;
  queued_ &= static_cast<Interest>(~ways);
  // Its events stand next to each other, but where several watch.
  for (size_t i = queued_at_; left != 0 && i < loop.ready_.size(); ++i) {
    EventLoop::ReadyWatcher& ready = loop.ready_[i];
    if (ready.watcher != this || (ready.ready & left) == 0) continue;
    left &= static_cast<Interest>(~ready.ready);
    ready.watcher = nullptr;
  }
}

int Watch::Hits(Interest ready, Interest hits[2]) const {
  const Interest hit = active_ & ready;
  if (!split_ || hit != (kReadable | kWritable)) {
    hits[0] = hit;
    return hit == 0 ? 0 : 1;
  }
  hits[0] = write_is_older_ ? kReadable : kWritable;
  hits[1] = write_is_older_ ? kWritable : kReadable;
  return 2;
}

}  // namespace simloop::loop
