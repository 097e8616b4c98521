#include "scenarios/search_record.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "scenarios/input_file.h"
#include "scenarios/time_mode.h"

namespace simloop::scenarios {
namespace {

constexpr absl::string_view kFirstLine = "# simloop search 1";

// The lines before `state`, one a fact.
class RecordReader final {
 public:
  RecordReader(SearchRecord* record) : record_(*record) {}

  // False: the line is none of a record.
  bool Take(absl::string_view key, absl::string_view value) {
    if (key == "scenario") {
      record_.scenario = std::string(value);
    } else if (key == "strategy") {
      record_.strategy = std::string(value);
    } else if (key == "time") {
      const absl::StatusOr<sim::TimeMode> time = ReadTimeMode(value);
      if (time.ok()) record_.time = *time;
      return time.ok();
    } else if (key == "shard") {
      return TakeShard(value);
    } else if (key == "found") {
      return TakeFound(value);
    } else if (key == "shown") {
      record_.tally.shown.insert(std::string(value));
    } else if (key == "order" || key == "failed_order") {
      uint64_t print = 0;
      if (!absl::SimpleHexAtoi(value, &print)) return false;
      (key == "order" ? record_.tally.orders : record_.tally.failed_orders)
          .insert(print);
    } else if (key == "exhausted") {
      record_.exhausted = value == "yes";
    } else {
      return TakeNumber(key, value);
    }
    return true;
  }

 private:
  bool TakeNumber(absl::string_view key, absl::string_view value) {
    uint64_t* const number = key == "seed"     ? &record_.seed
                             : key == "bound"  ? &record_.bound
                             : key == "runs"   ? &record_.runs
                             : key == "done"   ? &record_.tally.runs
                             : key == "failed" ? &record_.tally.failed
                                               : nullptr;
    return number != nullptr && absl::SimpleAtoi(value, number);
  }
  bool TakeShard(absl::string_view value) {
    const std::vector<absl::string_view> parts = absl::StrSplit(value, '/');
    return parts.size() == 2 &&
           absl::SimpleAtoi(parts[0], &record_.shard.index) &&
           absl::SimpleAtoi(parts[1], &record_.shard.count) &&
           record_.shard.index < record_.shard.count;
  }
  bool TakeFound(absl::string_view value) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(value, absl::MaxSplits(' ', 2));
    explore::Found found;
    if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &found.first.number) ||
        !absl::SimpleAtoi(parts[1], &found.runs)) {
      return false;
    }
    found.way = std::string(parts[2]);
    record_.tally.found.push_back(std::move(found));
    return true;
  }

  SearchRecord& record_;
};

}  // namespace

std::string SearchRecord::Text() const {
  std::string text =
      absl::StrCat(kFirstLine, "\nscenario ", scenario, "\nstrategy ", strategy,
                   "\ntime ", TimeModeName(time), "\nseed ", seed, "\nbound ",
                   bound, "\nshard ", shard.index, "/", shard.count, "\nruns ",
                   runs, "\ndone ", tally.runs, "\nfailed ", tally.failed,
                   "\nexhausted ", exhausted ? "yes" : "no", "\n");
  for (const explore::Found& found : tally.found) {
    absl::StrAppend(&text, "found ", found.first.number, " ", found.runs, " ",
                    found.way, "\n");
  }
  for (const std::string& name : tally.shown) {
    absl::StrAppend(&text, "shown ", name, "\n");
  }
  for (const uint64_t print : tally.orders) {
    absl::StrAppend(&text, "order ", absl::Hex(print), "\n");
  }
  for (const uint64_t print : tally.failed_orders) {
    absl::StrAppend(&text, "failed_order ", absl::Hex(print), "\n");
  }
  absl::StrAppend(&text, "state\n", state);
  return text;
}

absl::StatusOr<SearchRecord> SearchRecord::Parse(absl::string_view text,
                                                 absl::string_view file) {
  SearchRecord record;
  RecordReader reader(&record);
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const absl::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line == "state") {
      record.state = std::string(text);
      return record;
    }
    const size_t space = line.find(' ');
    const bool right =
        number == 1 ? line == kFirstLine
                    : space != line.npos && reader.Take(line.substr(0, space),
                                                        line.substr(space + 1));
    if (!right) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", number, ":1: \"", line.substr(0, 40),
                       "\" is no line of a search; expected ",
                       number == 1 ? kFirstLine : "one that it has written"));
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(file, ":", number, ":1: expected a line `state`"));
}

absl::Status SearchRecord::Save(const std::string& folder) const {
  return WriteOutputFile(absl::StrCat(folder, "/search.txt"), Text());
}

absl::StatusOr<SearchRecord> SearchRecord::Load(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/search.txt");
  // What a search has written is as large as it is; the reader makes room for
  // all that it may read.
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  const absl::StatusOr<std::string> text =
      ReadInputFile(path, error ? 1 : static_cast<size_t>(size));
  if (!text.ok()) return text.status();
  return Parse(*text, path);
}

std::string FoundPath(const std::string& folder, size_t number) {
  return absl::StrCat(folder, "/failure-", number, ".schedule");
}

}  // namespace simloop::scenarios
