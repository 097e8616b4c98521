// EventLoop: Node's loop over a Kernel. It runs callbacks, in the order its
// Discipline fixes; it makes no socket and knows nothing of a simulation.
//
// 1. Nothing is ambient: a process is an EventLoop; two of them share nothing.
// 2. The loop's time, Now(), is constant within a phase and moves only where
//    libuv (libev) moves it: after the poll, and before timers.
// 3. Any callback may destroy the watcher or timer that called it, start and
//    stop any other, and queue more; never the loop itself.
// 4. An exception that leaves a callback goes to the uncaught handler (Node's
//    'uncaughtException'); see SetUncaughtHandler.
#ifndef LOOP_EVENT_LOOP_H_
#define LOOP_EVENT_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/clock.h"
#include "loop/discipline.h"
#include "loop/instant.h"
#include "loop/io_watcher.h"
#include "loop/kernel.h"
#include "loop/observer.h"
#include "loop/poller.h"
#include "loop/task.h"
#include "loop/task_queue.h"
#include "loop/timeouts.h"
#include "loop/timer.h"
#include "loop/timer_heap.h"
#include "loop/watch_table.h"

namespace simloop::loop {

class EventLoop final {
 public:
  struct Options {
    Discipline discipline = Discipline::kModern;
    // Not owned; may be null; must outlive the loop.
    LoopObserver* observer = nullptr;
    // kModern: where a poll reports several descriptors, streams are read
    // before any callback of them, and written when all have run, with their
    // ticks, so that the kernel's code, the loop's and the program's each stay
    // in the caches. Callbacks keep their order. Off, as in libuv: each reads,
    // is called, and writes in turn.
    bool gathers = false;
  };
  // What a turn came to.
  enum class Turn {
    kRan,     // the turn is over; another may have work at once
    kParked,  // nothing was ready: it stands in its poll, and the next
              // RunOnce goes on from there
    kDone,    // nothing is left that could call back
  };

  // `kernel` and `clock` must outlive the loop. Opens an epoll descriptor of
  // `kernel`, and closes it when destroyed; all watchers and timers must be
  // gone by then.
  EventLoop(Kernel& kernel, const Clock& clock, Options options);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // What a world calls: at most one turn. Waits no later than `until`. On the
  // live kernel it blocks so long. In a simulation it does not block; there
  // pass Infinite(), since the time that the process is parked for is what
  // EpollWait is asked to wait: the present would park it for no time at all.
  Turn RunOnce(Instant until);
  // When RunOnce() has something to do though nothing becomes ready: Now() if
  // at once, else the earliest timer, or Infinite().
  Instant NextWakeup() const;
  // Is readable (poll(2)) when a parked turn can go on; what one who runs
  // several live loops waits on.
  Fd poll_fd() const { return poller_->fd(); }
  // What a main() calls: turns until kDone or Stop(). Live only.
  void Run();
  // Makes Run() return after this turn. Callable from a callback only.
  void Stop();
  // Run() returns at the first kDone or Stop(); this tells whether anything
  // referenced is left.
  bool alive() const;

  // process.nextTick(): before anything else (kModern), or before the next
  // poll (kV0196).
  void NextTick(Task&& task);
  // In a callback: runs the ticks and microtasks now that would follow it. For
  // where Node calls a program several times for one readiness: not from code
  // that a program has called. Nothing under kV0196: there they wait for the
  // poll. False: a tick threw, and the rest waits.
  bool RunTicks() { return AfterCallback(true); }
  // queueMicrotask(): after the tick queue. REQUIRES: kModern.
  void QueueMicrotask(Task&& task);
  // setImmediate(): the check phase. REQUIRES: kModern.
  void SetImmediate(Task&& task);
  // After this poll's I/O callbacks, before immediates: where libuv issues
  // shutdown(2) and reports finished writes. REQUIRES: kModern.
  void QueuePending(Task&& task);
  // The closing phase, the last queued first. REQUIRES: kModern.
  void QueueClose(Task&& task);
  // setTimeout(): owns its timer. Under kModern a delay below 1 ms becomes
  // 1 ms, as in Node.
  void SetTimeout(absl::Duration delay, Task task);

  // Drops what the poller knows of `fd`. Call it before Kernel::Close of any
  // descriptor that was watched. REQUIRES: its watchers are stopped.
  void Forget(Fd fd);

  // Whether a callback runs behind which what it writes is to be written: what
  // SetAfterBatch() was given follows.
  bool gathering() const { return gathering_; }
  bool gathers() const { return options_.gathers; }
  // What is called behind the callbacks of each part of a poll that gathers;
  // null: nobody. It is no callback itself, and must not throw.
  void SetAfterBatch(Task task) { after_batch_ = std::move(task); }

  // In a callback of a descriptor that is ready: whether epoll_wait(2) said
  // EPOLLHUP of it. REQUIRES: kModern.
  bool hung_up() const { return hung_up_; }

