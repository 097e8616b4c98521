// WatchTable: which watchers each descriptor of a loop has, and which
// descriptors the poller is still to be told of. It runs no callback.
//
// Changes are kept until just before the poll (Flush), in the order in which
// the descriptors were first changed: libev's fd_change() and fd_reify(),
// libuv's watcher queue.
#ifndef LOOP_WATCH_TABLE_H_
#define LOOP_WATCH_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "loop/discipline.h"
#include "loop/fd.h"
#include "loop/observer.h"
#include "loop/poller.h"
#include "loop/watch.h"

namespace simloop::loop {

class WatchTable final {
 public:
  // `poller` must outlive the table.
  WatchTable(Poller& poller, Discipline discipline)
      : poller_(poller), libev_(discipline == Discipline::kV0196) {}

  // REQUIRES: `watcher` is not in the table. `reset`: it was set anew since it
  // was last added, so that its descriptor may be another file's by now.
  void Add(Watch* watcher, bool reset);
  // REQUIRES: `watcher` is in the table.
  void Remove(Watch* watcher);
  // A split watch that is in the table watches one way more, or less.
  void Widened(Watch* watcher, bool reset);
  void Narrowed(Watch* watcher);
  // uv__io_stop() of a direction that is not watched: if `fd` is watched
  // otherwise, libuv tells epoll its mask once more. Nothing under kV0196.
  void TouchIfWatched(Fd fd);
  // REQUIRES: no watcher of `fd` is in the table.
  void Forget(Fd fd);
  // Tells the poller of what changed.
  void Flush();

  bool changed() const { return !changed_.empty(); }
  // uv_ref(), uv_unref() of a watcher, in the table or not.
  void SetRef(Watch* watcher, bool ref);
  // How many watchers are in the table that keep the loop going.
  size_t referenced() const { return referenced_; }
  // The watchers of `fd`, most recently added first, linked by next_.
  Watch* first(Fd fd) const {
    const size_t index = static_cast<size_t>(fd.number);
    return index < descriptors_.size() ? descriptors_[index].first : nullptr;
  }
  // A watched descriptor; invalid if there is none.
  Fd AnyWatched() const;

 private:
  struct Descriptor {
    Watch* first = nullptr;
    uint32_t changed = 0;  // its place in changed_, plus 1
    Interest told = 0;     // what the poller was told
    bool reset = false;
  };

  Descriptor& Lookup(Fd fd);
  static Interest Wanted(const Descriptor& descriptor);
  void Change(Fd fd, Descriptor& descriptor);

  Poller& poller_;
  const bool libev_;
  size_t referenced_ = 0;
  std::vector<Descriptor> descriptors_;  // by number
  std::vector<Fd> changed_;              // invalid: changed back
};

}  // namespace simloop::loop

#endif  // LOOP_WATCH_TABLE_H_
