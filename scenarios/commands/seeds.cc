// The `seeds` command: runs a scenario under many seeds, each twice.
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/report.h"
#include "scenarios/loader.h"
#include "scenarios/saved_schedule.h"
#include "scenarios/scenario_run.h"

namespace simloop::scenarios {
namespace {

constexpr size_t kMostShown = 5;

struct Tally {
  std::set<uint64_t> hashes;
  std::vector<uint64_t> failed;
  std::vector<uint64_t> unequal;
};

std::string Again(const Scenario& scenario, uint64_t seed) {
  return absl::StrCat("./simloop run ", ShellWord(scenario.file), " --seed ",
                      seed, TimeOption(scenario.time));
}

void RunSeed(const Scenario& scenario, uint64_t seed, Tally* tally) {
  RunRequest request;
  request.seed = seed;
  const Outcome first = RunScenario(scenario, request, nullptr).outcome;
  const Outcome second = RunScenario(scenario, request, nullptr).outcome;
  tally->hashes.insert(first.hash);
  if (first.hash != second.hash) {
    tally->unequal.push_back(seed);
    absl::PrintF("seed %d: hash %s, then %s\n", seed, HashText(first.hash),
                 HashText(second.hash));
  }
  if (first.holds()) return;
  tally->failed.push_back(seed);
  if (tally->failed.size() > kMostShown) return;
  for (const std::string& fault : first.faults) {
    absl::PrintF("seed %d: %s\n", seed, fault);
  }
}

ExitStatus RunSeeds(const Options& options) {
  const absl::Status operands =
      options.ExpectOperands(1, "seeds: one scenario file");
  if (!operands.ok()) return WrongInput(operands);
  const absl::StatusOr<uint64_t> runs =
      options.Number("--runs", 1, 1'000'000'000, 1000);
  if (!runs.ok()) return WrongInput(runs.status());
  const absl::StatusOr<uint64_t> first = options.Number(
      "--first", 0, std::numeric_limits<uint64_t>::max() - *runs, 1);
  if (!first.ok()) return WrongInput(first.status());
  sim::TimeMode time = sim::TimeMode::kDrawn;
  const absl::Status time_read = ReadTime(options, "seeds", &time);
  if (!time_read.ok()) return WrongInput(time_read);
  absl::StatusOr<Scenario> scenario = LoadScenario(options.operands()[0]);
  if (!scenario.ok()) return WrongInput(scenario.status());
  scenario->time = time;

  Tally tally;
  for (uint64_t seed = *first; seed < *first + *runs; ++seed) {
    RunSeed(*scenario, seed, &tally);
  }
  absl::PrintF(
      "%s: %d seeds, each run twice: %d different runs, %d unequal, %d "
      "failed\n",
      scenario->file, *runs, tally.hashes.size(), tally.unequal.size(),
      tally.failed.size());
  if (!tally.unequal.empty()) {
    absl::PrintF("%s\n", Again(*scenario, tally.unequal[0]));
    return kNondeterminism;
  }
  if (!tally.failed.empty()) {
    absl::PrintF("%s\n", Again(*scenario, tally.failed[0]));
    return kFails;
  }
  return kHolds;
}

}  // namespace

Command SeedsCommand() {
  return {"seeds",
          "FILE",
          "Runs a scenario under many seeds, each twice.\n"
          "Both runs of a seed must have one hash, and what the scenario\n"
          "expects must hold in all of them.",
          {{"--runs", "N", "so many seeds (default 1000)"},
           {"--first", "N", "from this one on (default 1)"},
           {"--time", "T",
            "how they decide times: drawn (the default) or any-order"}},
          RunSeeds};
}

}  // namespace simloop::scenarios
