// Reading case files, right ones and wrong ones.
#include "tests/conformance/case_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/replayer.h"
#include "tests/conformance/testbed.h"

namespace simloop::conformance {
namespace {

using testing::HasSubstr;

constexpr absl::string_view kFile = R"({
  "format": "linux-socket-oracle/1", "environment": {"settle_ms": 5},
  "cases": [{"name": "n", "doc": "d", "settle_ms": 60, "steps": [
    {"call": "socket", "args": {"domain": "AF_INET", "as": "s",
     "type": "SOCK_STREAM|SOCK_NONBLOCK", "proto": 0},
     "result": {"ret": "fd"}, "ready": {"s": "OUT|HUP"}},
    {"call": "fcntl", "args": {"fd": "s"}, "result": {"ret": 0}},
    {"call": "send", "args": {"fd": "s", "data": "x", "flags": "MSG_OOB"},
     "result": {"ret": -1, "errno": "EPIPE", "sigpipe": true}},
    {"call": "recv", "args": {"fd": "s", "len": 1, "flags": 0},
     "result": {"ret": -1, "errno": "EAGAIN"}}
  ]}]})";

TEST(CaseFile, IsReadWithItsSettings) {
  const auto cases = ParseCases(kFile);
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_EQ(cases->size(), 1u);
  const Case& test = cases->front();
  EXPECT_EQ(test.settle, absl::Milliseconds(65));
  EXPECT_EQ(test.steps[0].ready, (ReadyBits{{"s", "OUT|HUP"}}));
  EXPECT_EQ(test.steps[2].result, (Answer{{"ret", "-1"}, {"errno", "EPIPE"}}));
}

TEST(CaseFile, ThatIsNoneIsAnError) {
  EXPECT_FALSE(ParseCases("").ok());
  EXPECT_FALSE(ParseCases("{").ok());
  EXPECT_FALSE(ParseCases("[1, 2]").ok());
  EXPECT_THAT(std::string(ParseCases("{}").status().message()),
              HasSubstr("expected \"linux-socket-oracle/1\""));
  EXPECT_FALSE(ReadCases("no/such/file.json").ok());
}

// A call or a flag that is not there is a difference, never passed over; and a
// wrong answer is told with its step.
TEST(Replayer, TellsWhatDiffersAndWhatItCannotDo) {
  const auto cases = ParseCases(kFile);
  ASSERT_TRUE(cases.ok()) << cases.status();
  const auto testbed = MakeSimulatedTestbed(cases->front());
  Replayer replayer(cases->front(), *testbed);
  const std::vector<Difference> differences = replayer.Run();
  ASSERT_EQ(differences.size(), 3u);
  EXPECT_THAT(differences[0].text, HasSubstr("unsupported:fcntl"));
  EXPECT_THAT(differences[1].text, HasSubstr("unsupported:MSG_OOB"));
  EXPECT_EQ(differences[2].text,
            "step 3 recv(fd=s flags=0 len=1): expected {errno:EAGAIN, ret:-1}, "
            "got {errno:ENOTCONN, ret:-1}");
}

}  // namespace
}  // namespace simloop::conformance
