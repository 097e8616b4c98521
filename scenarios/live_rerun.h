// RunElsewhere: a run again in a process that was started anew: where
// addresses, and the salt of hash tables, are others.
#ifndef SCENARIOS_LIVE_RERUN_H_
#define SCENARIOS_LIVE_RERUN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "explore/schedule.h"
#include "trace/trace.h"

namespace simloop::scenarios {

// The trace of the scenario file's run by `schedule`, made by this program's
// own `run` command. UnavailableError if there is no such process.
absl::StatusOr<trace::Trace> RunElsewhere(const std::string& scenario_file,
                                          const explore::Schedule& schedule);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LIVE_RERUN_H_
