// Shrink: the fewest decisions with which a run still fails in its way, and of
// each the least: delta debugging (Zeller, Hildebrandt, "Simplifying and
// Isolating Failure-Inducing Input", 2002) over a schedule. Taking a decision
// back is to be calm there; what comes of the others is for the run to say.
#ifndef EXPLORE_SHRINK_H_
#define EXPLORE_SHRINK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "explore/schedule.h"
#include "explore/subject.h"

namespace simloop::explore {

class Shrinker final {
 public:
  // Told after each run: how many decisions are left, and how many runs that
  // took.
  using Progress = absl::FunctionRef<void(size_t decisions, uint64_t runs)>;

  // Both must outlive it.
  Shrinker(Subject& subject, std::string way, Progress progress)
      : subject_(subject), way_(std::move(way)), progress_(progress) {}

  // REQUIRES: the run by `decisions` fails in that way. Deterministic. None of
  // those that it answers can be taken back, nor two of them.
  std::vector<Decision> Shrink(std::vector<Decision> decisions);

  uint64_t runs() const { return runs_; }

 private:
  // Whether the run by `decisions` fails so; then they are what is left, as far
  // as that run had places for them.
  bool Try(const std::vector<Decision>& decisions);
  void Remove();
  bool RemovePairs();
  bool Raise();
  void Lower();
  std::vector<Decision> Without(size_t from, size_t count) const;

  Subject& subject_;
  const std::string way_;
  Progress progress_;
  std::vector<Decision> left_;
  std::vector<uint32_t> alternatives_;  // of each
  uint64_t runs_ = 0;
};

}  // namespace simloop::explore

#endif  // EXPLORE_SHRINK_H_
