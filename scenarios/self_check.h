// SelfCheck: whether runs are the same runs again, here and in a process that
// was started anew.
#ifndef SCENARIOS_SELF_CHECK_H_
#define SCENARIOS_SELF_CHECK_H_

#include <string>
#include <vector>

#include "explore/schedule.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_subject.h"

namespace simloop::scenarios {

// Runs `decisions` here, some times, and elsewhere. "" if all are one run,
// else where the first that differs parts from the first run. `here`: so many
// times in this process.
std::string FindDifference(const Scenario& scenario, ScenarioSubject& subject,
                           const std::vector<explore::Decision>& decisions,
                           int here);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SELF_CHECK_H_
