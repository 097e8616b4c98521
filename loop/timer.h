// Timer: calls back once after a delay, or again and again; ev_timer of libev,
// uv_timer_t of libuv. Its resolution is the clock's nanosecond, where Node's
// timers count whole milliseconds.
#ifndef LOOP_TIMER_H_
#define LOOP_TIMER_H_

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "loop/instant.h"
#include "loop/observer.h"

namespace simloop::loop {

class EventLoop;

class Timer final {
 public:
  using Callback = absl::AnyInvocable<void()>;

  // `loop` must outlive the timer.
  Timer(EventLoop& loop, Callback callback);
  // Stops. May run inside its own callback.
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Due `delay` after the loop's time (outside of the loop's callbacks: after
  // the clock's); a negative delay counts as 0. Equal times fire in the order
  // of Start(), and a timer started by a timer's callback not before the next
  // turn. Starting again starts anew. `repeat` of 0: once; else it is due
  // again `repeat` after it was due (kV0196, or at once if that has passed) or
  // has fired (kModern).
  void Start(absl::Duration delay,
             absl::Duration repeat = absl::ZeroDuration());
  // For a timer that is not moved at each activity, but looks when it fires
  // whether there was any: TakeOrder() at the activity, and then a start that
  // is as good as one of that moment. REQUIRES: it is not active.
  uint64_t TakeOrder();
  void StartAs(Instant due, uint64_t order);
  // Under Discipline::kV0196 a timer that has expired in this turn and has not
  // run yet fires all the same (libev had taken it off its heap); under
  // kModern it does not.
  void Stop();

  bool active() const { return heap_index_ >= 0; }
  // Keeps the loop running while it is active; true at first.
  void SetRef(bool ref);
  Instant due() const { return due_; }

 private:
  friend class EventLoop;
  template <typename T>
  friend class RunningCallback;
  friend class TimerHeap;
  friend class Timeouts;

  // Runs the callback; called by the loop.
  void Fire();
  void Enter(Instant due);
  void Leave();
  // As if constructed now: another id, and the owner of this moment.
  void Renew();

  EventLoop& loop_;
  Callback callback_;
  Instant due_;
  int64_t repeat_nanos_ = 0;
  int32_t heap_index_ = -1;
  bool ref_ = true;
  Owner owner_;
  uint32_t id_;
  // kV0196: where in the loop's list of expired timers it stands, plus 1.
  uint32_t expired_ = 0;
  // Set while the callback runs, so that it may destroy its timer.
  bool* destroyed_ = nullptr;
};

}  // namespace simloop::loop

#endif  // LOOP_TIMER_H_
