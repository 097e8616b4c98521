// Timeouts: the timers that EventLoop::SetTimeout() makes and owns. A timer
// that has fired is used again, so that in the long run nothing is allocated.
#ifndef LOOP_TIMEOUTS_H_
#define LOOP_TIMEOUTS_H_

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "loop/task.h"

namespace simloop::loop {

class EventLoop;

class Timeouts final {
 public:
  // `loop` owns the timeouts.
  explicit Timeouts(EventLoop& loop);
  ~Timeouts();
  Timeouts(const Timeouts&) = delete;
  Timeouts& operator=(const Timeouts&) = delete;

  void Start(absl::Duration delay, Task task);
  // Stops and frees all of them. REQUIRES: none is running.
  void Clear();

 private:
  struct Timeout;

  EventLoop& loop_;
  std::vector<std::unique_ptr<Timeout>> all_;
  std::vector<Timeout*> free_;
};

}  // namespace simloop::loop

#endif  // LOOP_TIMEOUTS_H_
