#include "explore/pct_scheduler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "explore/choice_group.h"
#include "explore/mix.h"
#include "sim/event.h"

namespace simloop::explore {
namespace {

// Whose event it is: what arrives where, from which end of which line.
std::string SourceOf(const sim::Event& event) {
  const std::string name = event.Name();
  return absl::StrCat(event.HostIndex(), " ", GroupOf(name));
}

}  // namespace

PctScheduler::PctScheduler(uint64_t seed, uint32_t depth, uint64_t choices)
    : seed_(seed), random_(seed) {
  // One for an order, as PCT has depth - 1, and one for a delay.
  for (uint32_t i = 0; i < 2 * depth - 1; ++i) {
    changes_.push_back(Mix(seed, 1000 + i) % std::max<uint64_t>(1, choices));
  }
  std::sort(changes_.begin(), changes_.end());
}

uint32_t PctScheduler::Pick(const sim::Choice& choice) {
  const bool change =
      std::binary_search(changes_.begin(), changes_.end(), asked_++);
  if (choice.kind == sim::ChoiceKind::kOrder) return PickOrder(choice, change);
  if (change) {
    return 1 + static_cast<uint32_t>(MixText(seed_, choice.name) %
                                     (choice.alternatives - 1));
  }
  if (choice.kind != sim::ChoiceKind::kDelay &&
      choice.kind != sim::ChoiceKind::kWakeup) {
    return 0;
  }
  switch (MixText(~seed_, GroupOf(choice.name)) % 4) {
    case 0:
      return choice.alternatives - 1;
    case 1:
      return random_.Pick(choice);
    default:
      return 0;
  }
}

uint32_t PctScheduler::PickOrder(const sim::Choice& choice, bool change) {
  // Those that have not fallen go before those that have.
  std::pair<int64_t, uint64_t> highest;
  uint32_t pick = 0;
  std::string source;
  for (uint32_t i = 0; i < choice.alternatives; ++i) {
    const std::string name = SourceOf(*choice.events[i]);
    const auto fallen = fallen_.find(name);
    const std::pair<int64_t, uint64_t> priority = {
        fallen == fallen_.end() ? 0 : -static_cast<int64_t>(fallen->second),
        MixText(seed_, name)};
    if (i > 0 && priority <= highest) continue;
    highest = priority;
    pick = i;
    source = name;
  }
  if (!change) return pick;
  fallen_[source] = static_cast<uint32_t>(fallen_.size()) + 1;
  return PickOrder(choice, /*change=*/false);
}

}  // namespace simloop::explore
