// TimeModeName: how people write sim::TimeMode: `--time any-order`, and the
// line `time any-order` of a schedule.
#ifndef SCENARIOS_TIME_MODE_H_
#define SCENARIOS_TIME_MODE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sim/choice.h"

namespace simloop::scenarios {

// "drawn", "any-order".
absl::string_view TimeModeName(sim::TimeMode mode);
// InvalidArgumentError "\"x\" is no mode of time; expected ...".
absl::StatusOr<sim::TimeMode> ReadTimeMode(absl::string_view text);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_TIME_MODE_H_
