#include "explore/exhaustive_strategy.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "explore/branching_scheduler.h"

namespace simloop::explore {

ExhaustiveStrategy::ExhaustiveStrategy(const StrategyOptions& options)
    : options_(options) {
  nodes_.push_back({0, NumberOf(""), 0});
}

uint32_t ExhaustiveStrategy::NumberOf(const std::string& name) {
  const auto [entry, fresh] =
      numbers_.emplace(name, static_cast<uint32_t>(names_.size()));
  if (fresh) names_.push_back(name);
  return entry->second;
}

std::unique_ptr<AttemptScheduler> ExhaustiveStrategy::MakeScheduler(
    const Attempt& attempt) const {
  static const std::vector<uint32_t> kOneSite;
  return std::make_unique<BranchingScheduler>(
      attempt.decisions, options_.reduce ? options_.sites : kOneSite,
      options_.bound);
}

bool ExhaustiveStrategy::Next(Attempt* attempt) {
  if (given_ == nodes_.size()) return false;
  attempt->number = given_;
  attempt->decisions.clear();
  for (size_t i = given_; i != 0; i = nodes_[i].parent) {
    attempt->decisions.push_back({names_[nodes_[i].name], nodes_[i].pick});
  }
  std::reverse(attempt->decisions.begin(), attempt->decisions.end());
  ++given_;
  return true;
}

void ExhaustiveStrategy::Learn(const Attempt& attempt,
                               const Observation& seen) {
  const auto parent = static_cast<size_t>(attempt.number);
  learned_ = parent + 1;
  uint64_t branch = 0;
  for (const Decision& decision : seen.branches) {
    if (!Mine(parent, branch++)) continue;
    nodes_.push_back({parent, NumberOf(decision.name), decision.pick});
  }
}

std::string ExhaustiveStrategy::State() const {
  std::string text = absl::StrCat("learned ", learned_, "\n");
  for (size_t i = 1; i < names_.size(); ++i) {
    absl::StrAppend(&text, "name ", names_[i], "\n");
  }
  for (size_t i = 1; i < nodes_.size(); ++i) {
    absl::StrAppend(&text, "node ", nodes_[i].parent, " ", nodes_[i].name, " ",
                    nodes_[i].pick, "\n");
  }
  return text;
}

absl::Status ExhaustiveStrategy::SetState(absl::string_view state) {
  for (const absl::string_view line : absl::StrSplit(state, '\n')) {
    if (line.empty()) continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    const std::vector<absl::string_view> numbers =
        absl::StrSplit(parts.second, ' ');
    Node node{0, 0, 0};
    if (parts.first == "name") {
      NumberOf(std::string(parts.second));
    } else if (parts.first == "learned" &&
               absl::SimpleAtoi(parts.second, &learned_)) {
      given_ = learned_;
    } else if (parts.first == "node" && numbers.size() == 3 &&
               absl::SimpleAtoi(numbers[0], &node.parent) &&
               absl::SimpleAtoi(numbers[1], &node.name) &&
               absl::SimpleAtoi(numbers[2], &node.pick) &&
               node.parent < nodes_.size() && node.name < names_.size()) {
      nodes_.push_back(node);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("expected `learned`, `name` or `node`, got \"",
                       line.substr(0, 40), "\""));
    }
  }
  if (learned_ > nodes_.size()) {
    return absl::InvalidArgumentError("more was learned than there is");
  }
  return absl::OkStatus();
}

}  // namespace simloop::explore
