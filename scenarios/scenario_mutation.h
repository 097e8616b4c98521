// ScenarioMutation: scenario files that are a little other than one that is
// given: a fuzzer's mutator over fields, where one over bytes would seldom come
// past the parser. tests/fuzz/scenario_fuzzer.cc is an example of its use.
#ifndef SCENARIOS_SCENARIO_MUTATION_H_
#define SCENARIOS_SCENARIO_MUTATION_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace simloop::scenarios {

// `text` with one to four changes: a field with another value, one more, one
// fewer, twice, or in another place. Values are those that mean something
// there: names of the file, programs and their arguments, durations,
// probabilities, rates. Most of what comes out the loader takes, not all. The
// same text and seed give the same file; text that is no scenario gives a small
// one. Comments are lost.
std::string MutateScenario(absl::string_view text, uint64_t seed);

// The scenario of `text` with some fields of `other`'s, as MutateScenario.
std::string CrossScenarios(absl::string_view text, absl::string_view other,
                           uint64_t seed);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SCENARIO_MUTATION_H_
