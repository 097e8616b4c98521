#include "scenarios/commands/replaying.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/report.h"
#include "scenarios/scenario_run.h"
#include "trace/comparer.h"
#include "trace/record_text.h"
#include "trace/trace_file.h"

namespace simloop::scenarios {
namespace {

void PrintUnmatched(const ScenarioRun& run) {
  for (const auto& mismatch : run.unmatched) {
    absl::PrintF(
        "%s = %d found no place: %s\n", mismatch.decision.name,
        mismatch.decision.pick,
        mismatch.alternatives == 0
            ? mismatch.decision.at
                  ? absl::StrCat("nothing of that name happens, and "
                                 "nothing of its kind at ",
                                 trace::TimeText(*mismatch.decision.at))
                  : "nothing of that name happens"
            : absl::StrCat("there are only ", mismatch.alternatives,
                           " alternatives"));
  }
}

// Where the two runs part, if it is known.
std::string Difference(const SavedSchedule& saved, const trace::Trace& trace) {
  const std::string path = TracePathOf(saved.path);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return absl::StrCat("there is no ", path,
                        " to find the first difference with");
  }
  const absl::StatusOr<trace::Trace> expected = trace::LoadTrace(path);
  if (!expected.ok()) return std::string(expected.status().message());
  const std::string report = trace::CompareTraces(*expected, trace);
  return report.empty() ? absl::StrCat(path, " is of yet another run") : report;
}

}  // namespace

ExitStatus Replay(const Options& options, const Scenario& scenario,
                  const SavedSchedule& saved, bool strict) {
  if (strict && !saved.hash) {
    return WrongInput(absl::InvalidArgumentError(
        absl::StrCat(saved.path,
                     ": has no hash to compare with; expected a line `hash "
                     "0123456789abcdef`, or to be replayed guided")));
  }
  RunRequest request;
  request.schedule = &saved.schedule;
  request.guided = !strict;
  trace::Trace trace = TraceFor(options);
  const ScenarioRun run = RunScenario(scenario, request, &trace);
  const absl::Status status = PrintViews(options, trace);
  if (!status.ok()) return WrongInput(status);
  PrintUnmatched(run);
  if (strict && run.outcome.hash != *saved.hash) {
    absl::PrintF("%s\n%s: nondeterminism: hash %s, expected %s\n",
                 Difference(saved, trace), saved.path,
                 HashText(run.outcome.hash), HashText(*saved.hash));
    return kNondeterminism;
  }
  if (strict) {
    absl::PrintF("%s: all %d records are the same\n", saved.path,
                 run.outcome.records);
  }
  return PrintOutcome(
      scenario, request, run.outcome,
      absl::StrCat("./simloop replay ", strict ? "" : "--guided ",
                   ShellWord(saved.path)));
}

}  // namespace simloop::scenarios
