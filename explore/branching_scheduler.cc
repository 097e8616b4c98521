#include "explore/branching_scheduler.h"

#include <algorithm>
#include <string_view>

#include "sim/event.h"

namespace simloop::explore {

BranchingScheduler::BranchingScheduler(const std::vector<Decision>& decisions,
                                       const std::vector<uint32_t>& sites,
                                       uint32_t bound)
    : sites_(sites),
      branches_at_all_(decisions.size() < bound),
      to_come_(decisions.size()) {
  for (const Decision& decision : decisions) {
    picks_[decision.name] = decision.pick;
  }
}

uint32_t BranchingScheduler::Pick(const sim::Choice& choice) {
  if (to_come_ > 0) {
    const auto found =
        picks_.find(std::string_view(choice.name.data(), choice.name.size()));
    if (found == picks_.end()) return 0;
    --to_come_;
    return std::min(found->second, choice.alternatives - 1);
  }
  if (!branches_at_all_) return 0;
  for (uint32_t pick = 1; pick < choice.alternatives; ++pick) {
    if (choice.kind == sim::ChoiceKind::kOrder && Commutes(choice, pick)) {
      continue;
    }
    branches_.push_back(
        {std::string(choice.name.data(), choice.name.size()), pick});
  }
  return 0;
}

bool BranchingScheduler::Commutes(const sim::Choice& choice,
                                  uint32_t pick) const {
  // Where time may pass before any of them, each order has times of its own.
  if (sites_.empty() || choice.due == sim::Choice::kNoneDue) return false;
  for (const sim::Event* event : choice.events) {
    if (event->HostIndex() >= sites_.size()) return false;  // everybody's
  }
  return sites_[choice.events[choice.due]->HostIndex()] !=
         sites_[choice.events[pick]->HostIndex()];
}

}  // namespace simloop::explore
