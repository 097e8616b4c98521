// RaceJourney: the way of each race of the catalog in a test: the flawed program
// is found, shrunk and explained, the mended one holds.
#ifndef TESTS_SCENARIOS_RACE_JOURNEY_H_
#define TESTS_SCENARIOS_RACE_JOURNEY_H_

#include <memory>
#include <vector>

#include "explore/explanation.h"
#include "explore/shrink.h"
#include "explore/story.h"
#include "gtest/gtest.h"
#include "tests/scenarios/search_world.h"

namespace simloop::scenarios {

inline constexpr uint64_t kMostRuns = 10'000;
inline constexpr uint64_t kMendedRuns = 500;
inline constexpr size_t kMostDecisions = 5;

inline void ExpectFoundShrunkAndExplained(const Scenario& scenario) {
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

inline void ExpectMended(const Scenario& scenario) {
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

}  // namespace simloop::scenarios

#endif  // TESTS_SCENARIOS_RACE_JOURNEY_H_
