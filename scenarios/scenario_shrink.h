// ScenarioShrink: the smallest scenario, near a given one, that fails in the
// same way under the same decisions: without the steps, programs, hosts, links
// and fields that it does not need, and with smaller counts.
#ifndef SCENARIOS_SCENARIO_SHRINK_H_
#define SCENARIOS_SCENARIO_SHRINK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "explore/schedule.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

struct ShrunkScenario {
  std::string text;
  std::vector<explore::Decision> decisions;  // of the run that fails
  uint64_t runs = 0;
};

// `text` is that of `scenario`. REQUIRES: it fails in `way`
// under `decisions`. `progress` is told how many runs there were.
ShrunkScenario ShrinkScenario(const Scenario& scenario, std::string text,
                              std::vector<explore::Decision> decisions,
                              const std::string& way,
                              absl::FunctionRef<void(uint64_t)> progress);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SCENARIO_SHRINK_H_
