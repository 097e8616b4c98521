// The `diff` command: the first record at which two traces part.
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "scenarios/commands/command.h"
#include "scenarios/saved_schedule.h"
#include "trace/comparer.h"
#include "trace/trace_file.h"

namespace simloop::scenarios {
namespace {

ExitStatus RunDiff(const Options& options) {
  const absl::Status operands =
      options.ExpectOperands(2, "diff: two trace files");
  if (!operands.ok()) return WrongInput(operands);
  const absl::StatusOr<trace::Trace> a =
      trace::LoadTrace(options.operands()[0]);
  if (!a.ok()) return WrongInput(a.status());
  const absl::StatusOr<trace::Trace> b =
      trace::LoadTrace(options.operands()[1]);
  if (!b.ok()) return WrongInput(b.status());
  const std::string report = trace::CompareTraces(*a, *b);
  if (report.empty()) {
    absl::PrintF("the same: %d records, hash %s\n", a->size(),
                 HashText(a->hash()));
    return kHolds;
  }
  absl::PrintF("%s\n", report);
  return kFails;
}

}  // namespace

Command DiffCommand() {
  return {"diff",
          "A B",
          "Shows the first record at which two traces part.\n"
          "Exit status 0 if they are the same, 1 if they are not.",
          {},
          RunDiff};
}

}  // namespace simloop::scenarios
