// SwarmScheduler: of each run some freedoms alone. A seed draws which kinds of
// decision of which hosts are free in this run, and how often they differ from
// the calm one (Groce et al., "Swarm Testing", ISSTA 2012): where all is free
// at once, one freedom hides what another would show.
#ifndef EXPLORE_SWARM_SCHEDULER_H_
#define EXPLORE_SWARM_SCHEDULER_H_

#include <cstdint>

#include "explore/mix.h"
#include "explore/random_scheduler.h"
#include "explore/strategy.h"
#include "sim/choice.h"

namespace simloop::explore {

class SwarmScheduler final : public AttemptScheduler {
 public:
  // The picks have another seed than the lots: of a group with one name in it
  // both would come out alike.
  explicit SwarmScheduler(uint64_t seed)
      : seed_(seed), random_(Mix(seed, kPicks)) {}
  uint32_t Pick(const sim::Choice& choice) override;

 private:
  static constexpr uint64_t kPicks = 0x7069636b;
  const uint64_t seed_;
  RandomScheduler random_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_SWARM_SCHEDULER_H_
