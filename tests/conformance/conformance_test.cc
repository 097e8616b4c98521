// Every case of data/, on the simulated kernel and on this machine's.

#include <cstddef>
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

// How GoogleTest names the parameter.
void PrintTo(const Recording& recording, std::ostream* out) {
  *out << std::string(recording.name);
}

namespace {

// Side by side. Shards are side by side themselves.
constexpr int kSimulatedJobs = 2;
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

std::string NameOf(const testing::TestParamInfo<Recording>& info) {
  return absl::StrReplaceAll(info.param.name, {{"-", "_"}});
}

class Simulated : public testing::TestWithParam<Recording> {};

TEST_P(Simulated, AnswersAsRecorded) {
  const Recording& recording = GetParam();
  RunOptions options;
  options.jobs = kSimulatedJobs;
  const absl::StatusOr<Report> report =
      RunFile(PathOf(recording), options, NoProgress);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const CaseReport& one : report->cases) {
    if (!IsKnownDifference(recording.name, one.name)) {
      EXPECT_TRUE(one.passed()) << TextOf(one);
      continue;
    }
    // Neither a crash nor, by now, the right answers.
    EXPECT_EQ(one.error, "") << one.name;
    EXPECT_FALSE(one.passed())
        << one.name << " is no known difference any more";
  }
}

INSTANTIATE_TEST_SUITE_P(Data, Simulated, testing::ValuesIn(kRecordings),
                         NameOf);

// Every `every`-th of the cases, from the middle of the first so many on.
std::vector<Case> Sample(std::vector<Case> cases, size_t every) {
  std::vector<Case> sample;
  for (size_t i = every / 2; i < cases.size(); i += every) {
    sample.push_back(std::move(cases[i]));
  }
  return sample;
}

// CAP_WAKE_ALARM, which a sandbox takes away even from root.
constexpr absl::string_view kNeedsCapability = "timerfd.clocks";

class Live : public testing::TestWithParam<Recording> {};

TEST_P(Live, AnswersAsRecorded) {
  CaseFile file = Read(GetParam());
  file.cases = Sample(std::move(file.cases), GetParam().live_every);
  std::erase_if(file.cases,
                [](const Case& test) { return test.name == kNeedsCapability; });
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

INSTANTIATE_TEST_SUITE_P(Data, Live, testing::ValuesIn(LiveRecordings()),
                         NameOf);

TEST(Conformance, LeavesNoCaseOut) {
  for (const Recording& recording : kRecordings) {
    EXPECT_EQ(Read(recording).cases.size(), recording.cases) << recording.name;
  }
}

TEST(Conformance, KnowsNoDifferenceOfNoCase) {
  for (const KnownDifference& known : kKnownDifferences) {
    EXPECT_NE(known.reason, "") << known.name;
    size_t found = 0;
    for (const Recording& recording : kRecordings) {
      if (recording.name != known.recording) continue;
      for (const Case& test : Read(recording).cases) {
        found += test.name == known.name;
      }
    }
    EXPECT_EQ(found, 1u) << known.recording << " " << known.name;
  }
}

}  // namespace
}  // namespace simloop::conformance
