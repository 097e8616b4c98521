#include "explore/coverage_strategy.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "explore/mix.h"
#include "explore/mutation_scheduler.h"
#include "explore/swarm_scheduler.h"

namespace simloop::explore {

uint64_t CoverageStrategy::SeedOf(const Attempt& attempt) const {
  return options_.seed + attempt.number;
}

std::unique_ptr<AttemptScheduler> CoverageStrategy::MakeScheduler(
    const Attempt& attempt) const {
  const uint64_t seed = SeedOf(attempt);
  if (attempt.decisions.empty()) return std::make_unique<SwarmScheduler>(seed);
  return std::make_unique<MutationScheduler>(seed, attempt.decisions);
}

bool CoverageStrategy::Next(Attempt* attempt) {
  if (given_ % kGeneration == 0) {
    if (learned_ < given_) return false;
    usable_ = corpus_.size();
  }
  ++given_;
  attempt->number = next_;
  next_ += options_.shard.count;
  attempt->decisions.clear();
  const uint64_t lot = Mix(SeedOf(*attempt), 17);
  // A quarter starts afresh; of the rest half takes one of the newest.
  if (usable_ == 0 || lot % 4 == 0) return true;
  const size_t newest = std::min<size_t>(usable_, 16);
  const uint64_t which = lot >> 8;
  attempt->decisions =
      corpus_[lot % 4 == 1 ? which % usable_ : usable_ - 1 - which % newest];
  return true;
}

void CoverageStrategy::Learn(const Attempt&, const Observation& seen) {
  ++learned_;
  const size_t before = features_.size();
  features_.insert(seen.features.begin(), seen.features.end());
  if (features_.size() > before) corpus_.push_back(seen.decisions);
}

std::string CoverageStrategy::State() const {
  const uint64_t finished = learned_ / kGeneration * kGeneration;
  std::string text = absl::StrCat("finished ", finished, "\n");
  for (const uint32_t feature : features_) {
    absl::StrAppend(&text, "feature ", feature, "\n");
  }
  for (const std::vector<Decision>& decisions : corpus_) {
    absl::StrAppend(&text, "corpus\n");
    for (const Decision& decision : decisions) {
      absl::StrAppend(&text, "decide ", decision.name, " = ", decision.pick,
                      "\n");
    }
  }
  return text;
}

absl::Status CoverageStrategy::SetState(absl::string_view state) {
  for (const absl::string_view line : absl::StrSplit(state, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    uint32_t number = 0;
    if (line.empty()) continue;
    if (line == "corpus") {
      corpus_.emplace_back();
    } else if (parts.first == "finished" &&
               absl::SimpleAtoi(parts.second, &given_)) {
      learned_ = given_;
      next_ = options_.shard.index + given_ * options_.shard.count;
    } else if (parts.first == "feature" &&
               absl::SimpleAtoi(parts.second, &number)) {
      features_.insert(number);
    } else if (parts.first == "decide" && !corpus_.empty() &&
               parts.second.rfind(" = ") != absl::string_view::npos &&
               absl::SimpleAtoi(
                   parts.second.substr(parts.second.rfind(" = ") + 3),
                   &number)) {
      corpus_.back().push_back(
          {std::string(parts.second.substr(0, parts.second.rfind(" = "))),
           number});
    } else {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected `finished`, `feature`, `corpus` or `decide`, got \"",
          line.substr(0, 40), "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace simloop::explore
