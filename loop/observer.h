// LoopObserver: is told what an EventLoop does as it does it, for traces. It
// watches only: it must not call into the loop but for owner().
#ifndef LOOP_OBSERVER_H_
#define LOOP_OBSERVER_H_

#include <cstdint>

#include "loop/fd.h"

namespace simloop::loop {

// Whose doing a thing is: which of a process's programs asked for it. The loop
// keeps one current owner; a watcher, timer or task remembers the owner it was
// made under and its callback runs under it. 0 is the process itself.
using Owner = uint16_t;

// Readiness a watcher asks for or is told: a set of kReadable, kWritable.
using Interest = uint8_t;
inline constexpr Interest kReadable = 1;
inline constexpr Interest kWritable = 2;
// Of a Poller's answer alone: the descriptor has hung up (EPOLLHUP).
inline constexpr Interest kHungUp = 4;

struct LoopEvent {
  enum class Kind : uint8_t {
    kEnter,         // the loop is entered for the first time
    kTurn,          // a turn begins; `count` is its number, from 1
    kTickQueued,    // NextTick() was called
    kTicks,         // a run over the tick queue begins; `count` callbacks
    kWatcherSet,    // IoWatcher::Set; `id`, `fd`, `interest`
    kWatcherStart,  // IoWatcher::Start; `id`, `fd`, `interest`
    kWatcherStop,   // IoWatcher::Stop, also of a stopped one; `id`
    kWatcherFire,   // a watcher's callback is about to run
    kTimerFire,     // a timer's callback is about to run; `id`
    kTickFire,      // a tick's or microtask's callback is about to run
    kImmediateFire,
    kPendingFire,  // a callback of the pending phase
    kCloseFire,    // a callback of the closing phase
    kReturn,       // the callback of the last ...Fire has returned
    kExit,         // nothing is left that could happen
  };
  Kind kind;
  Interest interest = 0;
  Fd fd = {};
  uint32_t id = 0;
  uint64_t count = 0;
};

class LoopObserver {
 public:
  virtual ~LoopObserver() = default;
  // `owner` is the loop's owner at this moment; for a ...Fire event already
  // the one whose callback is to run.
  virtual void OnLoopEvent(const LoopEvent& event, Owner owner) = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_OBSERVER_H_
