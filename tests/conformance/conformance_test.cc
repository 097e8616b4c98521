// Every case of data/, on the simulated kernel and on this machine's.

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "conformance/case_file.h"
#include "conformance/run_file.h"
#include "gtest/gtest.h"
#include "tests/conformance/recordings.h"

namespace simloop::conformance {
namespace {

// Live cases sleep, and so many do not keep each other from being timely.
constexpr int kLiveJobs = 24;

CaseFile Read(const Recording& recording) {
  absl::StatusOr<CaseFile> cases = ReadCaseFile(PathOf(recording));
  return cases.ok() ? *std::move(cases) : CaseFile();
}

std::string TextOf(const CaseReport& report) {
  std::string text = absl::StrCat(report.name, ": ", report.error, "\n");
  for (const Difference& difference : report.differences) {
    absl::StrAppend(&text, "  ", difference.text, "\n");
  }
  return text;
}

void NoProgress(size_t, size_t) {}

struct OneCase {
  std::string file;
  std::shared_ptr<const Environment> environment;
  Case test;
};

void PrintTo(const OneCase& one, std::ostream* out) { *out << one.test.name; }

std::vector<OneCase> AllCases() {
  std::vector<OneCase> all;
  for (const Recording& recording : kRecordings) {
    CaseFile file = Read(recording);
    const auto environment =
        std::make_shared<const Environment>(std::move(file.environment));
    for (Case& test : file.cases) {
      all.push_back(
          {std::string(recording.name), environment, std::move(test)});
    }
  }
  return all;
}

std::string TestName(const testing::TestParamInfo<OneCase>& info) {
  return absl::StrReplaceAll(
      absl::StrCat(info.param.file, "__", info.param.test.name),
      {{".", "_"}, {"-", "_"}});
}

class Simulated : public testing::TestWithParam<OneCase> {};

TEST_P(Simulated, AnswersAsRecorded) {
  const Case& test = GetParam().test;
  const absl::StatusOr<Report> report =
      RunCases({*GetParam().environment, {test}}, RunOptions(), NoProgress);
  ASSERT_TRUE(report.ok()) << report.status();
  if (IsKnownDifference(GetParam().file, test.name)) {
    // Neither a crash nor, by now, the right answers.
    EXPECT_EQ(report->cases.front().error, "");
    EXPECT_EQ(report->failed(), 1u)
        << test.name << " is no known difference any more";
    return;
  }
  EXPECT_EQ(report->failed(), 0u) << test.doc << "\n"
                                  << TextOf(report->cases.front());
}

INSTANTIATE_TEST_SUITE_P(Data, Simulated, testing::ValuesIn(AllCases()),
                         TestName);

// Every `every`-th of the cases, from the middle of the first so many on.
std::vector<Case> Sample(std::vector<Case> cases, size_t every) {
  std::vector<Case> sample;
  for (size_t i = every / 2; i < cases.size(); i += every) {
    sample.push_back(std::move(cases[i]));
  }
  return sample;
}

class Live : public testing::TestWithParam<Recording> {};

TEST_P(Live, AnswersAsRecorded) {
  CaseFile file = Read(GetParam());
  file.cases = Sample(std::move(file.cases), GetParam().live_every);
  const absl::Status available = LiveKernelIsAvailable(file.environment);
  if (!available.ok()) GTEST_SKIP() << available;
  RunOptions options;
  options.kernel = KernelKind::kLive;
  options.jobs = kLiveJobs;
  const absl::StatusOr<Report> report = RunCases(file, options, NoProgress);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const CaseReport& first : report->cases) {
    if (first.passed()) continue;
    RunOptions alone = options;
    alone.jobs = 1;
    alone.only = [&](const Case& test) { return test.name == first.name; };
    const absl::StatusOr<Report> again = RunCases(file, alone, NoProgress);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->failed(), 0u) << TextOf(again->cases.front());
  }
}

std::vector<Recording> LiveRecordings() {
  std::vector<Recording> recordings;
  for (const Recording& recording : kRecordings) {
    if (recording.live_every > 0) recordings.push_back(recording);
  }
  return recordings;
}

INSTANTIATE_TEST_SUITE_P(
    Data, Live, testing::ValuesIn(LiveRecordings()),
    [](const testing::TestParamInfo<Recording>& info) {
      return absl::StrReplaceAll(info.param.name, {{"-", "_"}});
    });

TEST(Conformance, LeavesNoCaseOut) {
  for (const Recording& recording : kRecordings) {
    EXPECT_EQ(Read(recording).cases.size(), recording.cases) << recording.name;
  }
}

TEST(Conformance, KnowsNoDifferenceOfNoCase) {
  const std::vector<OneCase> all = AllCases();
  for (const KnownDifference& known : kKnownDifferences) {
    size_t found = 0;
    for (const OneCase& one : all) {
      found += one.file == known.recording && one.test.name == known.name;
    }
    EXPECT_EQ(found, 1u) << known.recording << " " << known.name;
    EXPECT_NE(known.reason, "") << known.name;
  }
}

}  // namespace
}  // namespace simloop::conformance
