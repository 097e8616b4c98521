// ChoiceClock: when a choice is asked for: a scheduler is told of events, and
// not of the time.
#ifndef EXPLORE_CHOICE_CLOCK_H_
#define EXPLORE_CHOICE_CLOCK_H_

#include "loop/instant.h"
#include "sim/choice.h"
#include "sim/event.h"

namespace simloop::explore {

class ChoiceClock final {
 public:
  // As sim::Scheduler's.
  void OnEvent(const sim::Event& event) { now_ = event.at(); }
  // Of one that is asked now. An order is asked for right before its event.
  loop::Instant TimeOf(const sim::Choice& choice) const {
    return choice.events.empty() ? now_ : choice.events[0]->at();
  }

 private:
  loop::Instant now_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_CHOICE_CLOCK_H_
