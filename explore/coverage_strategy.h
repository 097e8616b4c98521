// CoverageStrategy: what showed something new is tried again, a little
// changed. Attempts come in generations, each made from what the ones before it
// have shown; so that what a search does is the same for any number of
// workers.
#ifndef EXPLORE_COVERAGE_STRATEGY_H_
#define EXPLORE_COVERAGE_STRATEGY_H_

#include <set>
#include <string>
#include <vector>

#include "explore/strategy.h"

namespace simloop::explore {

class CoverageStrategy final : public Strategy {
 public:
  static constexpr uint64_t kGeneration = 128;

  explicit CoverageStrategy(const StrategyOptions& options)
      : options_(options), next_(options.shard.index) {}

  std::unique_ptr<AttemptScheduler> MakeScheduler(
      const Attempt& attempt) const override;
  bool Next(Attempt* attempt) override;
  void Learn(const Attempt& attempt, const Observation& seen) override;
  Wants wants() const override { return {true, nullptr}; }
  // The corpus and the features; an unfinished generation is made again.
  std::string State() const override;
  absl::Status SetState(absl::string_view state) override;

 private:
  uint64_t SeedOf(const Attempt& attempt) const;

  const StrategyOptions options_;
  uint64_t next_;
  uint64_t given_ = 0;    // of all generations
  uint64_t learned_ = 0;  // likewise
  std::set<uint32_t> features_;
  std::vector<std::vector<Decision>> corpus_;
  // How much of the corpus the generation in progress is made from.
  size_t usable_ = 0;
};

}  // namespace simloop::explore

#endif  // EXPLORE_COVERAGE_STRATEGY_H_
