#include "scenarios/commands/search_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/commands/report.h"

namespace simloop::scenarios {
namespace {

std::string Counted(uint64_t count, const char* noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

void PrintOrders(const SearchRecord& record) {
  const std::string bound =
      record.bound == 0 ? ""
                        : absl::StrCat(" within the bound of ",
                                       Counted(record.bound, "decision"));
  const uint64_t orders = record.tally.orders.size();
  const uint64_t failed = record.tally.failed_orders.size();
  if (record.exhausted) {
    absl::PrintF("all %s%s were run, %d failed\n",
                 Counted(orders, "inequivalent order"), bound, failed);
  } else {
    absl::PrintF("%s%s were run, %d failed; there are more\n",
                 Counted(orders, "inequivalent order"), bound, failed);
  }
}

}  // namespace

ExitStatus PrintSearch(const SearchRecord& record, const std::string& folder) {
  const explore::SearchTally& tally = record.tally;
  absl::PrintF("%s: %s%s from seed %d%s: %s, %d failed%s\n", record.scenario,
               record.strategy,
               record.time == sim::TimeMode::kAnyOrder ? " in any order" : "",
               record.seed,
               record.shard.count == 1
                   ? ""
                   : absl::StrCat(", shard ", record.shard.index, "/",
                                  record.shard.count),
               Counted(tally.runs, "run"), tally.failed,
               tally.found.empty()
                   ? ""
                   : absl::StrCat(" in ", Counted(tally.found.size(), "way")));
  if (record.strategy == "exhaustive") PrintOrders(record);
  for (const std::string& name : tally.shown) {
    if (name[0] != '?' || tally.shown.count(name.substr(1)) > 0) continue;
    absl::PrintF("no run has shown: %s\n", name.substr(1));
  }
  for (size_t i = 0; i < tally.found.size(); ++i) {
    const explore::Found& found = tally.found[i];
    absl::PrintF("%d. %s: %s, the first is run %d: %s\n", i + 1, found.way,
                 Counted(found.runs, "run"), found.first.number,
                 FoundPath(folder, i + 1));
  }
  if (tally.failed == 0) return kHolds;
  absl::PrintF("./simloop replay %s\n", ShellWord(FoundPath(folder, 1)));
  return kFails;
}

}  // namespace simloop::scenarios
