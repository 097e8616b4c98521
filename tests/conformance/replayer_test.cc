// What a replay compares, and what it makes of cases that cannot be replayed.
#include "conformance/replayer.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/children.h"
#include "conformance/comparison.h"
#include "conformance/run_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace simloop::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::string_view kSocket =
    R"({"call": "socket", "args": {"domain": "AF_INET", "as": "s", "type":
       "SOCK_STREAM|SOCK_NONBLOCK", "proto": 0}, "result": {"ret": "fd"}})";

// The differences of a case of these steps on a simulated host.
std::vector<std::string> Replay(absl::string_view steps) {
  const auto file = ParseCaseFile(
      absl::StrCat(R"({"format": "linux-socket-oracle/1", "cases": [
                       {"name": "n", "steps": [)",
                   steps, "]}]}"),
      "f.json");
  if (!file.ok()) return {std::string(file.status().message())};
  std::vector<std::string> texts;
  for (const Difference& difference :
       ReplaySimulated(file->cases[0], file->environment)) {
    texts.push_back(difference.text);
  }
  return texts;
}

TEST(Replayer, TellsWhatDiffers) {
  EXPECT_THAT(Replay(kSocket), ElementsAre());
  EXPECT_THAT(
      Replay(absl::StrCat(kSocket, R"(, {"call": "recv",
        "args": {"fd": "s", "len": 1, "flags": 0},
        "result": {"ret": -1, "errno": "EAGAIN"}, "ready": {"s": "OUT"}})")),
      ElementsAre("step 1 recv(fd=s, len=1, flags=0): expected {\"ret\": -1, "
                  "\"errno\": \"EAGAIN\"}, got {\"ret\": -1, \"errno\": "
                  "\"ENOTCONN\"}",
                  "step 1 recv(fd=s, len=1, flags=0): expected readiness "
                  "{\"s\": \"OUT\"}, got {\"s\": \"OUT|HUP\"}"));
}

TEST(Replayer, FailsAStepThatCannotBeMadeInWords) {
  const auto one = [](absl::string_view call, absl::string_view args) {
    return Replay(absl::StrCat("{\"call\": \"", call, "\", \"args\": ", args,
                               ", \"result\": {}}"));
  };
  EXPECT_THAT(one("mmap", "{}"),
              ElementsAre("step 0 mmap(): there is no call \"mmap\""));
  EXPECT_THAT(one("close", "{}"),
              ElementsAre(HasSubstr("the argument \"fd\" is missing")));
  EXPECT_THAT(one("recv", R"({"fd": "s", "len": 1, "flags": "MSG_WHAT"})"),
              ElementsAre(HasSubstr(
                  "the argument \"flags\" is \"MSG_WHAT\", expected flags")));
  EXPECT_THAT(one("bind", R"({"fd": "s", "addr": "nowhere"})"),
              ElementsAre(HasSubstr("expected address")));
  EXPECT_THAT(one("poll", R"({"fds": [["s"]], "timeout_ms": 0})"),
              ElementsAre(HasSubstr("expected watches")));
  EXPECT_THAT(one("fill", R"({"fd": "s", "chunk": 0, "max": 1})"),
              ElementsAre(HasSubstr("expected positive")));
}

TEST(Replayer, TakesHugeAndNegativeNumbers) {
  const auto fails = [](absl::string_view call, absl::string_view args) {
    return Replay(
        absl::StrCat(kSocket, ", {\"call\": \"", call, "\", \"args\": ", args,
                     ", \"result\": {\"ret\": -1, \"errno\": \"ENOTCONN\"}}"));
  };
  EXPECT_THAT(fails("recv", R"({"fd": "s", "len": 1099511627776, "flags": 0})"),
              ElementsAre());
  EXPECT_THAT(fails("recv", R"({"fd": "s", "len": -5, "flags": 0})"),
              ElementsAre());
  EXPECT_THAT(fails("recv", R"({"fd": "s", "len": 1e300, "flags": 0})"),
              ElementsAre());
}

bool Same(absl::string_view expected, absl::string_view got) {
  return Matches(*Json::Parse(expected), *Json::Parse(got));
}

TEST(Comparison, TakesAnyOfValuesThatVary) {
  EXPECT_TRUE(Same(R"({"a": 1, "b": [2]})", R"({"b": [2], "a": 1})"));
  EXPECT_FALSE(Same(R"({"a": 1})", R"({"a": 1, "b": 2})"));
  EXPECT_FALSE(Same(R"({"a": 1})", R"({"a": "1"})"));
  constexpr absl::string_view kVaries =
      R"({"ret": {"varies": ["1", "\"fd\""]}})";
  EXPECT_TRUE(Same(kVaries, R"({"ret": 1})"));
  EXPECT_TRUE(Same(kVaries, R"({"ret": "fd"})"));
  EXPECT_FALSE(Same(kVaries, R"({"ret": 2})"));
}

