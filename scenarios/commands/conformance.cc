// The `conformance` command: replays recorded calls on one of the kernels.
#include <regex.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "conformance/run_file.h"
#include "scenarios/commands/command.h"

namespace simloop::scenarios {
namespace {

using conformance::CaseReport;
using conformance::KernelKind;
using conformance::Report;
using conformance::RunOptions;

constexpr uint64_t kLiveJobs = 16;
constexpr uint64_t kSimulatedJobs = 2;
constexpr uint64_t kMostJobs = 1000;

// A POSIX extended regular expression (regex(7)).
class Pattern final {
 public:
  explicit Pattern(const std::string& text)
      : error_(regcomp(&regex_, text.c_str(), REG_EXTENDED | REG_NOSUB)) {}
  ~Pattern() {
    if (error_ == 0) regfree(&regex_);
  }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  absl::Status status() const {
    if (error_ == 0) return absl::OkStatus();
    char message[128];
    regerror(error_, &regex_, message, sizeof message);
    return absl::InvalidArgumentError(
        absl::StrCat("conformance: --only: ", message));
  }
  bool IsIn(const std::string& text) const {
    return regexec(&regex_, text.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t regex_;
  int error_;
};

absl::Status ReadKernel(const Options& options, RunOptions* run) {
  const std::string kernel = options.Value("--kernel");
  if (kernel == "live") run->kernel = KernelKind::kLive;
  if (kernel.empty() || kernel == "simulated" || kernel == "live") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "conformance: --kernel is \"", kernel, "\", expected simulated or live"));
}

// How far it is, on a line of its own that is written over.
void ShowProgress(const std::string& file, size_t done, size_t all) {
  static const bool terminal = isatty(STDERR_FILENO) != 0;
  if (!terminal) return;
  absl::FPrintF(stderr, "\r%s: %d of %d", file, done, all);
  if (done == all) absl::FPrintF(stderr, "\r\033[K");
}

void PrintDifferences(const std::string& file, const CaseReport& report) {
  for (const auto& difference : report.differences) {
    absl::PrintF("%s: %s: %s\n", file, report.name, difference.text);
  }
  if (!report.error.empty()) {
    absl::PrintF("%s: %s: %s\n", file, report.name, report.error);
  }
}

ExitStatus RunConformance(const Options& options) {
  if (options.operands().empty()) {
    return WrongInput(absl::InvalidArgumentError(
        "conformance: expected one case file or more"));
  }
  RunOptions run;
  const absl::Status kernel = ReadKernel(options, &run);
  if (!kernel.ok()) return WrongInput(kernel);
  const absl::StatusOr<uint64_t> jobs = options.Number(
      "--jobs", 1, kMostJobs,
      run.kernel == KernelKind::kLive ? kLiveJobs : kSimulatedJobs);
  if (!jobs.ok()) return WrongInput(jobs.status());
  run.jobs = static_cast<int>(*jobs);
  const Pattern pattern(options.Value("--only"));
  if (!pattern.status().ok()) return WrongInput(pattern.status());
  run.only = [&](const conformance::Case& test) {
    return pattern.IsIn(test.name);
  };
  size_t passed = 0;
  size_t failed = 0;
  for (const std::string& file : options.operands()) {
    const absl::StatusOr<Report> report = conformance::RunFile(
        file, run,
        [&](size_t done, size_t all) { ShowProgress(file, done, all); });
    if (!report.ok()) return WrongInput(report.status());
    for (const CaseReport& test : report->cases) PrintDifferences(file, test);
    passed += report->passed();
    failed += report->failed();
  }
  absl::PrintF("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? kHolds : kFails;
}

}  // namespace

Command ConformanceCommand() {
  return {"conformance",
          "FILE...",
          "Compares a kernel's answers with recorded ones.\n"
          "Makes the calls of each case of the files (their format is in\n"
          "conformance/README.md) and prints each answer that differs.",
          {{"--kernel", "K", "simulated (default) or live: this machine's"},
           {"--only", "REGEX", "the cases whose names it is found in"},
           {"--jobs", "N", "cases side by side (default 2, live 16)"}},
          RunConformance};
}

}  // namespace simloop::scenarios
