// SeededStrategy: each attempt has a seed of its own and depends on nothing
// else: random, swarm and pct.
#ifndef EXPLORE_SEEDED_STRATEGY_H_
#define EXPLORE_SEEDED_STRATEGY_H_

#include <memory>
#include <string>

#include "explore/strategy.h"

namespace simloop::explore {

class SeededStrategy final : public Strategy {
 public:
  using Make = std::unique_ptr<AttemptScheduler> (*)(
      uint64_t seed, const StrategyOptions& options);

  SeededStrategy(const StrategyOptions& options, Make make)
      : options_(options), make_(make), next_(options.shard.index) {}

  std::unique_ptr<AttemptScheduler> MakeScheduler(
      const Attempt& attempt) const override {
    return make_(options_.seed + attempt.number, options_);
  }
  bool Next(Attempt* attempt) override;
  void Learn(const Attempt& attempt, const Observation& seen) override {
    learned_ = attempt.number + options_.shard.count;
  }
  std::string State() const override;
  absl::Status SetState(absl::string_view state) override;

 private:
  const StrategyOptions options_;
  const Make make_;
  uint64_t next_;
  uint64_t learned_ = 0;  // the first that was not learned from; 0: none was
};

}  // namespace simloop::explore

#endif  // EXPLORE_SEEDED_STRATEGY_H_