TEST(Comparison, LeavesOutWhatIsLoose) {
  Step step;
  step.result = *Json::Parse(R"({"total": 5, "errno": "EAGAIN"})");
  const Json got = *Json::Parse(R"({"total": 6, "errno": "EAGAIN"})");
  EXPECT_FALSE(ResultMatches(step, got, true));
  step.loose = {"total"};
  EXPECT_TRUE(ResultMatches(step, got, true));
  step.ready = *Json::Parse(R"({"s": "IN"})");
  EXPECT_FALSE(ReadyMatches(step, Json::Object()));
  step.loose = {"result", "ready"};
  EXPECT_TRUE(ResultMatches(step, Json::Object(), true));
  EXPECT_TRUE(ReadyMatches(step, Json::Object()));
}

TEST(Comparison, TakesEpollEventsForASetWhereReadinessIsObserved) {
  Step step;
  step.result = *Json::Parse(R"({"events": [["a", "IN"], ["b", "OUT"]]})");
  const Json got = *Json::Parse(R"({"events": [["b", "OUT"], ["a", "IN"]]})");
  EXPECT_TRUE(ResultMatches(step, got, true));
  EXPECT_FALSE(ResultMatches(step, got, false));
}

TEST(AskSimulated, TellsTheAnswersAndWhatStaysOpen) {
  const auto file = ParseCaseFile(
      absl::StrCat(R"({"format": "linux-socket-oracle/1", "cases": [
                       {"name": "n", "steps": [)",
                   kSocket, "]}]}"),
      "f.json");
  ASSERT_TRUE(file.ok()) << file.status();
  const SimulatedAnswers answers =
      AskSimulated(file->cases[0], file->environment);
  ASSERT_EQ(answers.steps.size(), 1u);
  EXPECT_EQ(answers.steps[0].result.ToString(), R"({"ret": "fd"})");
  EXPECT_EQ(answers.steps[0].ready->ToString(), R"({"s": "OUT|HUP"})");
  EXPECT_EQ(answers.open_descriptors, 0u);
}

TEST(Children, ThatCrashOrHangHarmNobodyElse) {
  std::vector<std::string> ends(4);
  ChildOptions options;
  options.jobs = 4;
  options.deadline = absl::Milliseconds(500);
  RunInChildren(
      ends.size(), options,
      [](size_t index) -> std::string {
        if (index == 1) std::abort();
        if (index == 2) _exit(3);
        while (index == 3) pause();
        return std::string(1 << 20, 'x');
      },
      [&](size_t index, const ChildEnd& end) {
        ends[index] = absl::StrCat(end.output.size(), " ", end.error);
      });
  EXPECT_THAT(ends,
              ElementsAre("1048576 ", "0 crashed: Aborted",
                          "0 crashed: exit status 3", "0 no answer in 500ms"));
}

}  // namespace
}  // namespace simloop::conformance
