// The `run` command: runs one scenario, simulated or live.
#include <limits>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/replaying.h"
#include "scenarios/commands/report.h"
#include "scenarios/live_stage.h"
#include "scenarios/loader.h"
#include "scenarios/saved_schedule.h"
#include "scenarios/scenario_run.h"

namespace simloop::scenarios {
namespace {

absl::Status CheckTogether(const Options& options) {
  const int ways =
      options.Has("--live") + options.Has("--seed") + options.Has("--schedule");
  if (ways > 1) {
    return absl::InvalidArgumentError(
        "run: expected at most one of --live, --seed and --schedule");
  }
  if (options.Has("--live") && options.Has("--save-schedule")) {
    return absl::InvalidArgumentError(
        "run: a live run has no schedule; expected no --save-schedule");
  }
  if (options.Has("--live") && options.Has("--pcap")) {
    return absl::InvalidArgumentError(
        "run: a live run has no simulated packets; use tcpdump(8), or expected "
        "no --pcap");
  }
  if (options.Has("--time") &&
      (options.Has("--live") || options.Has("--schedule"))) {
    return absl::InvalidArgumentError(
        "run: the mode of time is a schedule's own, and a live run has none; "
        "expected no --time with --schedule or --live");
  }
  if (options.Has("--strict") && !options.Has("--schedule")) {
    return absl::InvalidArgumentError(
        "run: --strict compares with a schedule's run; expected --schedule");
  }
  const absl::Status views = CheckViews(options, "run");
  if (!views.ok()) return views;
  return options.ExpectOperands(1, "run: one scenario file");
}

std::string Again(const Scenario& scenario, const RunRequest& request) {
  return absl::StrCat(
      "./simloop run ", request.live ? "--live " : "", ShellWord(scenario.file),
      request.seed ? absl::StrCat(" --seed ", *request.seed) : "",
      TimeOption(scenario.time));
}

ExitStatus RunFile(const Options& options, const Scenario& scenario,
                   const RunRequest& request) {
  trace::Trace trace = TraceFor(options);
  const ScenarioRun run = RunScenario(scenario, request, &trace);
  absl::Status status = PrintViews(options, trace);
  if (status.ok() && options.Has("--save-schedule")) {
    status = SaveSchedule(options.Value("--save-schedule"), scenario, request,
                          run, trace);
  }
  if (!status.ok()) return WrongInput(status);
  return PrintOutcome(scenario, request, run.outcome, Again(scenario, request));
}

ExitStatus Run(const Options& options) {
  const absl::Status together = CheckTogether(options);
  if (!together.ok()) return WrongInput(together);
  const absl::StatusOr<uint64_t> seed =
      options.Number("--seed", 0, std::numeric_limits<uint64_t>::max(), 0);
  if (!seed.ok()) return WrongInput(seed.status());
  sim::TimeMode time = sim::TimeMode::kDrawn;
  const absl::Status time_read = ReadTime(options, "run", &time);
  if (!time_read.ok()) return WrongInput(time_read);
  absl::StatusOr<Scenario> scenario = LoadScenario(options.operands()[0]);
  if (!scenario.ok()) return WrongInput(scenario.status());
  scenario->time = time;

  if (options.Has("--schedule")) {
    const absl::StatusOr<SavedSchedule> saved =
        LoadSchedule(options.Value("--schedule"));
    if (!saved.ok()) return WrongInput(saved.status());
    scenario->time = saved->time;
    return Replay(options, *scenario, *saved, options.Has("--strict"));
  }
  RunRequest request;
  request.live = options.Has("--live");
  if (options.Has("--seed")) request.seed = *seed;
  if (request.live && scenario->needs_simulation()) {
    return WrongInput(absl::InvalidArgumentError(absl::StrCat(
        scenario->file,
        ": has faults, a NAT or sysctls, which only a simulation can bring "
        "about; "
        "expected none for --live")));
  }
  if (request.live && scenario->hosts.size() > LiveStage::kMostHosts) {
    return WrongInput(absl::InvalidArgumentError(absl::StrCat(
        scenario->file, ": has ", scenario->hosts.size(),
        " hosts; live there are at most ", LiveStage::kMostHosts)));
  }
  return RunFile(options, *scenario, request);
}

}  // namespace

Command RunCommand() {
  Command command = {
      "run",
      "FILE",
      "Runs a scenario and checks what it expects.\n"
      "Without options it is the calm run: of all that could happen, always\n"
      "the dullest. docs/scenarios.md says how to write one.",
      {
          {"--live", nullptr, "run it on the kernel of this machine"},
          {"--seed", "N", "let the seed N decide whatever could go otherwise"},
          {"--time", "T",
           "how it decides times: drawn (the default) or any-order"},
          {"--schedule", "F", "take the decisions of the schedule file F"},
          {"--strict", nullptr,
           "with --schedule: the trace must be the one that F was saved with"},
          {"--save-schedule", "F",
           "write the run's decisions to F, and its trace to F.trace"},
      },
      Run};
  const std::vector<OptionSpec> views = ViewOptions();
  command.options.insert(command.options.end(), views.begin(), views.end());
  return command;
}

}  // namespace simloop::scenarios
