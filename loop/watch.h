// Watch: what a loop's table holds of one who watches a descriptor: an
// IoWatcher, or the two ways of a StreamWatcher. Private to loop/.
#ifndef LOOP_WATCH_H_
#define LOOP_WATCH_H_

#include <cstddef>
#include <cstdint>

#include "loop/fd.h"
#include "loop/observer.h"

namespace simloop::loop {

class EventLoop;

class Watch {
 public:
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Fd fd() const { return fd_; }
  // What is started.
  Interest active() const { return active_; }

 protected:
  // `split`: reading and writing are started, stopped and called each by
  // itself, under the numbers `id` and `id` + 1; else all at once.
  explicit Watch(bool split) : split_(split) {}
  ~Watch() = default;

  // Takes `ways` back from the events of this poll that are to be called.
  void TakeBack(EventLoop& loop, Interest ways);

  // Next to the pointer to the virtual functions; the rest needs no padding.
  Watch* next_ = nullptr;  // of the same descriptor, most recently added first
  Fd fd_;
  uint32_t id_ = 0;
  // Where in the loop's queue the first of its events stands.
  uint32_t queued_at_ = 0;
  Owner owner_ = 0;
  Interest active_ : 2 = 0;
  Interest queued_ : 2 = 0;
  const bool split_ : 1;
  bool write_is_older_ : 1 = false;  // the one of both that was started first
  Interest reset_ : 2 = 0;           // set anew since it was last started
  Interest set_ : 2 = 0;             // set ever
  bool entered_ : 1 = false;         // of a StreamWatcher: both are made
  bool ref_ : 1 = true;              // it keeps the loop going while started

 private:
  friend class EventLoop;
  friend class WatchTable;

  // Runs the callback; called by the loop. `ready`: of a split watch one way.
  virtual void Fire(EventLoop& loop, Interest ready) = 0;
  // It is readable, and will be called: what it would read may be read now.
  // Called by a loop that gathers; runs no callback.
  virtual void ReadAhead() {}
  // How many events of `ready` it gets, and which, the way that was started
  // last first.
  int Hits(Interest ready, Interest hits[2]) const;
  void MarkQueued(size_t place, Interest ready) {
    if (queued_ == 0) queued_at_ = static_cast<uint32_t>(place);
    queued_ |= ready;
  }
  void Unqueue(Interest ready) { queued_ &= static_cast<Interest>(~ready); }
};

}  // namespace simloop::loop

#endif  // LOOP_WATCH_H_
