#include "scenarios/commands/search_order.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "scenarios/commands/report.h"
#include "scenarios/live_workers.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

constexpr uint64_t kDefaultRuns = 10'000;
constexpr uint64_t kDefaultExhaustiveRuns = 1'000'000;
absl::Status Wrong(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("search: ", text));
}

// "3/8", or what a cluster's scheduler has set in the environment: Slurm's job
// arrays, Kubernetes' indexed jobs (docs/clusters.md).
absl::Status ReadShard(const Options& options, explore::Shard* shard) {
  std::string text = options.Value("--shard");
  std::string from = "--shard";
  if (text.empty()) {
    const auto value = [](const char* name) {
      const char* const set = std::getenv(name);
      return std::string(set == nullptr ? "" : set);
    };
    if (!value("SLURM_ARRAY_TASK_ID").empty()) {
      from = "SLURM_ARRAY_TASK_ID/SLURM_ARRAY_TASK_COUNT";
      uint64_t id = 0;
      uint64_t least = 0;
      if (!absl::SimpleAtoi(value("SLURM_ARRAY_TASK_ID"), &id) ||
          !absl::SimpleAtoi(value("SLURM_ARRAY_TASK_MIN"), &least) ||
          id < least) {
        return Wrong("SLURM_ARRAY_TASK_ID and _MIN are not a job array's");
      }
      text = absl::StrCat(id - least, "/", value("SLURM_ARRAY_TASK_COUNT"));
    } else if (!value("JOB_COMPLETION_INDEX").empty()) {
      from = "JOB_COMPLETION_INDEX/JOB_COMPLETIONS";
      text = absl::StrCat(value("JOB_COMPLETION_INDEX"), "/",
                          value("JOB_COMPLETIONS"));
    } else {
      return absl::OkStatus();
    }
  }
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &shard->index) ||
      !absl::SimpleAtoi(parts[1], &shard->count) ||
      shard->index >= shard->count) {
    return Wrong(absl::StrCat(from, " is \"", text.substr(0, 40),
                              "\", expected I/N with I from 0 to N-1"));
  }
  return absl::OkStatus();
}

// The name of the folder where none is given: "echo.search".
std::string FolderOf(const std::string& file) {
  return absl::StrCat(std::filesystem::path(file).stem().string(), ".search");
}

}  // namespace

absl::StatusOr<SearchOrder> ReadSearchOrder(const Options& options) {
  absl::Status status = options.ExpectOperands(1, "search: one scenario file");
  if (!status.ok()) return status;
  SearchOrder order;
  SearchRecord& record = order.record;
  record.scenario = options.operands()[0];
  record.strategy =
      options.Has("--strategy") ? options.Value("--strategy") : "random";
  const std::vector<std::string>& names = explore::StrategyNames();
  if (std::count(names.begin(), names.end(), record.strategy) == 0) {
    return Wrong(absl::StrCat("there is no strategy \"", record.strategy, "\"",
                              DidYouMean(record.strategy, names),
                              "; expected one of ",
                              absl::StrJoin(names, ", ")));
  }
  status = ReadTime(options, "search", &record.time);
  if (!status.ok()) return status;
  const bool exhaustive = record.strategy == "exhaustive";
  const auto number = [&](const char* name, uint64_t least, uint64_t most,
                          uint64_t fallback, uint64_t* to) {
    const absl::StatusOr<uint64_t> value =
        options.Number(name, least, most, fallback);
    if (value.ok()) *to = *value;
    if (status.ok()) status = value.status();
  };
  constexpr uint64_t kMost = uint64_t{1} << 62;
  uint64_t jobs = 1;
  number("--runs", 1, kMost, exhaustive ? kDefaultExhaustiveRuns : kDefaultRuns,
         &record.runs);
  number("--seed", 0, kMost, 1, &record.seed);
  number("--bound", 1, 1'000'000, 0, &record.bound);
  number("--jobs", 1, 1024, WorkerPool::Processors(), &jobs);
  number("--check", 0, kMost, 50, &order.live.check_one_in);
  if (!status.ok()) return status;
  if (record.bound != 0 && !exhaustive) {
    return Wrong("--bound is of --strategy exhaustive; expected it with that");
  }
  order.live.jobs = jobs;
  status = ReadShard(options, &record.shard);
  if (!status.ok()) return status;
  order.until_failure = options.Has("--until-failure");
  order.resume = options.Has("--resume");
  order.wants_folder = options.Has("--out") || order.resume;
  order.folder =
      options.Has("--out") ? options.Value("--out") : FolderOf(record.scenario);
  return order;
}

}  // namespace simloop::scenarios
