// The `shrink` command: the fewest decisions, and the smallest scenario, that
// still fail in the same way.
#include "explore/shrink.h"

#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "explore/trying.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/failing_schedule.h"
#include "scenarios/commands/report.h"
#include "scenarios/input_file.h"
#include "scenarios/loader.h"
#include "scenarios/scenario_shrink.h"
#include "scenarios/scenario_subject.h"

namespace simloop::scenarios {
namespace {

void ShowProgress(const std::string& text, uint64_t runs) {
  static const bool terminal = isatty(STDERR_FILENO) != 0;
  if (terminal && runs % 64 == 0) absl::FPrintF(stderr, "\r\033[K%s", text);
}

std::vector<explore::Decision> Fewest(const Scenario& scenario,
                                      std::vector<explore::Decision> decisions,
                                      const std::string& way, uint64_t* runs) {
  ScenarioSubject subject(scenario);
  explore::Shrinker shrinker(subject, way, [&](size_t left, uint64_t so_far) {
    ShowProgress(absl::StrCat(left, " decisions, ", so_far, " runs"), so_far);
  });
  decisions = shrinker.Shrink(std::move(decisions));
  *runs += shrinker.runs();
  return decisions;
}

absl::Status Save(const std::string& path, const Scenario& scenario,
                  const std::vector<explore::Decision>& decisions) {
  ScenarioSubject subject(scenario);
  trace::Trace trace;
  ScenarioRun run;
  run.decisions = explore::RunDecisions(subject, decisions, &trace).decisions;
  run.outcome = subject.outcome();
  trace.SetProcesses(run.outcome.processes);
  return SaveSchedule(path, scenario, {}, run, trace);
}

ExitStatus RunShrink(const Options& options) {
  absl::StatusOr<FailingSchedule> failing = LoadFailing(options, "shrink");
  if (!failing.ok()) return WrongInput(failing.status());
  const std::string stem(absl::StripSuffix(failing->saved.path, ".schedule"));
  const std::string out = options.Has("--out")
                              ? options.Value("--out")
                              : absl::StrCat(stem, ".shrunk.schedule");
  Scenario scenario = failing->scenario;
  uint64_t runs = 0;
  std::vector<explore::Decision> decisions =
      Fewest(scenario, failing->decisions, failing->way, &runs);
  std::string shrunk_file;
  if (!options.Has("--keep-scenario")) {
    const absl::StatusOr<std::string> text =
        ReadInputFile(scenario.file, kLargestScenarioBytes);
    if (!text.ok()) return WrongInput(text.status());
    ShrunkScenario shrunk = ShrinkScenario(
        scenario, *text, decisions, failing->way, [&](uint64_t so_far) {
          ShowProgress(absl::StrCat("scenario, ", so_far, " runs"), so_far);
        });
    runs += shrunk.runs;
    if (shrunk.text.size() < text->size()) {
      shrunk_file = absl::StrCat(absl::StripSuffix(out, ".schedule"), ".txtpb");
      const absl::Status written = WriteOutputFile(shrunk_file, shrunk.text);
      if (!written.ok()) return WrongInput(written);
      absl::StatusOr<Scenario> smaller = LoadScenario(shrunk_file);
      if (!smaller.ok()) return WrongInput(smaller.status());
      smaller->time = scenario.time;
      scenario = *std::move(smaller);
      decisions = Fewest(scenario, shrunk.decisions, failing->way, &runs);
    }
  }
  ShowProgress("", 0);
  const absl::Status saved = Save(out, scenario, decisions);
  if (!saved.ok()) return WrongInput(saved);
  absl::PrintF("%s: %s\n%d of %d decisions, after %d runs:\n%s", out,
               failing->way, decisions.size(), failing->decisions.size(), runs,
               DecisionLines(decisions));
  if (!shrunk_file.empty()) {
    absl::PrintF("the scenario: %s\n", shrunk_file);
  }
  absl::PrintF("./simloop explain %s\n", ShellWord(out));
  return kHolds;
}

}  // namespace

Command ShrinkCommand() {
  return {
      "shrink",
      "SCHEDULE",
      "Finds the fewest decisions, and the smallest scenario, that fail so.\n"
      "First decisions are taken back, then what is left takes the least\n"
      "that fails; then steps, programs, hosts, links and fields of the\n"
      "scenario go that it fails without.",
      {{"--out", "F",
        "the smaller schedule (default NAME.shrunk.schedule); the smaller\n"
        "                       scenario is beside it"},
       {"--keep-scenario", nullptr, "shrink the decisions alone"}},
      RunShrink};
}

}  // namespace simloop::scenarios
