// Every case of data/, on the simulated kernel and on this machine's.

#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/conformance/case_file.h"
#include "tests/conformance/replayer.h"
#include "tests/conformance/testbed.h"

namespace simloop::conformance {

// What GoogleTest prints of a case.
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

namespace {

constexpr absl::string_view kTcp = "tests/conformance/data/tcp_ipv4.json";
constexpr size_t kTcpCases = 167;
constexpr absl::string_view kRandom =
    "tests/conformance/data/random_tcp_ipv4.json";
constexpr size_t kRandomCases = 80;

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
    {"tcp.disconnect.accepted_of_any",
     "0.0.0.0 stands for one address here, which a socket then keeps"},
    {"bind.time_wait_expires", "waits for 70 s"},
};

std::vector<Case> Read(absl::string_view path) {
  absl::StatusOr<std::vector<Case>> cases = ReadCases(path);
  return cases.ok() ? *std::move(cases) : std::vector<Case>();
}

std::vector<Case> LiveCases() {
  std::vector<Case> cases;
  for (const Case& test : Read(kTcp)) {
    const bool exempt =
        std::any_of(std::begin(kSimulatedOnly), std::end(kSimulatedOnly),
                    [&](const Exempt& e) { return e.name == test.name; });
    if (!exempt) cases.push_back(test);
  }
  return cases;
}

void Check(const Case& test, Testbed& testbed) {
  Replayer replayer(test, testbed);
  for (const Difference& difference : replayer.Run()) {
    ADD_FAILURE() << test.name << ": " << test.doc << "\n" << difference.text;
  }
}

class Simulated : public testing::TestWithParam<Case> {};
class Live : public testing::TestWithParam<Case> {};

TEST_P(Simulated, AnswersAsRecorded) {
  Check(GetParam(), *MakeSimulatedTestbed(GetParam()));
}

TEST_P(Live, AnswersAsRecorded) {
  const absl::StatusOr<std::unique_ptr<Testbed>> testbed =
      MakeLiveTestbed(GetParam());
  ASSERT_TRUE(testbed.ok()) << testbed.status();
  Check(GetParam(), **testbed);
}

std::string TestName(const testing::TestParamInfo<Case>& info) {
  return absl::StrReplaceAll(info.param.name, {{".", "_"}});
}

INSTANTIATE_TEST_SUITE_P(Tcp, Simulated, testing::ValuesIn(Read(kTcp)),
                         TestName);
INSTANTIATE_TEST_SUITE_P(Random, Simulated, testing::ValuesIn(Read(kRandom)),
                         TestName);
INSTANTIATE_TEST_SUITE_P(Tcp, Live, testing::ValuesIn(LiveCases()), TestName);

TEST(Conformance, LeavesNoCaseOut) {
  EXPECT_EQ(Read(kTcp).size(), kTcpCases);
  EXPECT_EQ(Read(kRandom).size(), kRandomCases);
  EXPECT_EQ(LiveCases().size(), kTcpCases - std::size(kSimulatedOnly));
}

}  // namespace

}  // namespace simloop::conformance
