// SearchWorld: a scenario given as text, and searches of it, for tests.
#ifndef TESTS_SCENARIOS_SEARCH_WORLD_H_
#define TESTS_SCENARIOS_SEARCH_WORLD_H_

#include <memory>
#include <string>
#include <vector>

#include "explore/search.h"
#include "explore/strategy.h"
#include "explore/trying.h"
#include "gtest/gtest.h"
#include "scenarios/loader.h"
#include "scenarios/scenario_subject.h"

namespace simloop::scenarios {

inline Scenario Parse(const std::string& text) {
  const absl::StatusOr<Scenario> scenario = ParseScenario("test.txtpb", text);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return scenario.ok() ? *scenario : Scenario();
}

struct SearchResult {
  explore::SearchTally tally;
  bool exhausted = false;
};

// All of a search in this process.
inline SearchResult SearchHere(const Scenario& scenario,
                               const explore::StrategyOptions& options,
                               explore::Search::Options search_options) {
  ScenarioSubject subject(scenario);
  const std::unique_ptr<explore::Strategy> strategy =
      explore::MakeStrategy(options);
  explore::Search search(*strategy, search_options);
  explore::RunSearchHere(subject, *strategy, 0, &search);
  return {search.tally(), search.exhausted()};
}

}  // namespace simloop::scenarios

#endif  // TESTS_SCENARIOS_SEARCH_WORLD_H_
