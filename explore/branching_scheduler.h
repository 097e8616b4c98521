// BranchingScheduler: takes the decisions that it is given, is calm elsewhere,
// and tells which single decisions more lead to runs that it did not make.
//
// Partial-order reduction. Events of different sites (Subject::Sites()) that
// are due at one instant commute: neither sees whether the other came first.
// So of those only the first one's site is asked for another order, and then
// the next one's (a persistent set, Godefroid 1996). Where an event concerns
// everybody, all orders of that instant are different ones. Where time is in
// any order the site is that of an event that cannot wait; if time may pass
// before any of them, none commute.
#ifndef EXPLORE_BRANCHING_SCHEDULER_H_
#define EXPLORE_BRANCHING_SCHEDULER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "explore/schedule.h"
#include "explore/strategy.h"
#include "sim/choice.h"

namespace simloop::explore {

class BranchingScheduler final : public AttemptScheduler {
 public:
  // `sites` as in Subject; must outlive it. More than `bound` decisions are
  // not branched to.
  BranchingScheduler(const std::vector<Decision>& decisions,
                     const std::vector<uint32_t>& sites, uint32_t bound);
  uint32_t Pick(const sim::Choice& choice) override;
  // Only of choices behind the last decision that was given: those before it
  // were branched from when they were calm.
  std::vector<Decision> Branches() override { return std::move(branches_); }

 private:
  bool Commutes(const sim::Choice& choice, uint32_t pick) const;

  std::map<std::string, uint32_t, std::less<>> picks_;
  const std::vector<uint32_t>& sites_;
  const bool branches_at_all_;
  size_t to_come_;  // of the given decisions
  std::vector<Decision> branches_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_BRANCHING_SCHEDULER_H_
