#include "explore/guided_scheduler.h"

#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace simloop::explore {
namespace {

// "client.wake wakeup" of "client.wake#4~2 wakeup".
std::string WithoutNumber(absl::string_view name) {
  return absl::StrCat(name.substr(0, name.find('#')),
                      name.substr(name.rfind(' ')));
}

}  // namespace

GuidedScheduler::GuidedScheduler(const Schedule& schedule) {
  for (const Decision& decision : schedule.decisions) {
    if (decision.at && CountsTurns(decision.name)) {
      by_turn_[WithoutNumber(decision.name)].push_back(entries_.size());
    } else {
      by_name_[decision.name] = entries_.size();
    }
    entries_.push_back({{decision, 0}});
  }
}

GuidedScheduler::Entry* GuidedScheduler::Find(const sim::Choice& choice) {
  const auto named =
      by_name_.find(std::string_view(choice.name.data(), choice.name.size()));
  if (named != by_name_.end()) return &entries_[named->second];
  if (by_turn_.empty() || !CountsTurns(choice.name)) return nullptr;
  const auto turns = by_turn_.find(WithoutNumber(choice.name));
  if (turns == by_turn_.end()) return nullptr;
  const loop::Instant now = clock_.TimeOf(choice);
  for (const size_t index : turns->second) {
    Entry& entry = entries_[index];
    // What was passed over at its time is not looked for any more.
    if (!entry.taken && entry.mismatch.alternatives == 0 &&
        *entry.mismatch.decision.at == now) {
      return &entry;
    }
  }
  return nullptr;
}

uint32_t GuidedScheduler::Pick(const sim::Choice& choice) {
  Entry* const entry = Find(choice);
  if (entry == nullptr) return 0;
  entry->mismatch.alternatives = choice.alternatives;
  if (entry->mismatch.decision.pick >= choice.alternatives) return 0;
  entry->taken = true;
  return entry->mismatch.decision.pick;
}

std::vector<ReplayScheduler::Mismatch> GuidedScheduler::Unmatched() const {
  std::vector<ReplayScheduler::Mismatch> unmatched;
  for (const Entry& entry : entries_) {
    if (!entry.taken && entry.mismatch.decision.pick != 0) {
      unmatched.push_back(entry.mismatch);
    }
  }
  return unmatched;
}

}  // namespace simloop::explore
