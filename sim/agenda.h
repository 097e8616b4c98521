// Agenda: what may happen at any time of a window, where the time of a world is
// in any order: packets on their way, processes that are about to run, faults.
// It says what may happen next, and asks the Scheduler which of it does.
//
// 1. Nothing in flight has a time of its own before it happens. Of all that is
//    pending, what may be first is what can come before the end of every
//    window; what has one time, such as a timer, has a window of no length.
// 2. Of these the Scheduler takes one (`order`), and then when it happens: at
//    once, or later, as long as no other window ends before (`delay`, `wakeup`,
//    `fault`). So every event happens within its window, and no order is tried
//    that times within the windows could not give.
// 3. Who is calm everywhere has the calm run: events wait in the world's queue
//    where that run has them. What a decision lets another go before waits as
//    long as anything may go before it, or until a decision takes it: so one
//    that comes late takes one decision or two, whatever comes before it.
#ifndef SIM_AGENDA_H_
#define SIM_AGENDA_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "loop/instant.h"
#include "sim/choice.h"
#include "sim/event.h"

namespace simloop::sim {

class World;

class Agenda final {
 public:
  // Both included.
  struct Window {
    loop::Instant earliest;
    loop::Instant latest;
  };

  explicit Agenda(World& world) : world_(world) {}

  // Puts `event` into the world's queue, to happen within `window`; in the calm
  // run at `calm`. `kind`: what it is asked as when. `lane`: see Event; what is
  // behind an event of its lane waits for it, even beyond its own window.
  void Schedule(Event& event, const Window& window, loop::Instant calm,
                ChoiceKind kind, uint32_t lane = 0);
  // REQUIRES: event.scheduled().
  Window WindowOf(const Event& event) const;

  // Decides what happens next, and when; the event stays in the queue. What is
  // first there must be live. REQUIRES: the queue is not empty.
  struct Step {
    Event* event;
    loop::Instant at;
  };
  Step Next();

 private:
  // In how many steps the times between two ends are asked.
  static constexpr uint32_t kSteps = 8;
  static constexpr uint32_t kFaultSteps = 64;

  struct Entry {
    Window window;
    ChoiceKind kind;
    bool waits = false;  // another went before it
  };

  // Finds what may be first; answers when one of it has happened at last.
  loop::Instant FindFirsts();
  // Fills firsts_ with that of pending_ which may happen by `last`: first what
  // stands where it is due, last what waits.
  void Sort(loop::Instant last);
  loop::Instant Decide(Event& event, loop::Instant last);

  World& world_;
  // Looked up only: of events that are loose, or were.
  absl::flat_hash_map<const Event*, Entry> entries_;
  // No event waits further behind the beginning of its window.
  int64_t most_behind_nanos_ = 0;
  std::vector<Event*> pending_;
  std::vector<Event*> firsts_;
  std::vector<Event*> lazy_;
  std::vector<Event*> waiting_;
  // Of firsts_, one that cannot wait, if time cannot pass before it.
  uint32_t due_ = Choice::kNoneDue;
};

}  // namespace simloop::sim

#endif  // SIM_AGENDA_H_
