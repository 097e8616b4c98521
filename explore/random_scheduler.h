// RandomScheduler: picks from a seed: among all alternatives alike, but seldom
// an error that a program can only meet by trying again. What one choice gets
// depends on the seed and its name, not on what was asked before: a choice more
// elsewhere disturbs nothing.
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
