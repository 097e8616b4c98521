// What programs and scenario files assert: always, never, sometimes,
// eventually, unreachable.
#include "scenarios/assertion.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/expectation_check.h"
#include "tests/scenarios/search_world.h"

namespace simloop::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RunEvent Event(const std::string& line) {
  return {loop::Instant(), line.substr(0, line.find(' ')), line};
}

std::vector<std::string> Ways(const std::vector<RunEvent>& events) {
  std::vector<std::string> ways;
  CheckAssertions(Scenario(), events, &ways);
  return ways;
}

TEST(Assertions, FailWhereTheyWereBroken) {
  EXPECT_THAT(Ways({Event("assert fails always x < 3")}),
              ElementsAre("asserted always x < 3"));
  EXPECT_THAT(Ways({Event("client connect")}), IsEmpty());
}

TEST(Assertions, EventuallyIsOwedUntilItHappened) {
  EXPECT_THAT(Ways({Event("assert eventually served")}),
              ElementsAre("asserted eventually served"));
  EXPECT_THAT(Ways({Event("assert eventually served"),
                    Event("assert happened served")}),
              IsEmpty());
}

constexpr char kRefused[] = R"pb(
  host { name: "client" }
  program { name: "client" run: "client" }
)pb";

Outcome RunWith(const std::string& expectation) {
  const Scenario scenario = Parse(kRefused + expectation);
  ScenarioSubject subject(scenario);
  subject.Run(nullptr, nullptr);
  return subject.outcome();
}

TEST(Assertions, OfAFileHoldOrFail) {
  EXPECT_TRUE(
      RunWith(R"pb(expect { eventually: "client error *" })pb").holds());
  EXPECT_THAT(RunWith(R"pb(expect { eventually: "client data *" })pb").ways,
              ElementsAre("not eventually `client data *`"));
  EXPECT_THAT(RunWith(R"pb(expect { unreachable: "client error *" })pb").ways,
              ElementsAre("reached `client error *`"));
  EXPECT_TRUE(
      RunWith(R"pb(expect { always { of: "client" line: "client *" } })pb")
          .holds());
  EXPECT_THAT(RunWith(R"pb(expect {
                             always { of: "client" line: "client connect*" }
                           })pb")
                  .ways,
              ElementsAre("not always of client `client connect*`"));
}

TEST(Assertions, SometimesIsOfASearch) {
  const Outcome shown =
      RunWith(R"pb(expect { sometimes: "client error *" })pb");
  EXPECT_TRUE(shown.holds());
  EXPECT_THAT(shown.shown, ElementsAre("`client error *`"));
  const Outcome not_shown =
      RunWith(R"pb(expect { sometimes: "client data *" })pb");
  EXPECT_TRUE(not_shown.holds());
  EXPECT_THAT(not_shown.shown, ElementsAre("?`client data *`"));
}

}  // namespace
}  // namespace simloop::scenarios
