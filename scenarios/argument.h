// Argument: how the values that a scenario gives a program are read.
#ifndef SCENARIOS_ARGUMENT_H_
#define SCENARIOS_ARGUMENT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scenarios/program.h"

namespace simloop::scenarios {

// The host argument that means a program's own host, over loopback.
inline constexpr char kLocalHost[] = "local";

// Reads a duration, 0 or more. Answers "" and sets `value`, or what is wrong
// and what was expected: `is negative; expected 0 or more`.
std::string ReadDuration(absl::string_view text, absl::Duration* value);

// What is wrong with `value` for an argument of this kind, in the same form;
// "" if nothing. `hosts` are the names that a kHost may have.
std::string ArgFault(const ArgSpec& spec, absl::string_view value,
                     const std::vector<std::string>& hosts);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_ARGUMENT_H_
