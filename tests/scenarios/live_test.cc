// Every scenario of the catalog on the kernel of this machine, with the same
// expectations. Runs alone: a machine that is busy with other tests is late.
#include <string>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "scenarios/scenario_run.h"
#include "tests/scenarios/catalog_files.h"

namespace simloop::scenarios {
namespace {

class LiveTest : public ::testing::TestWithParam<std::string> {};

TEST_P(LiveTest, HoldsOnTheRealKernel) {
  const Scenario scenario = Load(GetParam());
  if (scenario.needs_simulation()) GTEST_SKIP() << "faults are simulated";
  RunRequest request;
  request.live = true;
  const Outcome outcome = RunScenario(scenario, request, nullptr).outcome;
  EXPECT_EQ(absl::StrJoin(outcome.faults, "\n"), "");
}

INSTANTIATE_TEST_SUITE_P(Catalog, LiveTest, ::testing::ValuesIn(CatalogFiles()),
                         CatalogTestName);

}  // namespace
}  // namespace simloop::scenarios
