// The `explain` command: the decision that matters, and the two runs that
// differ in it.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "explore/explanation.h"
#include "explore/shrink.h"
#include "explore/story.h"
#include "explore/trying.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/failing_schedule.h"
#include "scenarios/scenario_subject.h"

namespace simloop::scenarios {
namespace {

// A run that is told as a story.
struct ToldRun {
  trace::Trace trace;
  std::optional<explore::Story> story;
};

// Answers what is wrong with it.
std::vector<explore::Failure> Tell(
    ScenarioSubject& subject, const std::vector<explore::Decision>& decisions,
    ToldRun* told) {
  explore::DecidedRun run =
      explore::RunDecisions(subject, decisions, &told->trace);
  told->trace.SetProcesses(subject.outcome().processes);
  told->story.emplace(told->trace);
  return std::move(run.trial.failures);
}

// What was looked for first, then what else the run shows.
void PrintFailures(const std::vector<explore::Failure>& failures,
                   const std::string& way) {
  for (const bool wanted : {true, false}) {
    for (const explore::Failure& failure : failures) {
      if ((failure.way == way) == wanted) absl::PrintF("%s\n", failure.text);
    }
  }
}

ExitStatus RunExplain(const Options& options) {
  const absl::StatusOr<uint64_t> width =
      options.Number("--width", 60, 1000, 160);
  if (!width.ok()) return WrongInput(width.status());
  const absl::StatusOr<uint64_t> lines =
      options.Number("--lines", 1, 10'000, 40);
  if (!lines.ok()) return WrongInput(lines.status());
  absl::StatusOr<FailingSchedule> failing = LoadFailing(options, "explain");
  if (!failing.ok()) return WrongInput(failing.status());
  ScenarioSubject subject(failing->scenario);
  const std::vector<explore::Decision> decisions =
      explore::Shrinker(subject, failing->way, [](size_t, uint64_t) {
      }).Shrink(failing->decisions);
  const std::optional<explore::Critical> critical =
      explore::FindCritical(subject, decisions, failing->way);
  if (!critical) {
    absl::PrintF("%s\nit fails in the calm run: no decision matters\n",
                 failing->text);
    return kHolds;
  }
  ToldRun holds;
  ToldRun fails;
  Tell(subject, critical->twin, &holds);
  const std::vector<explore::Failure> failures =
      Tell(subject, decisions, &fails);
  absl::PrintF(
      "fails when %s\n",
      explore::WhatMatters(*holds.story, *fails.story, critical->decision));
  PrintFailures(failures, failing->way);
  absl::PrintF("\nthe decision: %s = %d; with %d it holds\n",
               critical->decision.name, critical->decision.pick,
               critical->instead);
  if (decisions.size() > 1) {
    absl::PrintF("of these, none of which can be spared:\n%s",
                 DecisionLines(decisions));
  }
  const std::string causes =
      explore::CausesText(fails.trace, *holds.story, *fails.story);
  if (!causes.empty()) absl::PrintF("\n%s", causes);
  absl::PrintF("\n%s",
               explore::SideBySide(*holds.story, *fails.story, *width, *lines));
  return kHolds;
}

}  // namespace

Command ExplainCommand() {
  return {"explain",
          "SCHEDULE",
          "Says which decision makes a run fail, and how.\n"
          "It shrinks the schedule, finds the last decision without which the\n"
          "run does not fail, and shows both runs from where they part.",
          {{"--width", "N", "columns of the page (default 160)"},
           {"--lines", "N", "lines of the two runs (default 40)"}},
          RunExplain};
}

}  // namespace simloop::scenarios
