// ExhaustiveStrategy: every run that differs from the calm one by at most
// `bound` decisions, those with fewer first; of orders that no host can tell
// apart one (explore/branching_scheduler.h).
#ifndef EXPLORE_EXHAUSTIVE_STRATEGY_H_
#define EXPLORE_EXHAUSTIVE_STRATEGY_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "explore/strategy.h"

namespace simloop::explore {

class ExhaustiveStrategy final : public Strategy {
 public:
  explicit ExhaustiveStrategy(const StrategyOptions& options);

  std::unique_ptr<AttemptScheduler> MakeScheduler(
      const Attempt& attempt) const override;
  bool Next(Attempt* attempt) override;
  void Learn(const Attempt& attempt, const Observation& seen) override;
  Wants wants() const override { return {false, &options_.sites}; }
  std::string State() const override;
  absl::Status SetState(absl::string_view state) override;

 private:
  // An attempt: what another began with, and one decision more.
  struct Node {
    size_t parent;  // its index; of the root its own
    uint32_t name;  // into names_
    uint32_t pick;
  };

  uint32_t NumberOf(const std::string& name);
  // A shard has the root, and every count-th of what the root branches to.
  bool Mine(size_t parent, uint64_t branch) const {
    return parent != 0 || branch % options_.shard.count == options_.shard.index;
  }

  const StrategyOptions options_;
  std::vector<std::string> names_;
  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::deque<Node> nodes_;
  size_t given_ = 0;
  size_t learned_ = 0;
};

}  // namespace simloop::explore

#endif  // EXPLORE_EXHAUSTIVE_STRATEGY_H_
