#include "explore/mutation_scheduler.h"

#include <string_view>

#include "explore/mix.h"

namespace simloop::explore {

MutationScheduler::MutationScheduler(uint64_t seed,
                                     const std::vector<Decision>& decisions)
    : seed_(seed),
      random_(seed),
      one_in_(uint64_t{2} << (2 * (Mix(seed, 3) % 4))) {
  for (const Decision& decision : decisions) {
    picks_[decision.name] = decision.pick;
  }
}

uint32_t MutationScheduler::Pick(const sim::Choice& choice) {
  if (MixText(~seed_, choice.name) % one_in_ == 0) return random_.Pick(choice);
  const auto found =
      picks_.find(std::string_view(choice.name.data(), choice.name.size()));
  if (found == picks_.end() || found->second >= choice.alternatives) return 0;
  return found->second;
}

}  // namespace simloop::explore
