// Strategy: which schedules a search tries, and what it learns from them. An
// interface because there are five: random, swarm, pct, coverage, exhaustive.
//
// 1. A strategy lives in the process that leads a search. Workers have copies
//    of it, made before the first attempt, that only make schedulers: what an
//    attempt does must depend on the attempt, and not on what was learned.
// 2. Attempts are learned from in the order of Next(), whoever ran them and
//    whenever; so what a search does depends on no number of workers.
#ifndef EXPLORE_STRATEGY_H_
#define EXPLORE_STRATEGY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "explore/schedule.h"
#include "sim/choice.h"

namespace simloop::explore {

// One run of a search.
struct Attempt {
  uint64_t number = 0;
  // What it begins with, where the strategy says so.
  std::vector<Decision> decisions;
};

// What a run showed.
struct Observation {
  uint64_t number = 0;
  uint64_t hash = 0;
  // Of its failures; the first is the one it counts as.
  std::vector<std::string> ways;
  std::vector<std::string> shown;
  // Where the strategy wants them:
  uint64_t order = 0;               // explore/order_print.h
  std::vector<uint32_t> features;   // explore/feature_list.h
  std::vector<Decision> decisions;  // that were taken
  std::vector<Decision> branches;   // one more that could be taken
  // The second run of the self-check came out differently.
  bool unequal = false;
};

// The scheduler of one attempt.
class AttemptScheduler : public sim::Scheduler {
 public:
  // After the run: decisions, each of which makes another attempt with what
  // this one began with.
  virtual std::vector<Decision> Branches() { return {}; }
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  virtual std::unique_ptr<AttemptScheduler> MakeScheduler(
      const Attempt& attempt) const = 0;

  // The next attempt. False: there is none before more is learned, or, if all
  // have been learned from, none at all.
  virtual bool Next(Attempt* attempt) = 0;
  virtual void Learn(const Attempt& attempt, const Observation& seen) {}

  // What an Observation must have beside hash and ways.
  struct Wants {
    bool features = false;  // and decisions
    // The order, told apart by these sites; null: not.
    const std::vector<uint32_t>* sites = nullptr;
  };
  virtual Wants wants() const { return {}; }

  // All that it has learned, as lines of text, to go on from another time.
  // Attempts that were given out and not learned from come again.
  virtual std::string State() const = 0;
  virtual absl::Status SetState(absl::string_view state) = 0;
};

// A part of a search: every `count`-th of its attempts, from `index` on.
struct Shard {
  uint64_t index = 0;
  uint64_t count = 1;
};

struct StrategyOptions {
  std::string name = "random";
  uint64_t seed = 1;
  Shard shard;
  // How many choices the calm run has.
  uint64_t choices = 0;
  // exhaustive: at most so many decisions that are not the calm ones.
  uint32_t bound = UINT32_MAX;
  // exhaustive: Subject::Sites().
  std::vector<uint32_t> sites;
  // exhaustive: equivalent orders are left out.
  bool reduce = true;
  // pct: the depth of the bugs that it is sure to find now and then.
  uint32_t depth = 3;
};

// "random", "swarm", "pct", "coverage", "exhaustive".
const std::vector<std::string>& StrategyNames();
// REQUIRES: options.name is one of those.
std::unique_ptr<Strategy> MakeStrategy(const StrategyOptions& options);

}  // namespace simloop::explore

#endif  // EXPLORE_STRATEGY_H_
