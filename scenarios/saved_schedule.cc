#include "scenarios/saved_schedule.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "scenarios/input_file.h"
#include "scenarios/time_mode.h"
#include "trace/trace_file.h"

namespace simloop::scenarios {
namespace {

constexpr size_t kLargestScheduleBytes = 64 << 20;

std::string FindScenario(const std::string& schedule_path,
                         const std::string& named) {
  std::error_code error;
  const std::filesystem::path path(named);
  if (named.empty() || path.is_absolute() ||
      std::filesystem::exists(path, error)) {
    return named;
  }
  const std::filesystem::path beside =
      std::filesystem::path(schedule_path).parent_path() / path;
  return std::filesystem::exists(beside, error) ? beside.string() : named;
}

// The mode of its line `time`, if it has one.
absl::Status ReadTime(const explore::Schedule& schedule, SavedSchedule* saved) {
  for (const explore::Schedule::Header& header : schedule.headers) {
    if (header.key != "time") continue;
    const absl::StatusOr<sim::TimeMode> time = ReadTimeMode(header.value);
    if (!time.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          saved->path, ":", header.line, ":6: ", time.status().message()));
    }
    saved->time = *time;
  }
  return absl::OkStatus();
}

}  // namespace

void SetTime(sim::TimeMode time, explore::Schedule* schedule) {
  if (time != sim::TimeMode::kDrawn) schedule->Set("time", TimeModeName(time));
}

std::string HashText(uint64_t hash) {
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

std::string TracePathOf(const std::string& schedule_path) {
  return absl::StrCat(schedule_path, ".trace");
}

absl::Status SaveSchedule(const std::string& path, const Scenario& scenario,
                          const RunRequest& request, const ScenarioRun& run,
                          const trace::Trace& trace) {
  explore::Schedule schedule;
  schedule.Set("scenario", scenario.file);
  SetTime(scenario.time, &schedule);
  if (request.seed) schedule.Set("seed", absl::StrCat(*request.seed));
  schedule.Set("hash", HashText(run.outcome.hash));
  schedule.decisions = run.decisions;
  const absl::Status written =
      WriteOutputFile(path, explore::ScheduleText(schedule));
  if (!written.ok()) return written;
  return trace::SaveTrace(trace, TracePathOf(path));
}

absl::StatusOr<SavedSchedule> LoadSchedule(const std::string& path) {
  const absl::StatusOr<std::string> text =
      ReadInputFile(path, kLargestScheduleBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<explore::Schedule> schedule =
      explore::ParseSchedule(*text, path);
  if (!schedule.ok()) return schedule.status();
  SavedSchedule saved;
  saved.path = path;
  saved.scenario_path =
      FindScenario(path, std::string(schedule->Get("scenario")));
  const absl::Status time = ReadTime(*schedule, &saved);
  if (!time.ok()) return time;
  const absl::string_view hash = schedule->Get("hash");
  uint64_t number = 0;
  if (absl::SimpleHexAtoi(hash, &number)) {
    saved.hash = number;
  } else if (!hash.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": hash \"", hash.substr(0, 40),
                     "\" is no hash; expected 16 hexadecimal digits"));
  }
  saved.schedule = *std::move(schedule);
  return saved;
}

}  // namespace simloop::scenarios
