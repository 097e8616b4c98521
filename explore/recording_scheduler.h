// RecordingScheduler: a decorator that writes down each decision of another
// scheduler that is not the calm one.
#ifndef EXPLORE_RECORDING_SCHEDULER_H_
#define EXPLORE_RECORDING_SCHEDULER_H_

#include <string>
#include <vector>

#include "explore/choice_clock.h"
#include "explore/schedule.h"
#include "sim/choice.h"

namespace simloop::explore {

class RecordingScheduler final : public sim::Scheduler {
 public:
  // `scheduler` must outlive it.
  explicit RecordingScheduler(sim::Scheduler& scheduler)
      : scheduler_(scheduler) {}

  uint32_t Pick(const sim::Choice& choice) override {
    const uint32_t pick = scheduler_.Pick(choice);
    ++asked_;
    if (pick != 0) {
      decisions_.push_back(
          {std::string(choice.name.data(), choice.name.size()), pick});
      if (CountsTurns(choice.name)) {
        decisions_.back().at = clock_.TimeOf(choice);
      }
      alternatives_.push_back(choice.alternatives);
    }
    return pick;
  }
  void OnEvent(const sim::Event& event) override {
    clock_.OnEvent(event);
    scheduler_.OnEvent(event);
  }

  const std::vector<Decision>& decisions() const { return decisions_; }
  // Of each of them.
  const std::vector<uint32_t>& alternatives() const { return alternatives_; }
  // How many choices there were, the calm picks among them.
  size_t asked() const { return asked_; }

 private:
  sim::Scheduler& scheduler_;
  ChoiceClock clock_;
  std::vector<Decision> decisions_;
  std::vector<uint32_t> alternatives_;
  size_t asked_ = 0;
};

}  // namespace simloop::explore

#endif  // EXPLORE_RECORDING_SCHEDULER_H_
