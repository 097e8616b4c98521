// StreamWatcher: the two watchers that a stream has of its descriptor, one for
// reading and one for writing (readWatcher and writeWatcher of Node v0.1.96),
// in the space of one. A base class, which costs a connection no callback and
// no pointer to its loop.
#ifndef LOOP_STREAM_WATCHER_H_
#define LOOP_STREAM_WATCHER_H_

#include "loop/watch.h"

namespace simloop::loop {

class StreamWatcher : public Watch {
 protected:
  StreamWatcher() : Watch(/*split=*/true) {}
  // REQUIRES: it has left.
  ~StreamWatcher() = default;

  // Makes both watchers, as constructing two IoWatchers does; `loop` is to be
  // given to all other calls. REQUIRES: not entered.
  void EnterLoop(EventLoop& loop);
  // Stops both, writing first, and unmakes them. Nothing if not entered.
  void LeaveLoop(EventLoop& loop);
  bool entered() const { return entered_; }

  // `way` is kReadable or kWritable; the calls are those of IoWatcher.
  // REQUIRES: entered.
  void SetWatch(EventLoop& loop, Fd fd, Interest way);
  void StartWatch(EventLoop& loop, Interest way);
  void StopWatch(EventLoop& loop, Interest way);
  // Whether they keep the loop going while one is started; true when made.
  void SetWatchRef(EventLoop& loop, bool ref);
  bool watches(Interest way) const { return (active_ & way) != 0; }

  // `ready`: one way. An error or a hang-up is both. May destroy the watcher.
  virtual void OnReady(Interest ready) = 0;

 private:
  void Fire(EventLoop& loop, Interest ready) final;
  uint32_t IdOf(Interest way) const { return way == kReadable ? id_ : id_ + 1; }
};

}  // namespace simloop::loop

#endif  // LOOP_STREAM_WATCHER_H_
