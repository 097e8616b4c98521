// Which events fulfil an expectation, and what is said where they do not.
#include "scenarios/expectation_check.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace simloop::scenarios {
namespace {

RunEvent At(int millis, const std::string& actor, const std::string& rest) {
  return {loop::Instant() + absl::Milliseconds(millis), actor,
          actor + " " + rest};
}

const std::vector<RunEvent>& Events() {
  static const auto* const events = new std::vector<RunEvent>{
      At(1, "server", "listening"),
      At(2, "client", "connect readyState=open"),
      At(3, "server", "connection"),
      At(5, "client", "close hadError=false readyState=closed"),
  };
  return *events;
}

Expectation Of(Expectation::Kind kind, std::vector<std::string> lines) {
  Expectation expectation;
  expectation.kind = kind;
  expectation.lines = std::move(lines);
  expectation.line = 9;
  return expectation;
}

std::vector<std::string> Check(const Expectation& expectation,
                               RunKind run = RunKind::kCalm) {
  Scenario scenario;
  scenario.file = "f";
  scenario.expectations = {expectation};
  return CheckExpectations(scenario, Events(), run);
}

using Lines = std::vector<std::string>;
using Kind = Expectation::Kind;

TEST(ExpectationCheck, EventsMayHaveOthersBetween) {
  EXPECT_EQ(Check(Of(Kind::kEvents, {"server listening", "client   close *"})),
            Lines());
}

TEST(ExpectationCheck, EventsAreInOrder) {
  EXPECT_EQ(Check(Of(Kind::kEvents, {"server connection", "client connect*"})),
            Lines({"f:9: expected `client connect*` after `server connection`; "
                   "it happened, but earlier"}));
}

TEST(ExpectationCheck, EventsTellWhatDidNotHappen) {
  EXPECT_EQ(Check(Of(Kind::kEvents, {"client end *"})),
            Lines({"f:9: expected `client end *`; it did not happen"}));
}

TEST(ExpectationCheck, ExactlyIsAllThereIs) {
  EXPECT_EQ(Check(Of(Kind::kExactly, {"server listening", "server close"})),
            Lines({"f:9: expected event 2 to be `server close`; it was `client "
                   "connect readyState=open`"}));
  EXPECT_EQ(Check(Of(Kind::kExactly, {"*", "*", "*"})),
            Lines({"f:9: expected event 4 to be no more; it was `client close "
                   "hadError=false readyState=closed`"}));
  EXPECT_EQ(Check(Of(Kind::kExactly, {"*", "*", "*", "*"})), Lines());
}

TEST(ExpectationCheck, ExactlyOfOneActorPassesOverOthers) {
  Expectation expectation =
      Of(Kind::kExactly, {"server listening", "server connection"});
  expectation.actor = "server";
  EXPECT_EQ(Check(expectation), Lines());
}

TEST(ExpectationCheck, NeverFindsTheFirst) {
  EXPECT_EQ(Check(Of(Kind::kNever, {"client *"})),
            Lines({"f:9: expected never `client *`; `client connect "
                   "readyState=open` happened at 2ms"}));
  EXPECT_EQ(Check(Of(Kind::kNever, {"client error*"})), Lines());
}

TEST(ExpectationCheck, WithinIsAClosedSpan) {
  Expectation expectation = Of(Kind::kWithin, {"client close*"});
  expectation.from = absl::Milliseconds(5);
  expectation.to = absl::Milliseconds(5);
  EXPECT_EQ(Check(expectation), Lines());
  expectation.to = absl::Milliseconds(4);
  expectation.from = absl::ZeroDuration();
  EXPECT_EQ(Check(expectation),
            Lines({"f:9: expected `client close*` between 0 and 4ms; it "
                   "happened at 5ms"}));
}

TEST(ExpectationCheck, LiveIsGrantedTenTimesAndASecond) {
  Expectation expectation = Of(Kind::kWithin, {"client close*"});
  expectation.to = absl::Milliseconds(1);
  EXPECT_EQ(Check(expectation, RunKind::kLive), Lines());
}

TEST(ExpectationCheck, CalmOnlyHoldsInTheCalmRunAndLive) {
  Expectation expectation = Of(Kind::kNever, {"*"});
  expectation.calm_only = "a race";
  EXPECT_EQ(Check(expectation).size(), 1u);
  EXPECT_EQ(Check(expectation, RunKind::kLive).size(), 1u);
  EXPECT_EQ(Check(expectation, RunKind::kScheduled), Lines());
}

TEST(ExpectationCheck, SimulatedOnlyIsNotCheckedLive) {
  Expectation expectation = Of(Kind::kNever, {"*"});
  expectation.simulated_only = "latency";
  EXPECT_EQ(Check(expectation, RunKind::kScheduled).size(), 1u);
  EXPECT_EQ(Check(expectation, RunKind::kLive), Lines());
}

TEST(Matches, StarsStandForAnyText) {
  EXPECT_TRUE(Matches("", ""));
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("a*c", "abbc"));
  EXPECT_TRUE(Matches("*b*c*", "abbc"));
  EXPECT_TRUE(Matches("a*bc", "abbbc"));
  EXPECT_FALSE(Matches("a*c", "abcd"));
  EXPECT_FALSE(Matches("a", ""));
  EXPECT_FALSE(Matches("ab", "a"));
}

TEST(OneBlank, MakesBlanksOne) { EXPECT_EQ(OneBlank("  a \t b  "), "a b"); }

}  // namespace
}  // namespace simloop::scenarios
