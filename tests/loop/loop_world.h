// LoopWorld: a loop over a scripted kernel and a manual clock, stepped as a
// world steps a process: run until parked, then time goes to the next wake-up.
#ifndef TESTS_LOOP_LOOP_WORLD_H_
#define TESTS_LOOP_LOOP_WORLD_H_

#include <memory>
#include <string>
#include <vector>

#include "loop/event_loop.h"
#include "tests/loop/loop_log.h"
#include "tests/loop/manual_clock.h"
#include "tests/loop/scripted_kernel.h"

namespace simloop::loop {

struct LoopWorld {
  // `observed`: the loop's own events are in the log, too.
  explicit LoopWorld(Discipline discipline, bool observed = false) {
    EventLoop::Options options;
    options.discipline = discipline;
    if (observed) options.observer = &log;
    owned = std::make_unique<EventLoop>(kernel, clock, options);
  }

  EventLoop& loop() { return *owned; }
  EventLoop::Turn Step() { return loop().RunOnce(Instant::Infinite()); }

  // Until the loop is done, or waits for what only the test can bring. The
  // answer is the last turn's.
  EventLoop::Turn Run() {
    while (true) {
      const EventLoop::Turn turn = Step();
      if (turn == EventLoop::Turn::kDone) return turn;
      if (turn == EventLoop::Turn::kRan) continue;
      const Instant next = loop().NextWakeup();
      if (next.infinite()) return turn;
      clock.Set(next);
    }
  }

  // A callback that says `line`.
  Task Say(std::string line) {
    return [this, line] { log.Say(line); };
  }
  std::vector<std::string> Lines() { return log.Take(); }

  ScriptedKernel kernel;
  ManualClock clock;
  LoopLog log;
  std::unique_ptr<EventLoop> owned;
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_LOOP_WORLD_H_
