// Every scenario of the catalog, simulated: it holds, and under many seeds it
// holds, ends, and is the same run again.
#include <string>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "scenarios/scenario_run.h"
#include "tests/scenarios/catalog_files.h"
#include "trace/comparer.h"
#include "trace/trace.h"

namespace simloop::scenarios {
namespace {

constexpr uint64_t kSeeds = 50;  // `simloop seeds FILE` takes 1,000

class CatalogTest : public ::testing::TestWithParam<std::string> {};

std::string Faults(const Outcome& outcome) {
  return absl::StrJoin(outcome.faults, "\n");
}

TEST_P(CatalogTest, HoldsInTheCalmRun) {
  const Scenario scenario = Load(GetParam());
  EXPECT_EQ(Faults(RunScenario(scenario, {}, nullptr).outcome), "");
}

TEST_P(CatalogTest, HoldsUnderSeedsAndIsTheSameRunTwice) {
  const Scenario scenario = Load(GetParam());
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RunRequest request;
    request.seed = seed;
    trace::Trace first;
    trace::Trace second;
    const ScenarioRun run = RunScenario(scenario, request, &first);
    RunScenario(scenario, request, &second);
    EXPECT_EQ(trace::CompareTraces(first, second), "") << "seed " << seed;
    EXPECT_EQ(first.hash(), run.outcome.hash);
    EXPECT_EQ(Faults(run.outcome), "") << "seed " << seed;
  }
}

TEST_P(CatalogTest, ReplaysTheDecisionsOfASeed) {
  const Scenario scenario = Load(GetParam());
  RunRequest by_seed;
  by_seed.seed = 7;
  trace::Trace expected;
  explore::Schedule schedule;
  schedule.decisions = RunScenario(scenario, by_seed, &expected).decisions;
  RunRequest by_schedule;
  by_schedule.schedule = &schedule;
  trace::Trace got;
  const ScenarioRun run = RunScenario(scenario, by_schedule, &got);
  EXPECT_EQ(trace::CompareTraces(expected, got), "");
  EXPECT_TRUE(run.unmatched.empty());
}

INSTANTIATE_TEST_SUITE_P(Catalog, CatalogTest,
                         ::testing::ValuesIn(CatalogFiles()), CatalogTestName);

}  // namespace
}  // namespace simloop::scenarios
