#include "explore/seeded_strategy.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace simloop::explore {

bool SeededStrategy::Next(Attempt* attempt) {
  attempt->number = next_;
  attempt->decisions.clear();
  next_ += options_.shard.count;
  return true;
}

std::string SeededStrategy::State() const {
  return absl::StrCat("next ", learned_ == 0 ? options_.shard.index : learned_,
                      "\n");
}

absl::Status SeededStrategy::SetState(absl::string_view state) {
  uint64_t next = 0;
  if (state.substr(0, 5) != "next " ||
      !absl::SimpleAtoi(state.substr(5), &next)) {
    return absl::InvalidArgumentError("expected `next NUMBER`");
  }
  next_ = learned_ = next;
  return absl::OkStatus();
}

}  // namespace simloop::explore
