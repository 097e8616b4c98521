// GuidedScheduler: takes the decisions of a schedule in a run of a program that
// has changed since. Names are what they were but for those that count the
// turns of a process; these are known again by their times, where the schedule
// has them. An exact replay is ReplayScheduler's.
#ifndef EXPLORE_GUIDED_SCHEDULER_H_
#define EXPLORE_GUIDED_SCHEDULER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "explore/choice_clock.h"
#include "explore/replay_scheduler.h"
#include "explore/schedule.h"
#include "sim/choice.h"

namespace simloop::explore {

class GuidedScheduler final : public sim::Scheduler {
 public:
  // `schedule` must outlive it.
  explicit GuidedScheduler(const Schedule& schedule);

  uint32_t Pick(const sim::Choice& choice) override;
  void OnEvent(const sim::Event& event) override { clock_.OnEvent(event); }

  // As ReplayScheduler::Unmatched().
  std::vector<ReplayScheduler::Mismatch> Unmatched() const;

 private:
  struct Entry {
    ReplayScheduler::Mismatch mismatch;
    bool taken = false;
  };

  // The entry that is meant, or null.
  Entry* Find(const sim::Choice& choice);

  ChoiceClock clock_;
  std::vector<Entry> entries_;
  // Indices into entries_: by name, and those with a time, in order, by what
  // they are without the number: "client.wake wakeup".
  std::map<std::string, size_t, std::less<>> by_name_;
  std::map<std::string, std::vector<size_t>, std::less<>> by_turn_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_GUIDED_SCHEDULER_H_
