// Every race of scenarios/catalog/races: the flawed program fails under a
// schedule that a search finds, which shrinks to few decisions and can be
// explained; the mended one holds.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "explore/explanation.h"
#include "explore/shrink.h"
#include "explore/story.h"
#include "gtest/gtest.h"
#include "tests/scenarios/catalog_files.h"
#include "tests/scenarios/search_world.h"

namespace simloop::scenarios {
namespace {

constexpr uint64_t kMostRuns = 10'000;
constexpr uint64_t kMendedRuns = 500;
constexpr size_t kMostDecisions = 5;

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

class RaceTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RaceTest, IsFoundShrunkAndExplained) {
  const Scenario scenario = Load(GetParam());
  ScenarioSubject subject(scenario);
  EXPECT_TRUE(subject.Run(nullptr, nullptr).failures.empty());
  explore::StrategyOptions options;
  const std::unique_ptr<explore::Strategy> strategy =
      explore::MakeStrategy(options);
  explore::Search search(*strategy, {kMostRuns, /*until_failure=*/true});
  explore::RunSearchHere(subject, *strategy, 0, &search);
  ASSERT_EQ(search.tally().found.size(), 1u) << "not found";
  const explore::Found& found = search.tally().found[0];

  const std::vector<explore::Decision> all =
      explore::RunAttempt(subject, *strategy, found.first, nullptr).decisions;
  const std::vector<explore::Decision> few =
      explore::Shrinker(subject, found.way, [](size_t, uint64_t) {
      }).Shrink(all);
  EXPECT_LE(few.size(), kMostDecisions);
  EXPECT_GT(few.size(), 0u);

  const auto critical = explore::FindCritical(subject, few, found.way);
  ASSERT_TRUE(critical.has_value());
  trace::Trace holds;
  trace::Trace fails;
  EXPECT_FALSE(explore::RunDecisions(subject, critical->twin, &holds)
                   .trial.Fails(found.way));
  holds.SetProcesses(subject.outcome().processes);
  EXPECT_TRUE(
      explore::RunDecisions(subject, few, &fails).trial.Fails(found.way));
  fails.SetProcesses(subject.outcome().processes);
  const explore::Story a(holds);
  const explore::Story b(fails);
  EXPECT_NE(explore::WhatMatters(a, b, critical->decision), "");
  EXPECT_NE(explore::SideBySide(a, b, 120, 20), "");
}

TEST_P(RaceTest, IsGoneWhenMended) {
  const Scenario scenario =
      Load(absl::StrReplaceAll(GetParam(), {{"_flawed.", "_mended."}}));
  for (const char* name : {"random", "pct", "swarm"}) {
    explore::StrategyOptions options;
    options.name = name;
    options.choices = 40;
    const SearchResult result =
        SearchHere(scenario, options, {kMendedRuns, true});
    EXPECT_TRUE(result.tally.found.empty())
        << name << ": " << result.tally.found[0].way;
  }
}

INSTANTIATE_TEST_SUITE_P(Races, RaceTest, ::testing::ValuesIn(Flawed()),
                         CatalogTestName);

}  // namespace
}  // namespace simloop::scenarios
