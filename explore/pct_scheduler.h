// PctScheduler: probabilistic concurrency testing (Burckhardt et al., ASPLOS
// 2010). Each source of events, which is a host, a line or the timeline, has a
// priority of its own, drawn from the seed; of the events due at one instant
// the one of the highest goes first. At `depth` - 1 places of the run, drawn
// too, that source falls behind all others. A race that needs `depth`
// constraints is then met with a probability of at least
// 1 / (sources * choices^(depth-1)).
//
// Delays are the other half of an order here. So a source is also quick or
// slow, for the whole run: its packets and wake-ups take nothing of their
// jitter, or all of it; and at `depth` places one takes any share. Other kinds
// of decision differ from the calm one at such places only.
#ifndef EXPLORE_PCT_SCHEDULER_H_
#define EXPLORE_PCT_SCHEDULER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "explore/random_scheduler.h"
#include "explore/strategy.h"
#include "sim/choice.h"

namespace simloop::explore {

class PctScheduler final : public AttemptScheduler {
 public:
  // `choices`: about how many there are in a run.
  PctScheduler(uint64_t seed, uint32_t depth, uint64_t choices);
  uint32_t Pick(const sim::Choice& choice) override;

 private:
  uint32_t PickOrder(const sim::Choice& choice, bool change);

  const uint64_t seed_;
  RandomScheduler random_;
  std::vector<uint64_t> changes_;  // of the run's choices, sorted
  uint64_t asked_ = 0;
  // Of sources that have fallen behind: the later, the lower.
  std::map<std::string, uint32_t, std::less<>> fallen_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_PCT_SCHEDULER_H_
