// Parameter: a duration of a scenario that can be varied, by its name:
//
//   link.latency, A-B.latency   of the only link, of one of several: both ways
//   PROGRAM.ARG                 an argument that is a duration
//   PROGRAM.start               when a program starts, if by time
//   step#2.at, fault#1.at       of the timeline, counted from 1
#ifndef SCENARIOS_PARAMETER_H_
#define SCENARIOS_PARAMETER_H_

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

struct Parameter {
  std::string name;
  absl::Duration value;  // as the file has it
  absl::AnyInvocable<void(Scenario* scenario, absl::Duration value) const> set;
};

// All that the scenario has.
std::vector<Parameter> ParametersOf(const Scenario& scenario);
// InvalidArgumentError if there is none of that name; it tells those there are.
absl::StatusOr<Parameter> FindParameter(const Scenario& scenario,
                                        const std::string& name);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PARAMETER_H_
