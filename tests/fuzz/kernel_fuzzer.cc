// A libFuzzer target: whatever program of calls an input stands for, the
// simulated kernel survives it, ends it, answers the same when asked again, and
// has no descriptor left when all are closed. An input is a case file (of which
// the first case is taken), or else four bytes an instruction
// (tests/conformance/random_program.h).
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "conformance/case_file.h"
#include "conformance/run_file.h"
#include "loop/check.h"
#include "tests/conformance/random_program.h"

namespace simloop::conformance {
namespace {

constexpr size_t kMostInstructions = 200;
constexpr size_t kMostSteps = 1000;

Case ProgramIn(absl::string_view input) {
  if (!absl::StartsWith(input, "{")) {
    return ProgramOf(InstructionsOf(input, kMostInstructions));
  }
  const absl::StatusOr<CaseFile> file = ParseCaseFile(input, "input");
  if (!file.ok() || file->cases.empty()) return Case();
  Case test = file->cases.front();
  if (test.steps.size() > kMostSteps) test.steps.resize(kMostSteps);
  return test;
}

std::string TextOf(const SimulatedAnswers& answers) {
  std::string text;
  for (const Observation& step : answers.steps) {
    absl::StrAppend(&text, step.result.ToString(),
                    step.ready.value_or(Json()).ToString(), step.error, "\n");
  }
  return text;
}

void Check(absl::string_view input) {
  const Case test = ProgramIn(input);
  const SimulatedAnswers answers = AskSimulated(test, Environment());
  const SimulatedAnswers again = AskSimulated(test, Environment());
  SIMLOOP_CHECK(TextOf(answers) == TextOf(again), "two runs differ");
  if (absl::StartsWith(input, "{")) return;  // it may wait, or lose names
  SIMLOOP_CHECK(answers.steps.size() == test.steps.size(), "a call waits");
  SIMLOOP_CHECK(answers.open_descriptors == 0, "a descriptor is left");
}

}  // namespace
}  // namespace simloop::conformance

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  simloop::conformance::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
