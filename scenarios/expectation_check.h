// ExpectationCheck: whether a run's events are what its scenario expects.
#ifndef SCENARIOS_EXPECTATION_CHECK_H_
#define SCENARIOS_EXPECTATION_CHECK_H_

#include <string>
#include <vector>

#include "scenarios/event_list.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

// How a run went about: which expectations hold for it.
enum class RunKind {
  kCalm,       // simulated, with no scheduler
  kScheduled,  // simulated, under some other schedule
  kLive,       // on the kernel of this machine
};

// One line for each expectation that does not hold, in the order of the file:
// "FILE:12: what was expected and what happened instead".
// `ways`, if it is not null, gets for each of them how the run fails, in words
// that stay the same when the file is edited elsewhere.
std::vector<std::string> CheckExpectations(
    const Scenario& scenario, const std::vector<RunEvent>& events, RunKind run,
    std::vector<std::string>* ways = nullptr);

// Of each thing that some run should show: its name if this one does, else "?"
// and its name.
std::vector<std::string> WhatIsShown(const Scenario& scenario,
                                     const std::vector<RunEvent>& events);

// What programs have asserted (scenarios/assertion.h) and what does not hold, a
// line each; `ways` as above.
std::vector<std::string> CheckAssertions(const Scenario& scenario,
                                         const std::vector<RunEvent>& events,
                                         std::vector<std::string>* ways);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_EXPECTATION_CHECK_H_
