#include "scenarios/self_check.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "explore/trying.h"
#include "scenarios/live_rerun.h"
#include "scenarios/saved_schedule.h"
#include "trace/comparer.h"
#include "trace/trace.h"

namespace simloop::scenarios {

std::string FindDifference(const Scenario& scenario, ScenarioSubject& subject,
                           const std::vector<explore::Decision>& decisions,
                           int here) {
  trace::Trace first;
  explore::RunDecisions(subject, decisions, &first);
  first.SetProcesses(subject.outcome().processes);
  for (int i = 0; i < here; ++i) {
    trace::Trace again;
    explore::RunDecisions(subject, decisions, &again);
    const std::string report = trace::CompareTraces(first, again);
    if (!report.empty()) {
      return absl::StrCat("the same schedule, run twice: ", report);
    }
  }
  explore::Schedule schedule;
  SetTime(scenario.time, &schedule);
  schedule.decisions = decisions;
  const absl::StatusOr<trace::Trace> elsewhere =
      RunElsewhere(scenario.file, schedule);
  // No second process is no difference.
  if (!elsewhere.ok()) return "";
  const std::string report = trace::CompareTraces(first, *elsewhere);
  if (report.empty()) return "";
  return absl::StrCat("the same schedule, in another process: ", report);
}

}  // namespace simloop::scenarios
