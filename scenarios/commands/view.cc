// The `view` command: any view of a trace file.
#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/report.h"
#include "scenarios/nearest.h"
#include "trace/trace_file.h"

namespace simloop::scenarios {
namespace {

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
  absl::PrintF("%s", ViewText(view, *trace));
  return kHolds;
}

}  // namespace

Command ViewCommand() {
  return {"view",
          "TRACE",
          "Prints a view of a trace file (run --trace F).",
          {{"--as", "VIEW", "ladder (the default), events, anatomy or strace"}},
          RunView};
}

}  // namespace simloop::scenarios
