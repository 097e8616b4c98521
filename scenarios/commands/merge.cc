// The `merge` command: puts the parts of a search together.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/report.h"
#include "scenarios/commands/search_report.h"
#include "scenarios/search_record.h"
#include "scenarios/time_mode.h"

namespace simloop::scenarios {
namespace {

// Something that a part has found, and the file that has its schedule.
struct Part {
  explore::Found found;
  std::string path;
};

absl::Status CheckTogether(const SearchRecord& first, const SearchRecord& other,
                           const std::string& folder) {
  if (first.scenario == other.scenario && first.strategy == other.strategy &&
      first.time == other.time && first.seed == other.seed &&
      first.bound == other.bound && first.shard.count == other.shard.count) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      folder, "/search.txt: is of another search than the first; expected ",
      first.scenario, " --strategy ", first.strategy, " --time ",
      TimeModeName(first.time), " --seed ", first.seed, ", one of ",
      first.shard.count, " shards"));
}

void AddTally(const explore::SearchTally& from, explore::SearchTally* to) {
  to->runs += from.runs;
  to->failed += from.failed;
  to->orders.insert(from.orders.begin(), from.orders.end());
  to->failed_orders.insert(from.failed_orders.begin(),
                           from.failed_orders.end());
  to->shown.insert(from.shown.begin(), from.shown.end());
}

// Each way once, with its first run.
std::vector<Part> Together(std::vector<Part> parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) {
                     return a.found.first.number < b.found.first.number;
                   });
  std::vector<Part> ways;
  for (Part& part : parts) {
    const auto same = std::find_if(
        ways.begin(), ways.end(),
        [&](const Part& way) { return way.found.way == part.found.way; });
    if (same == ways.end()) {
      ways.push_back(std::move(part));
    } else {
      same->found.runs += part.found.runs;
    }
  }
  return ways;
}

absl::Status CopyFound(const std::string& from, const std::string& to) {
  std::error_code error;
  for (const char* end : {"", ".trace"}) {
    std::filesystem::copy_file(
        absl::StrCat(from, end), absl::StrCat(to, end),
        std::filesystem::copy_options::overwrite_existing, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat(
          from, end, ": cannot be copied to ", to, end, ": ", error.message()));
    }
  }
  return absl::OkStatus();
}

ExitStatus RunMerge(const Options& options) {
  const std::vector<std::string>& folders = options.operands();
  if (folders.empty()) {
    return WrongInput(absl::InvalidArgumentError(
        "merge: expected the folders of the parts of a search"));
  }
  SearchRecord whole;
  std::set<uint64_t> shards;
  std::vector<Part> parts;
  for (const std::string& folder : folders) {
    absl::StatusOr<SearchRecord> record = SearchRecord::Load(folder);
    if (!record.ok()) return WrongInput(record.status());
    if (shards.empty()) {
      whole = *record;
      whole.tally = {};
      whole.runs = 0;
      whole.state.clear();
    }
    const absl::Status together = CheckTogether(whole, *record, folder);
    if (!together.ok()) return WrongInput(together);
    if (!shards.insert(record->shard.index).second) {
      return WrongInput(absl::InvalidArgumentError(
          absl::StrCat(folder, "/search.txt: shard ", record->shard.index,
                       " comes twice; expected each once")));
    }
    AddTally(record->tally, &whole.tally);
    whole.runs += record->runs;
    whole.exhausted = whole.exhausted && record->exhausted;
    for (size_t i = 0; i < record->tally.found.size(); ++i) {
      parts.push_back({record->tally.found[i], FoundPath(folder, i + 1)});
    }
  }
  const uint64_t wanted = whole.shard.count;
  whole.exhausted = whole.exhausted && shards.size() == wanted;
  whole.shard = {};
  const std::string out =
      options.Has("--out") ? options.Value("--out") : "merged.search";
  std::error_code error;
  std::filesystem::create_directories(out, error);
  for (const Part& way : Together(std::move(parts))) {
    whole.tally.found.push_back(way.found);
    const absl::Status copied =
        CopyFound(way.path, FoundPath(out, whole.tally.found.size()));
    if (!copied.ok()) return WrongInput(copied);
  }
  const absl::Status saved = whole.Save(out);
  if (!saved.ok()) return WrongInput(saved);
  if (shards.size() < wanted) {
    absl::PrintF("%d of %d shards\n", shards.size(), wanted);
  }
  return PrintSearch(whole, out);
}

}  // namespace

Command MergeCommand() {
  return {
      "merge",
      "DIR...",
      "Puts the parts of a search together (search --shard I/N --out DIR).\n"
      "Each way to fail is kept once, with the first run that showed it.",
      {{"--out", "DIR", "the folder of the whole (default merged.search)"}},
      RunMerge};
}

}  // namespace simloop::scenarios
