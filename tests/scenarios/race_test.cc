// Every race of scenarios/catalog/races: the flawed program fails under a
// schedule that a search finds, which shrinks to few decisions and can be
// explained; the mended one holds.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "explore/shrink.h"
#include "gtest/gtest.h"
#include "scenarios/scenario_run.h"
#include "tests/scenarios/catalog_files.h"
#include "tests/scenarios/race_journey.h"
#include "tests/scenarios/search_world.h"

namespace simloop::scenarios {
namespace {

// But for what is found in any order alone (any_order_test).
std::vector<std::string> Flawed() {
  std::vector<std::string> files = CatalogFiles(/*flawed=*/true);
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const std::string& file) {
                               return !absl::StrContains(file, "_flawed.") ||
                                      absl::StrContains(file, "_any_order_");
                             }),
              files.end());
  return files;
}

// The scenario with one more program on each host, in the same process: a
// timer, and a line in the log. `when`: when its timer fires.
Scenario WithBystanders(const std::string& file, const std::string& when) {
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)),
                   std::istreambuf_iterator<char>());
  for (const sim::HostOptions& host : Load(file).hosts) {
    absl::StrAppend(&text, absl::Substitute(R"(
        program {
          host: "$0"
          name: "bystander-$0"
          run: "cleared_timer"
          arg { key: "work" value: "$1" }
          arg { key: "watchdog" value: "9s" }
          arg { key: "mended" value: "true" }
        })",
                                            host.name, when));
  }
  return Parse(text);
}

class RaceTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RaceTest, IsFoundShrunkAndExplained) {
  ExpectFoundShrunkAndExplained(Load(GetParam()));
}

TEST_P(RaceTest, IsGoneWhenMended) {
  ExpectMended(
      Load(absl::StrReplaceAll(GetParam(), {{"_flawed.", "_mended."}})));
}

// What was found, and what is left of it, fails in a program that was changed
// since, in something that has nothing to do with it.
TEST_P(RaceTest, FailsGuidedAfterAnUnrelatedChange) {
  const Scenario scenario = Load(GetParam());
  ScenarioSubject subject(scenario);
  const std::unique_ptr<explore::Strategy> strategy =
      explore::MakeStrategy(explore::StrategyOptions());
  explore::Search search(*strategy, {kMostRuns, /*until_failure=*/true});
  explore::RunSearchHere(subject, *strategy, 0, &search);
  ASSERT_EQ(search.tally().found.size(), 1u) << "not found";
  const explore::Found& found = search.tally().found[0];
  explore::Schedule all;
  all.decisions =
      explore::RunAttempt(subject, *strategy, found.first, nullptr).decisions;
  explore::Schedule few;
  few.decisions =
      explore::RunDecisions(
          subject,
          explore::Shrinker(subject, found.way, [](size_t, uint64_t) {})
              .Shrink(all.decisions),
          nullptr)
          .decisions;
  for (const char* when : {"300us", "1100us", "10ms", "17ms"}) {
    const Scenario changed = WithBystanders(GetParam(), when);
    for (const explore::Schedule* schedule : {&all, &few}) {
      RunRequest request;
      request.schedule = schedule;
      request.guided = true;
      const std::vector<std::string> ways =
          RunScenario(changed, request, nullptr).outcome.ways;
      EXPECT_EQ(std::count(ways.begin(), ways.end(), found.way), 1)
          << when << (schedule == &all ? " all\n" : " few\n")
          << explore::ScheduleText(*schedule);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Races, RaceTest, ::testing::ValuesIn(Flawed()),
                         CatalogTestName);

}  // namespace
}  // namespace simloop::scenarios
