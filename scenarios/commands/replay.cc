// The `replay` command: runs again what a schedule file was saved from.
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/replaying.h"
#include "scenarios/commands/report.h"
#include "scenarios/loader.h"
#include "scenarios/saved_schedule.h"

namespace simloop::scenarios {
namespace {

ExitStatus RunReplay(const Options& options) {
  const absl::Status operands =
      options.ExpectOperands(1, "replay: one schedule file");
  if (!operands.ok()) return WrongInput(operands);
  const absl::Status views = CheckViews(options, "replay");
  if (!views.ok()) return WrongInput(views);
  const absl::StatusOr<SavedSchedule> saved =
      LoadSchedule(options.operands()[0]);
  if (!saved.ok()) return WrongInput(saved.status());
  if (saved->scenario_path.empty()) {
    return WrongInput(absl::InvalidArgumentError(
        absl::StrCat(saved->path,
                     ":1:1: names no scenario; expected a line `scenario "
                     "FILE`")));
  }
  absl::StatusOr<Scenario> scenario = LoadScenario(saved->scenario_path);
  if (!scenario.ok()) return WrongInput(scenario.status());
  scenario->time = saved->time;
  return Replay(options, *scenario, *saved, !options.Has("--guided"));
}

}  // namespace

Command ReplayCommand() {
  Command command = {
      "replay",
      "SCHEDULE",
      "Runs again what a schedule was saved from (run --save-schedule).\n"
      "Strict: the trace must be the same, record for record; if the program,\n"
      "the scenario or the simulator has changed, the first record that\n"
      "differs is shown and the exit status is 3.",
      {{"--guided", nullptr,
        "take the decisions that find their place, and do not compare"}},
      RunReplay};
  const std::vector<OptionSpec> views = ViewOptions();
  command.options.insert(command.options.end(), views.begin(), views.end());
  return command;
}

}  // namespace simloop::scenarios
