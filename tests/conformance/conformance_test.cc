// Every case of data/, on the simulated kernel and on this machine's.

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/conformance/case_file.h"
#include "tests/conformance/replayer.h"
#include "tests/conformance/testbed.h"

namespace simloop::conformance {
namespace {

constexpr absl::string_view kFile = "tests/conformance/data/tcp_ipv4.json";
constexpr size_t kCases = 161;

enum class KernelKind { kSimulated, kLive };

// Cases that this machine cannot hold as they are, and why.
struct Exempt {
  absl::string_view name;
  absl::string_view reason;
};
constexpr Exempt kSimulatedOnly[] = {
    {"tcp.connect.no_ports", "sets a sysctl of the whole machine"},
    {"tcp.listen.backlog_somaxconn", "sets a sysctl of the whole machine"},
    {"tcp.connect.unbound_source_of_any",
     "0.0.0.0 stands for one address here, which a socket then keeps"},
    {"bind.time_wait_expires", "waits for 70 s"},
};

// Where the simulated kernel is known to answer otherwise than Linux.
struct Known {
  absl::string_view name;
  size_t step;
  absl::string_view reason;
};
constexpr Known kDifferences[] = {
    {"none", 0, ""},
};

const std::vector<Case>& Cases() {
  static const auto* const cases = [] {
    absl::StatusOr<std::vector<Case>> read = ReadCases(kFile);
    return new std::vector<Case>(read.ok() ? *std::move(read)
                                           : std::vector<Case>());
  }();
  return *cases;
}

bool SimulatedOnly(const std::string& name) {
  return std::any_of(std::begin(kSimulatedOnly), std::end(kSimulatedOnly),
                     [&](const Exempt& e) { return e.name == name; });
}

std::vector<std::string> Names(KernelKind kind) {
  std::vector<std::string> names;
  for (const Case& test : Cases()) {
    if (kind == KernelKind::kLive && SimulatedOnly(test.name)) continue;
    names.push_back(test.name);
  }
  return names;
}

const Case& Find(const std::string& name) {
  return *std::find_if(Cases().begin(), Cases().end(),
                       [&](const Case& test) { return test.name == name; });
}

// The steps at which the simulated kernel may differ.
std::vector<size_t> KnownSteps(const std::string& name) {
  std::vector<size_t> steps;
  for (const Known& known : kDifferences) {
    if (known.name == name) steps.push_back(known.step);
  }
  return steps;
}

void Check(const Case& test, Testbed& testbed, std::vector<size_t> known) {
  std::vector<size_t> steps;
  Replayer replayer(test, testbed);
  for (const Difference& difference : replayer.Run()) {
    const bool listed =
        std::count(known.begin(), known.end(), difference.step) > 0;
    if (!listed) ADD_FAILURE() << test.doc << "\n" << difference.text;
    steps.push_back(difference.step);
  }
  for (size_t step : known) {
    EXPECT_TRUE(std::count(steps.begin(), steps.end(), step) > 0)
        << "step " << step << " does not differ any more: strike it";
  }
}

class Simulated : public testing::TestWithParam<std::string> {};
class Live : public testing::TestWithParam<std::string> {};

TEST_P(Simulated, AnswersAsRecorded) {
  const Case& test = Find(GetParam());
  const std::unique_ptr<Testbed> testbed = MakeSimulatedTestbed(test);
  Check(test, *testbed, KnownSteps(test.name));
}

TEST_P(Live, AnswersAsRecorded) {
  const Case& test = Find(GetParam());
  const absl::StatusOr<std::unique_ptr<Testbed>> testbed =
      MakeLiveTestbed(test);
  ASSERT_TRUE(testbed.ok()) << testbed.status();
  Check(test, **testbed, {});
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  return absl::StrReplaceAll(info.param, {{".", "_"}});
}

INSTANTIATE_TEST_SUITE_P(Linux, Simulated,
                         testing::ValuesIn(Names(KernelKind::kSimulated)),
                         TestName);
INSTANTIATE_TEST_SUITE_P(Linux, Live,
                         testing::ValuesIn(Names(KernelKind::kLive)), TestName);

TEST(Conformance, LeavesNoCaseOut) {
  EXPECT_EQ(Names(KernelKind::kSimulated).size(), kCases);
  EXPECT_EQ(Names(KernelKind::kLive).size(),
            kCases - std::size(kSimulatedOnly));
}

}  // namespace
}  // namespace simloop::conformance
