// The `view` command: any view of a trace file.
#include <algorithm>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/report.h"
#include "scenarios/nearest.h"
#include "trace/capture_view.h"
#include "trace/trace_file.h"

namespace simloop::scenarios {
namespace {

bool HasPackets(const trace::Trace& trace) {
  for (trace::RecordId id = 1; id <= trace.size(); ++id) {
    if (std::holds_alternative<trace::Packet>(trace.Get(id).body)) return true;
  }
  return false;
}

// The capture of the trace file `name`.
ExitStatus WriteCapture(const trace::Trace& trace, const std::string& name,
                        const std::string& path) {
  if (!HasPackets(trace)) {
    return WrongInput(absl::InvalidArgumentError(
        absl::StrCat(name,
                     ": has no packets; that of a live run never has: use "
                     "tcpdump(8) there")));
  }
  const absl::Status saved = trace::SaveCapture(trace, path);
  return saved.ok() ? kHolds : WrongInput(saved);
}

ExitStatus RunView(const Options& options) {
  const absl::Status operands =
      options.ExpectOperands(1, "view: one trace file");
  if (!operands.ok()) return WrongInput(operands);
  const std::string view =
      options.Has("--as") ? options.Value("--as") : ViewNames()[0];
  if (std::count(ViewNames().begin(), ViewNames().end(), view) == 0) {
    return WrongInput(absl::InvalidArgumentError(absl::StrCat(
        "view: there is no view \"", view, "\"", DidYouMean(view, ViewNames()),
        "; expected one of ", absl::StrJoin(ViewNames(), ", "))));
  }
  const absl::StatusOr<trace::Trace> trace =
      trace::LoadTrace(options.operands()[0]);
  if (!trace.ok()) return WrongInput(trace.status());
  if (options.Has("--pcap")) {
    const ExitStatus written =
        WriteCapture(*trace, options.operands()[0], options.Value("--pcap"));
    if (written != kHolds || !options.Has("--as")) return written;
  }
  absl::PrintF("%s", ViewText(view, *trace));
  return kHolds;
}

}  // namespace

Command ViewCommand() {
  return {"view",
          "TRACE",
          "Prints a view of a trace file (run --trace F).",
          {{"--as", "VIEW", "ladder (the default), events, anatomy or strace"},
           {"--pcap", "F",
            "write its packets to the file F, as pcapng, and print no view "
            "unless --as asks for one"}},
          RunView};
}

}  // namespace simloop::scenarios
