// Report: what `run` and `replay` print of a run.
#ifndef SCENARIOS_COMMANDS_REPORT_H_
#define SCENARIOS_COMMANDS_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "scenarios/commands/exit_status.h"
#include "scenarios/commands/options.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_run.h"
#include "trace/trace.h"

namespace simloop::scenarios {

// --ladder, --events, --anatomy, --strace, --trace F, --payloads and --pcap F.
std::vector<OptionSpec> ViewOptions();
// What is wrong with them together; `command` stands before it.
absl::Status CheckViews(const Options& options, absl::string_view command);
// The mode of --time; drawn if it is not given. `command` stands before what
// is wrong with it.
absl::Status ReadTime(const Options& options, absl::string_view command,
                      sim::TimeMode* time);
// " --time any-order", or "" where that is not the mode: for the command that
// runs it again.
std::string TimeOption(sim::TimeMode time);
// An empty trace that keeps of a run what the views need.
trace::Trace TraceFor(const Options& options);

// The views of a trace: "ladder", "events", "anatomy", "strace".
const std::vector<std::string>& ViewNames();
// REQUIRES: `view` is one of those.
std::string ViewText(absl::string_view view, const trace::Trace& trace);

// Prints the views that were asked for, and writes the trace and the capture
// file. Answers what is wrong if one cannot be written.
absl::Status PrintViews(const Options& options, const trace::Trace& trace);

// Prints whether all holds, what does not, and the hash; if something does
// not hold, `again` last: the command that replays it.
ExitStatus PrintOutcome(const Scenario& scenario, const RunRequest& request,
                        const Outcome& outcome, const std::string& again);

// "net/it's.txtpb" as a shell takes it for one word.
std::string ShellWord(const std::string& word);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_REPORT_H_
