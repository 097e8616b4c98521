// MutationScheduler: takes the decisions of an earlier run by their names, and
// another way now and then.
#ifndef EXPLORE_MUTATION_SCHEDULER_H_
#define EXPLORE_MUTATION_SCHEDULER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "explore/random_scheduler.h"
#include "explore/schedule.h"
#include "explore/strategy.h"
#include "sim/choice.h"

namespace simloop::explore {

class MutationScheduler final : public AttemptScheduler {
 public:
  // The seed draws how often: of 2, 8, 32 or 128 decisions one is taken anew.
  MutationScheduler(uint64_t seed, const std::vector<Decision>& decisions);
  uint32_t Pick(const sim::Choice& choice) override;

 private:
  const uint64_t seed_;
  RandomScheduler random_;
  const uint64_t one_in_;
  std::map<std::string, uint32_t, std::less<>> picks_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_MUTATION_SCHEDULER_H_
