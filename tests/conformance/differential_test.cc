// Random programs of calls over several descriptors: what this machine's
// kernel answers, the simulated one has to answer too. A program on which they
// part is shrunk to the shortest that still does.
//
// DIFFERENTIAL_PROGRAMS in the environment says how many (README.md).
#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "conformance/run_file.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "tests/conformance/random_program.h"

namespace simloop::conformance {

void showValue(const Instruction& i, std::ostream& out) {  // NOLINT: RapidCheck
  out << absl::StrCat("{", i.what, ", ", i.whom, ", ", i.first, ", ", i.second,
                      "}");
}

namespace {

constexpr int kUsualPrograms = 64;
constexpr size_t kInstructions = 24;
// Programs sleep for most of their time, and so run side by side.
constexpr size_t kBatch = 32;

using Program = std::vector<Instruction>;

rc::Gen<Instruction> AnyInstruction() {
  return rc::gen::build<Instruction>(
      rc::gen::set(&Instruction::what, rc::gen::arbitrary<uint8_t>()),
      rc::gen::set(&Instruction::whom, rc::gen::arbitrary<uint8_t>()),
      rc::gen::set(&Instruction::first, rc::gen::arbitrary<uint8_t>()),
      rc::gen::set(&Instruction::second, rc::gen::arbitrary<uint8_t>()));
}

int Programs() {
  const char* text = std::getenv("DIFFERENTIAL_PROGRAMS");
  int count = 0;
  return text != nullptr && absl::SimpleAtoi(text, &count) && count > 0
             ? count
             : kUsualPrograms;
}

std::string TextOf(const CaseReport& report, const Case& recorded) {
  std::string text = absl::StrCat(report.error, "\n");
  for (const Step& step : recorded.steps) {
    absl::StrAppend(&text, "  ", step.ToString(), " = ", step.result.ToString(),
                    "\n");
  }
  for (const Difference& difference : report.differences) {
    absl::StrAppend(&text, difference.text, "\n");
  }
  return text;
}

// Where the two kernels part on one of `programs`; "" if nowhere. What differs
// is recorded once more: an answer that changes is no answer to hold to.
std::string FirstDifference(const std::vector<Case>& programs) {
  const Environment environment;
  const absl::StatusOr<std::vector<Case>> recorded =
      RecordLive(programs, environment, kBatch);
  if (!recorded.ok()) return std::string(recorded.status().message());
  RunOptions options;
  options.jobs = 2;
  const absl::StatusOr<Report> report =
      RunCases({environment, *recorded}, options, [](size_t, size_t) {});
  for (size_t i = 0; i < recorded->size(); ++i) {
    if (report->cases[i].passed()) continue;
    const absl::StatusOr<std::vector<Case>> again =
        RecordLive({programs[i]}, environment, 1);
    const absl::StatusOr<Report> second =
        RunCases({environment, *again}, options, [](size_t, size_t) {});
    if (second->failed() == 0) continue;
    return TextOf(second->cases[0], again->front());
  }
  return "";
}

// `program` differs, in `difference`: what is left of that when each
// instruction, and then each number, is done without that can be. By hand,
// since RapidCheck would shrink the batch, and record it each time.
std::string Shrunk(Program program, std::string difference) {
  const auto try_instead = [&](const Program& simpler) {
    std::string own = FirstDifference({ProgramOf(simpler)});
    if (own.empty()) return;
    program = simpler;
    difference = std::move(own);
  };
  for (size_t at = program.size(); at-- > 0;) {
    Program simpler = program;
    simpler.erase(simpler.begin() + static_cast<std::ptrdiff_t>(at));
    try_instead(simpler);
  }
  for (size_t at = 0; at < program.size(); ++at) {
    for (uint8_t Instruction::*field :
         {&Instruction::whom, &Instruction::first, &Instruction::second}) {
      if (program[at].*field == 0) continue;
      Program simpler = program;
      simpler[at].*field = 0;
      try_instead(simpler);
    }
  }
  return difference;
}

TEST(Differential, KernelsAnswerTheSame) {
  const absl::Status available = LiveKernelIsAvailable(Environment());
  if (!available.ok()) GTEST_SKIP() << available;
  const int batches =
      (Programs() + static_cast<int>(kBatch) - 1) / static_cast<int>(kBatch);
  // The seed is printed when it fails, and RC_PARAMS takes it.
  setenv("RC_PARAMS", absl::StrCat("max_success=", batches).c_str(),
         /*overwrite=*/0);
  const bool same = rc::check("both kernels answer the same", [] {
    // RapidCheck begins with small numbers; these are choices, not sizes.
    const auto programs = *rc::gen::resize(
        rc::kNominalSize,
        rc::gen::noShrink(rc::gen::container<std::vector<Program>>(
            kBatch,
            rc::gen::container<Program>(kInstructions, AnyInstruction()))));
    std::vector<Case> cases;
    for (const Program& program : programs) {
      cases.push_back(ProgramOf(program));
    }
    std::string difference = FirstDifference(cases);
    if (difference.empty()) return;
    for (const Program& program : programs) {
      std::string own = FirstDifference({ProgramOf(program)});
      if (own.empty()) continue;
      difference = Shrunk(program, std::move(own));
      break;
    }
    RC_FAIL(difference);
  });
  EXPECT_TRUE(same);
}

}  // namespace
}  // namespace simloop::conformance
