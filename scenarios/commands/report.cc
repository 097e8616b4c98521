#include "scenarios/commands/report.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "loop/check.h"
#include "scenarios/saved_schedule.h"
#include "scenarios/time_mode.h"
#include "trace/anatomy_view.h"
#include "trace/capture_view.h"
#include "trace/events_view.h"
#include "trace/ladder_view.h"
#include "trace/strace_view.h"
#include "trace/trace_file.h"

namespace simloop::scenarios {

std::vector<OptionSpec> ViewOptions() {
  return {
      {"--ladder", nullptr, "print the sequence diagram of the run"},
      {"--events", nullptr, "print its events"},
      {"--anatomy", nullptr, "print its events, system calls and watchers"},
      {"--strace", nullptr, "print its system calls"},
      {"--trace", "F", "write its trace to the file F"},
      {"--payloads", nullptr, "with --trace: keep what its packets carry"},
      {"--pcap", "F", "write its packets to the file F, as pcapng"},
  };
}

absl::Status CheckViews(const Options& options, absl::string_view command) {
  if (!options.Has("--payloads") || options.Has("--trace")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      command, ": --payloads is kept in a trace file; expected --trace"));
}

absl::Status ReadTime(const Options& options, absl::string_view command,
                      sim::TimeMode* time) {
  if (!options.Has("--time")) return absl::OkStatus();
  const absl::StatusOr<sim::TimeMode> mode =
      ReadTimeMode(options.Value("--time"));
  if (!mode.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(command, ": --time: ", mode.status().message()));
  }
  *time = *mode;
  return absl::OkStatus();
}

std::string TimeOption(sim::TimeMode time) {
  return time == sim::TimeMode::kDrawn
             ? ""
             : absl::StrCat(" --time ", TimeModeName(time));
}

trace::Trace TraceFor(const Options& options) {
  trace::Trace trace;
  if (options.Has("--payloads") || options.Has("--pcap")) trace.KeepPayloads();
  return trace;
}

const std::vector<std::string>& ViewNames() {
  static const auto* const names =
      new std::vector<std::string>{"ladder", "events", "anatomy", "strace"};
  return *names;
}

std::string ViewText(absl::string_view view, const trace::Trace& trace) {
  if (view == "ladder") return trace::LadderView(trace);
  if (view == "events") return trace::EventsView(trace);
  if (view == "anatomy") return trace::AnatomyView(trace);
  SIMLOOP_CHECK(view == "strace", view);
  return trace::StraceView(trace);
}

absl::Status PrintViews(const Options& options, const trace::Trace& trace) {
  for (const std::string& view : ViewNames()) {
    if (!options.Has(absl::StrCat("--", view))) continue;
    absl::PrintF("%s", ViewText(view, trace));
  }
  if (options.Has("--trace")) {
    const absl::Status saved =
        trace::SaveTrace(trace, options.Value("--trace"));
    if (!saved.ok()) return saved;
  }
  if (!options.Has("--pcap")) return absl::OkStatus();
  return trace::SaveCapture(trace, options.Value("--pcap"));
}

namespace {

std::string How(const Scenario& scenario, const RunRequest& request) {
  const char* const order =
      scenario.time == sim::TimeMode::kAnyOrder ? ", in any order" : "";
  if (request.live) return "live";
  if (request.seed) {
    return absl::StrCat("under seed ", *request.seed, order);
  }
  if (request.schedule) return absl::StrCat("under its schedule", order);
  return "in the calm run";
}

}  // namespace

ExitStatus PrintOutcome(const Scenario& scenario, const RunRequest& request,
                        const Outcome& outcome, const std::string& again) {
  for (const std::string& fault : outcome.faults) {
    absl::PrintF("%s\n", fault);
  }
  absl::PrintF("%s: %s %s: %d events, %s%s\n", scenario.file,
               outcome.holds() ? "holds" : "FAILS", How(scenario, request),
               outcome.events.size(),
               absl::FormatDuration(outcome.ended_at - loop::Instant()),
               request.live ? "" : " of virtual time");
  if (!request.live) absl::PrintF("hash %s\n", HashText(outcome.hash));
  if (outcome.holds()) return kHolds;
  absl::PrintF("%s\n", again);
  return kFails;
}

std::string ShellWord(const std::string& word) {
  const bool plain =
      !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return absl::ascii_isalnum(c) ||
               absl::string_view("_-./:=+,@%").find(c) !=
                   absl::string_view::npos;
      });
  if (plain) return word;
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

}  // namespace simloop::scenarios
