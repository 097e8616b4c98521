// Every case of data/, on the simulated kernel and on this machine's.

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "conformance/case_file.h"
#include "conformance/run_file.h"
#include "gtest/gtest.h"

namespace simloop::conformance {
namespace {

struct DataFile {
  absl::string_view name;
  size_t cases;
};
constexpr DataFile kFiles[] = {
    {"linux-oracle", 206},
    {"linux-oracle-random", 100},
    {"tcp_ipv4", 167},
    {"random_tcp_ipv4", 80},
};
// Live cases sleep, and so many do not keep each other from being timely.
constexpr int kLiveJobs = 24;

CaseFile Read(const DataFile& file) {
  absl::StatusOr<CaseFile> cases =
      ReadCaseFile(absl::StrCat("tests/conformance/data/", file.name, ".json"));
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
  Environment environment;
  Case test;
};

void PrintTo(const OneCase& one, std::ostream* out) { *out << one.test.name; }

std::vector<OneCase> AllCases() {
  std::vector<OneCase> all;
  for (const DataFile& data : kFiles) {
    const CaseFile file = Read(data);
    for (const Case& test : file.cases) {
      all.push_back({std::string(data.name), file.environment, test});
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
  const absl::StatusOr<Report> report = RunCases(
      {GetParam().environment, {GetParam().test}}, RunOptions(), NoProgress);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->failed(), 0u) << GetParam().test.doc << "\n"
                                  << TextOf(report->cases.front());
}

INSTANTIATE_TEST_SUITE_P(Data, Simulated, testing::ValuesIn(AllCases()),
                         TestName);

class Live : public testing::TestWithParam<DataFile> {};

TEST_P(Live, AnswersAsRecorded) {
  const CaseFile file = Read(GetParam());
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

INSTANTIATE_TEST_SUITE_P(
    Data, Live, testing::ValuesIn(kFiles),
    [](const testing::TestParamInfo<DataFile>& info) {
      return absl::StrReplaceAll(info.param.name, {{"-", "_"}});
    });

TEST(Conformance, LeavesNoCaseOut) {
  for (const DataFile& file : kFiles) {
    EXPECT_EQ(Read(file).cases.size(), file.cases) << file.name;
  }
}

}  // namespace
}  // namespace simloop::conformance
