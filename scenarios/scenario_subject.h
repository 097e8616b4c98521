// ScenarioSubject: a scenario as what explore/ searches.
#ifndef SCENARIOS_SCENARIO_SUBJECT_H_
#define SCENARIOS_SCENARIO_SUBJECT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "explore/subject.h"
#include "scenarios/director.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

class ScenarioSubject final : public explore::Subject {
 public:
  // `scenario` must outlive it.
  explicit ScenarioSubject(const Scenario& scenario) : scenario_(scenario) {}

  explore::Trial Run(sim::Scheduler* scheduler, trace::Sink* sink) override;
  // Hosts are one site where a link may take no time, where a step or a fault
  // follows a signal of another host, where a fault counts events, and where
  // an expectation is about the events of several.
  std::vector<uint32_t> Sites() override;

  // Of the last run.
  const Outcome& outcome() const { return outcome_; }

 private:
  const Scenario& scenario_;
  Outcome outcome_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SCENARIO_SUBJECT_H_
