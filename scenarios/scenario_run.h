// ScenarioRun: one run of a scenario from its schedule to its outcome, with
// what is kept of it.
#ifndef SCENARIOS_SCENARIO_RUN_H_
#define SCENARIOS_SCENARIO_RUN_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "explore/replay_scheduler.h"
#include "explore/schedule.h"
#include "scenarios/director.h"
#include "scenarios/scenario.h"
#include "trace/trace.h"

namespace simloop::scenarios {

// Which run. At most one of the three; none is the calm run.
struct RunRequest {
  bool live = false;
  // The decisions of explore::RandomScheduler.
  std::optional<uint64_t> seed;
  // Not owned.
  const explore::Schedule* schedule = nullptr;
  // The program may have changed since the schedule was made: turns of its
  // process are known again by their times (explore/guided_scheduler.h).
  bool guided = false;
};

struct ScenarioRun {
  Outcome outcome;
  // The decisions that were not the calm ones.
  std::vector<explore::Decision> decisions;
  // Decisions of the request's schedule that found no place.
  std::vector<explore::ReplayScheduler::Mismatch> unmatched;
};

// Runs it. `trace` takes the records and may be null. A live run blocks until
// it has ended.
ScenarioRun RunScenario(const Scenario& scenario, const RunRequest& request,
                        trace::Trace* trace);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SCENARIO_RUN_H_
