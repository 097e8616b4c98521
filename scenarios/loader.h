// Loader: reads a scenario file and checks all that can be known before it
// runs. An error is one line for each fault, "file:line:column: what is wrong
// and what was expected", 20 at most.
#ifndef SCENARIOS_LOADER_H_
#define SCENARIOS_LOADER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

inline constexpr size_t kLargestScenarioBytes = 1 << 20;

// Every error is an InvalidArgumentError.
absl::StatusOr<Scenario> LoadScenario(const std::string& path);

// As LoadScenario, of `text`; `file` is its name in errors.
absl::StatusOr<Scenario> ParseScenario(const std::string& file,
                                       absl::string_view text);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LOADER_H_
