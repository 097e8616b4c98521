#include "explore/strategy.h"

#include "explore/coverage_strategy.h"
#include "explore/exhaustive_strategy.h"
#include "explore/pct_scheduler.h"
#include "explore/random_scheduler.h"
#include "explore/seeded_strategy.h"
#include "explore/swarm_scheduler.h"
#include "loop/check.h"

namespace simloop::explore {
namespace {

// A RandomScheduler as an attempt's.
class RandomAttempt final : public AttemptScheduler {
 public:
  explicit RandomAttempt(uint64_t seed) : random_(seed) {}
  uint32_t Pick(const sim::Choice& choice) override {
    return random_.Pick(choice);
  }

 private:
  RandomScheduler random_;
};

std::unique_ptr<AttemptScheduler> MakeRandom(uint64_t seed,
                                             const StrategyOptions&) {
  return std::make_unique<RandomAttempt>(seed);
}

std::unique_ptr<AttemptScheduler> MakeSwarm(uint64_t seed,
                                            const StrategyOptions&) {
  return std::make_unique<SwarmScheduler>(seed);
}

std::unique_ptr<AttemptScheduler> MakePct(uint64_t seed,
                                          const StrategyOptions& options) {
  return std::make_unique<PctScheduler>(seed, options.depth, options.choices);
}

}  // namespace

const std::vector<std::string>& StrategyNames() {
  static const auto* const names = new std::vector<std::string>{
      "random", "swarm", "pct", "coverage", "exhaustive"};
  return *names;
}

std::unique_ptr<Strategy> MakeStrategy(const StrategyOptions& options) {
  if (options.name == "random") {
    return std::make_unique<SeededStrategy>(options, MakeRandom);
  }
  if (options.name == "swarm") {
    return std::make_unique<SeededStrategy>(options, MakeSwarm);
  }
  if (options.name == "pct") {
    return std::make_unique<SeededStrategy>(options, MakePct);
  }
  if (options.name == "coverage") {
    return std::make_unique<CoverageStrategy>(options);
  }
  SIMLOOP_CHECK(options.name == "exhaustive", options.name);
  return std::make_unique<ExhaustiveStrategy>(options);
}

}  // namespace simloop::explore
