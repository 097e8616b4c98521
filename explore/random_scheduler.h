// RandomScheduler: picks among all alternatives alike, from a seed. What one
// choice gets depends on the seed, its name and how often that name was asked,
// not on what was asked before: a choice more elsewhere disturbs nothing.
#ifndef EXPLORE_RANDOM_SCHEDULER_H_
#define EXPLORE_RANDOM_SCHEDULER_H_

#include <cstdint>

#include "sim/choice.h"

namespace simloop::explore {

class RandomScheduler final : public sim::Scheduler {
 public:
  explicit RandomScheduler(uint64_t seed) : seed_(seed) {}
  uint32_t Pick(const sim::Choice& choice) override;

 private:
  const uint64_t seed_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_RANDOM_SCHEDULER_H_
