#include "explore/replay_scheduler.h"

#include <string_view>

namespace simloop::explore {

ReplayScheduler::ReplayScheduler(const Schedule& schedule) {
  for (const Decision& decision : schedule.decisions) {
    by_name_[decision.name] = entries_.size();
    entries_.push_back({&decision});
  }
}

uint32_t ReplayScheduler::Pick(const sim::Choice& choice) {
  const auto found =
      by_name_.find(std::string_view(choice.name.data(), choice.name.size()));
  if (found == by_name_.end()) return 0;
  Entry& entry = entries_[found->second];
  entry.alternatives = choice.alternatives;
  if (entry.decision->pick >= choice.alternatives) return 0;
  entry.taken = true;
  return entry.decision->pick;
}

std::vector<ReplayScheduler::Mismatch> ReplayScheduler::Unmatched() const {
  std::vector<Mismatch> unmatched;
  for (const Entry& entry : entries_) {
    if (!entry.taken && entry.decision->pick != 0) {
      unmatched.push_back({*entry.decision, entry.alternatives});
    }
  }
  return unmatched;
}

}  // namespace simloop::explore
