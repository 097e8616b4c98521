// ReplayScheduler: takes the decisions of a schedule where their names are
// asked, and the calm alternative everywhere else. Names that are not asked,
// and picks that are no longer possible, are told by Unmatched().
#ifndef EXPLORE_REPLAY_SCHEDULER_H_
#define EXPLORE_REPLAY_SCHEDULER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "explore/schedule.h"
#include "sim/choice.h"

namespace simloop::explore {

class ReplayScheduler final : public sim::Scheduler {
 public:
  // `schedule` must outlive it.
  explicit ReplayScheduler(const Schedule& schedule);
  uint32_t Pick(const sim::Choice& choice) override;

  // A decision of the schedule that this run had no place for.
  struct Mismatch {
    Decision decision;
    // How many alternatives there were; 0: the name was never asked.
    uint32_t alternatives = 0;
  };
  // After the run, in the schedule's order.
  std::vector<Mismatch> Unmatched() const;

 private:
  struct Entry {
    const Decision* decision;
    bool taken = false;
    uint32_t alternatives = 0;
  };

  std::vector<Entry> entries_;
  // Index into entries_.
  std::map<std::string, size_t, std::less<>> by_name_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_REPLAY_SCHEDULER_H_
