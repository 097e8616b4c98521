#include "scenarios/commands/failing_schedule.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "explore/trying.h"
#include "scenarios/loader.h"
#include "scenarios/scenario_run.h"
#include "scenarios/scenario_subject.h"

namespace simloop::scenarios {

absl::StatusOr<FailingSchedule> LoadFailing(const Options& options,
                                            absl::string_view command) {
  const absl::Status operands =
      options.ExpectOperands(1, absl::StrCat(command, ": one schedule file"));
  if (!operands.ok()) return operands;
  absl::StatusOr<SavedSchedule> saved = LoadSchedule(options.operands()[0]);
  if (!saved.ok()) return saved.status();
  if (saved->scenario_path.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        saved->path,
        ":1:1: names no scenario; expected a line `scenario FILE`"));
  }
  absl::StatusOr<Scenario> scenario = LoadScenario(saved->scenario_path);
  if (!scenario.ok()) return scenario.status();
  scenario->time = saved->time;
  // The program may have changed since.
  RunRequest guided;
  guided.schedule = &saved->schedule;
  guided.guided = true;
  const std::vector<explore::Decision> decisions =
      RunScenario(*scenario, guided, nullptr).decisions;
  ScenarioSubject subject(*scenario);
  explore::DecidedRun run = explore::RunDecisions(subject, decisions, nullptr);
  if (run.trial.failures.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        saved->path, ": the run by it holds; expected one that fails"));
  }
  FailingSchedule failing;
  failing.saved = *std::move(saved);
  failing.scenario = *std::move(scenario);
  failing.decisions = std::move(run.decisions);
  failing.way = run.trial.failures[0].way;
  failing.text = run.trial.failures[0].text;
  return failing;
}

std::string DecisionLines(const std::vector<explore::Decision>& decisions) {
  std::string lines;
  for (const explore::Decision& decision : decisions) {
    absl::StrAppend(&lines, "  ", decision.name, " = ", decision.pick, "\n");
  }
  return lines;
}

}  // namespace simloop::scenarios
