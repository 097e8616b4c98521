// RunFile: all cases of a case file, each in a process of its own, on one of
// the two kernels.
#ifndef CONFORMANCE_RUN_FILE_H_
#define CONFORMANCE_RUN_FILE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "conformance/case_file.h"
#include "conformance/replayer.h"

namespace simloop::conformance {

enum class KernelKind { kSimulated, kLive };

// How one case went.
struct CaseReport {
  std::string name;
  std::vector<Difference> differences;
  // Why it gave no answer: it crashed or hung; else "".
  std::string error;

  bool passed() const { return differences.empty() && error.empty(); }
};

struct Report {
  std::vector<CaseReport> cases;  // in the file's order

  size_t passed() const;
  size_t failed() const { return cases.size() - passed(); }
};

struct RunOptions {
  KernelKind kernel = KernelKind::kSimulated;
  // The cases to run; null: all.
  std::function<bool(const Case& test)> only;
  // Side by side. Live cases sleep for most of their time: more of them than
  // there are processors do well, until they keep each other from being timely.
  int jobs = 1;
};

// Of how many cases so many are done.
using Progress = absl::FunctionRef<void(size_t done, size_t all)>;

// UNAVAILABLE: this machine's kernel does not let cases be replayed on it.
absl::StatusOr<Report> RunCases(const CaseFile& file, const RunOptions& options,
                                Progress progress);
// The same; and INVALID_ARGUMENT, NOT_FOUND as of ReadCaseFile.
absl::StatusOr<Report> RunFile(absl::string_view path,
                               const RunOptions& options, Progress progress);

// Makes the calls of `test` in this very process, on a simulated host that
// `environment` describes. A crash or an endless loop is the caller's.
std::vector<Difference> ReplaySimulated(const Case& test,
                                        const Environment& environment);

// What a simulated kernel made of a case.
struct SimulatedAnswers {
  std::vector<Observation> steps;  // fewer than the case's: one waits for ever
  // That were left when all that the case has names for were closed.
  size_t open_descriptors = 0;
};
// The same, without comparing: the results of `test` mean nothing.
SimulatedAnswers AskSimulated(const Case& test, const Environment& environment);

// Records what this machine's kernel answers to `cases`: the same cases, with
// results and readiness; without steps, where one crashed or hung. UNAVAILABLE
// as of RunCases.
absl::StatusOr<std::vector<Case>> RecordLive(const std::vector<Case>& cases,
                                             const Environment& environment,
                                             int jobs);
// Whether cases can be replayed on this machine's kernel; else UNAVAILABLE,
// and why not.
absl::Status LiveKernelIsAvailable(const Environment& environment);

}  // namespace simloop::conformance

#endif  // CONFORMANCE_RUN_FILE_H_
