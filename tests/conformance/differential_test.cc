// Random programs of calls over several descriptors: what this machine's
// kernel answers, the simulated one has to answer too. A program on which they
// part is shrunk to the shortest that still does.
//
// DIFFERENTIAL_PROGRAMS in the environment says how many (README.md).
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
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

// A program on which the two kernels part, and how.
struct Finding {
  size_t index = 0;  // in the batch
  std::string text;
};

// How often a difference is to be seen before it is believed: an answer of a
// busy machine that changes is no answer to hold to.
constexpr int kSightings = 4;

// The difference of one program, if it is seen again and again.
std::optional<std::string> Lasting(const Case& one,
                                   const Environment& environment) {
  std::string text;
  for (int i = 1; i < kSightings; ++i) {
    const absl::StatusOr<std::vector<Case>> again =
        RecordLive({one}, environment, 1);
    if (!again.ok()) return again.status().ToString();
    const absl::StatusOr<Report> report =
        RunCases({environment, *again}, RunOptions(), [](size_t, size_t) {});
    if (report->failed() == 0) return std::nullopt;
    text = TextOf(report->cases[0], again->front());
  }
  return text;
}

// The first of `programs` on which they part.
std::optional<Finding> FirstDifference(const std::vector<Program>& programs) {
  const Environment environment;
  std::vector<Case> cases;
  for (const Program& program : programs) cases.push_back(ProgramOf(program));
  const absl::StatusOr<std::vector<Case>> recorded =
      RecordLive(cases, environment, kBatch);
  if (!recorded.ok()) return Finding{0, recorded.status().ToString()};
  RunOptions options;
  options.jobs = 2;
  const absl::StatusOr<Report> report =
      RunCases({environment, *recorded}, options, [](size_t, size_t) {});
  for (size_t i = 0; i < recorded->size(); ++i) {
    if (report->cases[i].passed()) continue;
    std::optional<std::string> text = Lasting(cases[i], environment);
    if (text.has_value()) return Finding{i, *std::move(text)};
  }
  return std::nullopt;
}

// `program` less `size` instructions, in each place where they can be missed.
std::vector<Program> Shorter(const Program& program, size_t size) {
  std::vector<Program> shorter;
  for (size_t at = 0; at < program.size(); at += size) {
    const auto begin = program.begin() + static_cast<std::ptrdiff_t>(at);
    const size_t count = std::min(size, program.size() - at);
    shorter.emplace_back(program.begin(), begin);
    shorter.back().insert(shorter.back().end(),
                          begin + static_cast<std::ptrdiff_t>(count),
                          program.end());
  }
  return shorter;
}

// `program` with one number 0 that is not.
std::vector<Program> Plainer(const Program& program) {
  std::vector<Program> plainer;
  for (size_t at = 0; at < program.size(); ++at) {
    for (uint8_t Instruction::*field :
         {&Instruction::whom, &Instruction::first, &Instruction::second}) {
      if (program[at].*field == 0) continue;
      plainer.push_back(program);
      plainer.back()[at].*field = 0;
    }
  }
  return plainer;
}

// What is left of a difference when each instruction, and then each number, is
// done without that can be. By hand: RapidCheck tries one after the other, and
// here they are recorded side by side.
std::string Shrunk(Program program, std::string text) {
  const auto simplify = [&](const std::vector<Program>& simpler) {
    const std::optional<Finding> found = FirstDifference(simpler);
    if (!found.has_value()) return false;
    program = simpler[found->index];
    text = found->text;
    return true;
  };
  for (size_t size = program.size() / 2; size > 0; size /= 2) {
    while (simplify(Shorter(program, size))) continue;
  }
  while (simplify(Plainer(program))) continue;
  return text;
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
    const std::optional<Finding> found = FirstDifference(programs);
    if (!found.has_value()) return;
    const std::string text = Shrunk(programs[found->index], found->text);
    RC_FAIL(text);
  });
  EXPECT_TRUE(same);
}

}  // namespace
}  // namespace simloop::conformance
