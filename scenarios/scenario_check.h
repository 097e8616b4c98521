// ScenarioCheck: what a parsed scenario means, or what is wrong with it: names
// that nobody has, times that are none, arguments that are missing.
#ifndef SCENARIOS_SCENARIO_CHECK_H_
#define SCENARIOS_SCENARIO_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_text.h"

namespace simloop::scenarios {

// InvalidArgumentError with a line per fault, as loader.h says.
absl::StatusOr<Scenario> CheckScenario(const std::string& file,
                                       const ScenarioText& text);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SCENARIO_CHECK_H_
