// SavedSchedule: a schedule file of a scenario's run: which scenario, which
// decisions, and what trace must come of them. Beside it, under its name and
// `.trace`, lies the trace itself, so that a difference can be shown.
#ifndef SCENARIOS_SAVED_SCHEDULE_H_
#define SCENARIOS_SAVED_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "explore/schedule.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_run.h"
#include "trace/trace.h"

namespace simloop::scenarios {

struct SavedSchedule {
  std::string path;
  explore::Schedule schedule;
  // As it was named when the run was saved; else, where there is no such file,
  // the same from the schedule's folder. "" if the file names none.
  std::string scenario_path;
  // Its line `time`; what the scenario's run must have.
  sim::TimeMode time = sim::TimeMode::kDrawn;
  // nullopt if the file, written by hand, has none.
  std::optional<uint64_t> hash;
};

// "0123456789abcdef".
std::string HashText(uint64_t hash);

// Writes the schedule of `run`, and its trace.
absl::Status SaveSchedule(const std::string& path, const Scenario& scenario,
                          const RunRequest& request, const ScenarioRun& run,
                          const trace::Trace& trace);

// Says in `schedule` in which mode it is to be run.
void SetTime(sim::TimeMode time, explore::Schedule* schedule);

// InvalidArgumentError "file:line:column: what and what was expected".
absl::StatusOr<SavedSchedule> LoadSchedule(const std::string& path);

// Where the trace of a saved schedule lies.
std::string TracePathOf(const std::string& schedule_path);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SAVED_SCHEDULE_H_
