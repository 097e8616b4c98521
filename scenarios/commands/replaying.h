// Replaying: runs a scenario by a saved schedule, and compares what comes of
// it with what came of it when it was saved.
#ifndef SCENARIOS_COMMANDS_REPLAYING_H_
#define SCENARIOS_COMMANDS_REPLAYING_H_

#include "scenarios/commands/exit_status.h"
#include "scenarios/commands/options.h"
#include "scenarios/saved_schedule.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

// Prints the views that `options` ask for (report.h), and the outcome. Strict:
// a trace other than the saved one is kNondeterminism, with the first record
// that differs. Else decisions that found no place are told, and the run
// counts as it is.
ExitStatus Replay(const Options& options, const Scenario& scenario,
                  const SavedSchedule& saved, bool strict);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_REPLAYING_H_
