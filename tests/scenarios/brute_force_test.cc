// The exhaustive strategy against brute force: all schedules of so many
// decisions, found by nothing but running them and reading what was asked.
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "explore/schedule.h"
#include "gtest/gtest.h"
#include "sim/choice.h"
#include "tests/scenarios/catalog_files.h"
#include "tests/scenarios/search_world.h"

namespace simloop::scenarios {
namespace {

// Takes some decisions, and notes all that is asked.
class Noting final : public sim::Scheduler {
 public:
  explicit Noting(const std::vector<explore::Decision>& decisions)
      : decisions_(decisions) {}

  uint32_t Pick(const sim::Choice& choice) override {
    const std::string name(choice.name.data(), choice.name.size());
    uint32_t pick = 0;
    for (const explore::Decision& decision : decisions_) {
      if (decision.name == name) pick = decision.pick;
    }
    asked_.push_back({name, choice.alternatives});
    if (pick != 0) after_ = asked_.size();
    return pick;
  }

  struct Asked {
    std::string name;
    uint32_t alternatives;
  };
  // What was asked behind the last decision.
  std::vector<Asked> After() const {
    return {asked_.begin() + static_cast<std::ptrdiff_t>(after_), asked_.end()};
  }

 private:
  const std::vector<explore::Decision>& decisions_;
  std::vector<Asked> asked_;
  size_t after_ = 0;
};

struct Count {
  uint64_t runs = 0;
  uint64_t failed = 0;
};

// Runs `decisions` and all that go on from there, up to `bound` decisions.
void RunAll(ScenarioSubject& subject, std::vector<explore::Decision> decisions,
            size_t bound, Count* count) {
  Noting noting(decisions);
  ++count->runs;
  if (!subject.Run(&noting, nullptr).failures.empty()) ++count->failed;
  if (decisions.size() == bound) return;
  for (const Noting::Asked& asked : noting.After()) {
    for (uint32_t pick = 1; pick < asked.alternatives; ++pick) {
      decisions.push_back({asked.name, pick});
      RunAll(subject, decisions, bound, count);
      decisions.pop_back();
    }
  }
}

// Without and with partial-order reduction: the first runs as many schedules as
// brute force, of which as many fail; the second has the same orders, and fewer
// runs.
void ExpectAllSchedules(const std::string& file, uint32_t bound) {
  const Scenario scenario = Load(file);
  ScenarioSubject subject(scenario);
  Count brute;
  RunAll(subject, {}, bound, &brute);
  explore::StrategyOptions options;
  options.name = "exhaustive";
  options.bound = bound;
  options.sites = subject.Sites();
  options.reduce = false;
  const SearchResult all = SearchHere(scenario, options, {1'000'000, false});
  options.reduce = true;
  const SearchResult reduced =
      SearchHere(scenario, options, {1'000'000, false});
  EXPECT_TRUE(all.exhausted && reduced.exhausted) << file;
  EXPECT_EQ(all.tally.runs, brute.runs) << file;
  EXPECT_EQ(all.tally.failed, brute.failed) << file;
  EXPECT_EQ(reduced.tally.orders, all.tally.orders) << file;
  EXPECT_EQ(reduced.tally.failed_orders, all.tally.failed_orders) << file;
  EXPECT_LE(reduced.tally.runs, all.tally.runs) << file;
  std::cout << file << ", bound " << bound << ": " << brute.runs
            << " schedules, " << brute.failed << " fail; " << reduced.tally.runs
            << " reduced, " << reduced.tally.orders.size() << " orders, "
            << reduced.tally.failed_orders.size() << " fail\n";
}

TEST(Exhaustive, RunsAllThatBruteForceDoes) {
  for (const std::string& file : CatalogFiles(/*flawed=*/true)) {
    if (file.find("_flawed") == std::string::npos) continue;
    ExpectAllSchedules(file, 1);
  }
}

TEST(Exhaustive, RunsAllPairsThatBruteForceDoes) {
  for (const char* race :
       {"r02_pool_timeout", "r07_destroyed_lookup", "r18_deadline",
        "r19_cleared_timer", "r33_request_queue", "r37_late_listener"}) {
    ExpectAllSchedules(
        "scenarios/catalog/races/" + std::string(race) + "_flawed.txtpb", 2);
  }
}

}  // namespace
}  // namespace simloop::scenarios