  Kernel& kernel() { return kernel_; }
  // The loop's time: the clock's, as of the last update.
  Instant Now() const { return now_; }
  // Re-reads the clock (uv_update_time(), ev_now_update()).
  void UpdateTime();
  Discipline discipline() const { return options_.discipline; }

  Owner owner() const { return owner_; }
  // Sets the owner of what is made from here on; answers the one before.
  Owner SetOwner(Owner owner);

  // Called with what left a callback. Without one, or if it throws itself, the
  // exception leaves Run() or RunOnce(), and the next RunOnce() goes on behind
  // that callback. Under kV0196 an exception in a tick strands the rest of
  // that run until the next NextTick(). Under kModern the ticks that the
  // callback had queued run after the next callback, an immediate at the
  // latest, as in Node.
  void SetUncaughtHandler(absl::AnyInvocable<void(std::exception_ptr)> handler);

 private:
  friend class IoWatcher;
  friend class StreamWatcher;
  friend class Timer;
  friend class Timeouts;
  friend class Watch;

  // Where the turn in progress goes on; kBetween if there is none.
  enum class Stage : uint8_t {
    kBetween,
    kPrepare,  // kV0196: ticks; kModern: the pending queue
    kPoll,
    kPending,  // kV0196: all that is ready; kModern: the pending queue again
    kCheck,    // kModern, as those below
    kClosing,
    kTimers,
  };
  struct ReadyWatcher {
    Watch* watcher;  // null: taken back
    Interest ready;
  };

  void Enter();
  void BeginTurn();
  Turn FinishTurn();
  // Waits once. False: nothing happened, and the process is parked.
  bool Poll(Instant until);
  bool busy() const;
  bool queued() const;

  Turn V0196Turn(Instant until);
  void RunTickQueueOnce();
  void QueueReadyAndExpired();
  void RunReadyAndExpired();

  Turn ModernTurn(Instant until);
  bool PollAndDispatch(Instant until);
  bool Dispatch();
  bool DispatchGathered();
  bool DispatchUntil(size_t end);
  void ReadAhead(size_t end);
  bool DispatchTo(Fd fd, Interest interest);
  bool RunReady();
  void RunPending();
  void RunImmediates();
  void RunClosing();
  void RunTimers();
  // Runs a callback of a queue, and then what it queued.
  void RunTask(LoopEvent::Kind kind, TaskQueue::Entry entry);
  // What follows every callback under kModern: ticks and microtasks, until
  // there are none. `ok`: the callback did not throw. False: something did.
  bool AfterCallback(bool ok);
  bool DrainTicks();

  // Runs `callback` as `owner`, reported as `event`. False: it threw, and the
  // uncaught handler took it.
  template <typename F>
  bool Call(const LoopEvent& event, Owner owner, F&& callback);
  // Null when handled; else what is to leave the loop.
  std::exception_ptr HandleUncaught(std::exception_ptr thrown);
  void Report(const LoopEvent& event) {
    if (options_.observer != nullptr) {
      options_.observer->OnLoopEvent(event, owner_);
    }
  }
  bool modern() const { return options_.discipline == Discipline::kModern; }
  void RequireModern() const;

  Kernel& kernel_;
  const Clock& clock_;
  const Options options_;
  const std::unique_ptr<Poller> poller_;
  WatchTable watches_;
  TimerHeap timers_;
  Timeouts timeouts_;
  Instant now_;
  Owner owner_ = 0;
  absl::AnyInvocable<void(std::exception_ptr)> uncaught_handler_;

  Stage stage_ = Stage::kBetween;
  bool entered_ = false;
  bool running_ = false;
  bool stopped_ = false;
  bool exited_ = false;
  // kV0196: NextTick() was called since the last run over the queue.
  bool tick_needed_ = false;
  uint64_t turns_ = 0;
  uint32_t referenced_timers_ = 0;  // of the started ones
  uint32_t next_watcher_id_ = 0;
  uint32_t next_timer_id_ = 0;
  uint32_t watchers_ = 0;  // that exist
  uint32_t existing_timers_ = 0;

  TaskQueue ticks_, microtasks_, pending_, immediates_;
  TaskQueue closing_, closing_now_;  // queued; of the phase in progress
  // What the last poll reported, and how much of it was dispatched.
  absl::Span<const Ready> batch_;
  size_t batch_next_ = 0;
  bool gathering_ = false;
  Task after_batch_;
  bool hung_up_ = false;  // the last descriptor of batch_ that was handed out
  // Watchers to be called: of the whole poll (kV0196, from the back) or of
  // one descriptor (kModern, from the front).
  std::vector<ReadyWatcher> ready_;
  size_t ready_next_ = 0;
  std::vector<Timer*> expired_;  // null: destroyed
  size_t expired_next_ = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_EVENT_LOOP_H_
