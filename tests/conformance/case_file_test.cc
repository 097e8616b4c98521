// Reading case files, right ones and wrong ones.
#include "conformance/case_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "conformance/constants.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace simloop::conformance {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr absl::string_view kFile = R"({
 "format": "linux-socket-oracle/1",
 "environment": {"settle_ms": 5, "sysctl": {"net.core.somaxconn": "4096"},
                 "rmem_max": 4194304},
 "cases": [{"name": "n", "doc": "d", "settle_ms": 60, "class": "slow",
  "steps": [
    {"call": "socket", "args": {"domain": "AF_INET", "as": "s",
     "type": "SOCK_STREAM|SOCK_NONBLOCK", "proto": 0},
     "result": {"ret": "fd"}, "ready": {"s": "OUT|HUP"}},
    {"call": "send", "args": {"fd": "s", "data": "\u00e9", "flags": 0},
     "result": {"ret": -1, "errno": "EPIPE", "sigpipe": true},
     "loose": ["ready"], "settle_sensitive": true}
  ]}]})";

std::string ErrorOf(absl::string_view text) {
  return std::string(ParseCaseFile(text, "f.json").status().message());
}

TEST(CaseFile, IsReadWithItsSettings) {
  const auto file = ParseCaseFile(kFile, "f.json");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->environment.sysctls,
            (Environment::Settings{{"net.core.somaxconn", "4096"}}));
  EXPECT_EQ(file->environment.machine,
            (Environment::Settings{{"net.core.rmem_max", "4194304"}}));
  ASSERT_EQ(file->cases.size(), 1u);
  const Case& test = file->cases.front();
  EXPECT_EQ(test.settle, absl::Milliseconds(65));
  EXPECT_TRUE(test.slow);
  EXPECT_TRUE(test.observe);
  EXPECT_EQ(test.steps[0].ready->ToString(), R"({"s": "OUT|HUP"})");
  EXPECT_FALSE(test.steps[1].ready.has_value());
  EXPECT_TRUE(test.steps[1].settle_sensitive);
  EXPECT_EQ(test.steps[1].ToString(), "send(fd=s, data=\u00e9, flags=0)");
}

TEST(CaseFile, ThatIsNoneIsAnErrorAtItsPlace) {
  EXPECT_EQ(ErrorOf(""), "f.json:1:1: expected a value");
  EXPECT_EQ(ErrorOf("{\n \"a\": 1,\n}"), "f.json:3:1: expected a name");
  EXPECT_EQ(ErrorOf("[1, 2"), "f.json:1:6: expected ',' or ']'");
  EXPECT_EQ(ErrorOf("{} x"), "f.json:1:4: expected nothing after the value");
  EXPECT_EQ(ErrorOf("[1, 2]"), "f.json:1:1: expected an object");
  EXPECT_EQ(ErrorOf("{}"), "f.json:1:1: expected a member \"format\", a text");
  EXPECT_THAT(ErrorOf(std::string(100000, '[')), StartsWith("f.json:1:"));
  const auto with = [](absl::string_view part, absl::string_view instead) {
    return ErrorOf(absl::StrReplaceAll(kFile, {{part, instead}}));
  };
  EXPECT_EQ(with("oracle/1", "oracle/2"),
            "f.json:2:12: expected \"linux-socket-oracle/1\"");
  EXPECT_EQ(with("\"call\": \"send\"", "\"call\": 1"),
            "f.json:10:14: expected \"call\" to be a text");
  EXPECT_EQ(with("\"settle_ms\": 60", "\"settle_ms\": -1"),
            "f.json:5:51: expected 0 to 1000000 milliseconds");
  EXPECT_EQ(ReadCaseFile("no/such/file.json").status().message(),
            "no/such/file.json: cannot be read");
  EXPECT_FALSE(ReadCaseFile("/").ok());
}

TEST(Json, KeepsNumbersExact) {
  const auto json = Json::Parse("[18446744073709551614, -1, 1e3, 0.5]");
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(json->items()[0].Wrapped(), 18446744073709551614u);
  EXPECT_EQ(json->items()[1].Wrapped(), 18446744073709551615u);
  EXPECT_EQ(json->items()[1].Integer(), -1);
  EXPECT_EQ(json->items()[2].Integer(), 1000);
  EXPECT_EQ(json->items()[3].Real(), 0.5);
  EXPECT_EQ(json->ToString(), "[18446744073709551614, -1, 1e3, 0.5]");
}

TEST(Json, ReadsEscapes) {
  const auto json = Json::Parse(R"("\"\\\/\n\u0041\u00e9\ud83d\ude00")");
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(json->text(), "\"\\/\nA\u00e9\U0001f600");
  EXPECT_FALSE(Json::Parse(R"("\x")").ok());
  EXPECT_FALSE(Json::Parse(R"("\u12")").ok());
  EXPECT_FALSE(Json::Parse("\"a\nb\"").ok());
}

TEST(Constants, AreNamesOrNumbers) {
  EXPECT_EQ(Flags("SOCK_STREAM|SOCK_NONBLOCK"), 04001);
  EXPECT_EQ(Flags("MSG_PEEK|0x40000000"), 0x40000002);
  EXPECT_EQ(Flags("0o17"), 15);
  EXPECT_EQ(Flags("-1"), -1);
  EXPECT_EQ(Flags(""), 0);
  EXPECT_EQ(Flags("MSG_PEEK|MSG_PEEK"), 2);
  EXPECT_EQ(Flags("NO_SUCH_NAME"), std::nullopt);
  EXPECT_EQ(Flags("99999999999999999999999"), std::nullopt);
  EXPECT_EQ(EventBits("IN|ET"), 0x80000001u);
  EXPECT_EQ(EventBits("IN|OOPS"), std::nullopt);
  EXPECT_EQ(EventText(0x2015), "IN|OUT|RDHUP|HUP");
  EXPECT_EQ(ErrorName(11), "EAGAIN");
  EXPECT_EQ(ErrorName(9999), "9999");
}

}  // namespace
}  // namespace simloop::conformance
