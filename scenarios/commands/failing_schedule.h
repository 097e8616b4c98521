// FailingSchedule: a schedule file whose run fails: what `shrink` and `explain`
// begin with.
#ifndef SCENARIOS_COMMANDS_FAILING_SCHEDULE_H_
#define SCENARIOS_COMMANDS_FAILING_SCHEDULE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "explore/schedule.h"
#include "scenarios/commands/options.h"
#include "scenarios/saved_schedule.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

struct FailingSchedule {
  SavedSchedule saved;
  Scenario scenario;
  // Of the run by it, guided.
  std::vector<explore::Decision> decisions;
  std::string way;
  std::string text;
};

// The one operand of `command`. InvalidArgumentError also if its run holds.
absl::StatusOr<FailingSchedule> LoadFailing(const Options& options,
                                            absl::string_view command);

// "server.wake#4 order = 1", a line each, indented.
std::string DecisionLines(const std::vector<explore::Decision>& decisions);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_FAILING_SCHEDULE_H_
