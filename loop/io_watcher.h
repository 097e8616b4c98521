// IoWatcher: calls back when a descriptor is readable or writable; the
// readWatcher and writeWatcher of Node v0.1.96, ev_io of libev, uv__io_t of
// libuv. It does not own the descriptor and reads or writes nothing.
#ifndef LOOP_IO_WATCHER_H_
#define LOOP_IO_WATCHER_H_

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "loop/fd.h"
#include "loop/observer.h"
#include "loop/watch.h"

namespace simloop::loop {

class EventLoop;
class IoWatcher;

// Whom a watcher tells, where an object of its own for that is too much. An
// interface because this is the loop's call upwards.
class ReadyListener {
 public:
  // As IoWatcher::Callback. `watcher` is the one that saw it; this call may
  // destroy it.
  virtual void OnReady(IoWatcher& watcher, Interest ready) = 0;

 protected:
  ~ReadyListener() = default;
};

class IoWatcher final : public Watch {
 public:
  // `ready` is what of the watcher's interest the descriptor has. An error or
  // hang-up is reported as all of the interest (as libev and libuv do).
  using Callback = absl::AnyInvocable<void(Interest ready)>;

  // `loop` must outlive the watcher.
  IoWatcher(EventLoop& loop, Callback callback);
  // `listener` must outlive the watcher, and each call of it.
  IoWatcher(EventLoop& loop, ReadyListener& listener);
  // Stops. May run inside its own callback.
  ~IoWatcher();
  IoWatcher(const IoWatcher&) = delete;
  IoWatcher& operator=(const IoWatcher&) = delete;

  // REQUIRES: it has no listener.
  void SetCallback(Callback callback);
  // REQUIRES: stopped, or the same fd and interest.
  void Set(Fd fd, Interest interest);
  // Starting a started watcher does nothing. REQUIRES: Set() was called.
  void Start();
  // Also takes back an event that is queued and not yet run. Stopping a
  // stopped watcher does nothing (the observer is told all the same).
  void Stop();

  // Whether it keeps the loop going while it is started; true at first.
  void SetRef(bool ref);

  bool active() const { return active_ != 0; }
  Interest interest() const { return interest_; }
  // Which watcher of its loop, from 0 in order of construction.
  uint32_t id() const { return id_; }

 private:
  friend class EventLoop;
  template <typename T>
  friend class RunningCallback;
  friend class WatchTable;

  void Fire(EventLoop& loop, Interest ready) override;

  IoWatcher(EventLoop& loop, std::unique_ptr<Callback> callback,
            ReadyListener* listener);

  EventLoop& loop_;
  ReadyListener* const listener_;  // null: there is a callback
  std::unique_ptr<Callback> callback_;
  Interest interest_ = 0;
  // Set while the callback runs, so that it may destroy its watcher.
  bool* destroyed_ = nullptr;
};

}  // namespace simloop::loop

#endif  // LOOP_IO_WATCHER_H_
