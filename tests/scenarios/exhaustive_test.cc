// The exhaustive strategy tries one of each class of equivalent orders: as many
// as there are when every order is tried and the classes are counted.
#include <iostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/scenarios/search_world.h"

namespace simloop::scenarios {
namespace {

constexpr uint64_t kMostRuns = 200'000;

// `bound` 0: none. With `reduce` equivalent orders are left out.
SearchResult Exhaust(const Scenario& scenario, uint32_t bound, bool reduce) {
  explore::StrategyOptions options;
  options.name = "exhaustive";
  if (bound != 0) options.bound = bound;
  options.sites = ScenarioSubject(scenario).Sites();
  options.reduce = reduce;
  return SearchHere(scenario, options, {kMostRuns, false});
}

// `reduced` runs suffice for what takes more without reduction.
void ExpectTheSameOrders(const Scenario& scenario, uint32_t bound) {
  const SearchResult brute = Exhaust(scenario, bound, /*reduce=*/false);
  const SearchResult reduced = Exhaust(scenario, bound, /*reduce=*/true);
  ASSERT_TRUE(brute.exhausted) << "too large for this test";
  ASSERT_TRUE(reduced.exhausted);
  EXPECT_EQ(reduced.tally.orders, brute.tally.orders);
  EXPECT_EQ(reduced.tally.failed_orders, brute.tally.failed_orders);
  EXPECT_LE(reduced.tally.runs, brute.tally.runs);
  EXPECT_GT(reduced.tally.orders.size(), 1u);
  std::cout << brute.tally.runs << " runs, " << reduced.tally.runs
            << " reduced, " << reduced.tally.orders.size() << " orders\n";
}

// Two clients at one distance that nobody listens to: their SYNs come at one
// instant, and so do the answers. `jitter`: of a's line.
std::string TwoClients(const std::string& fields,
                       const std::string& jitter = "0") {
  return R"pb(
           host { name: "server" }
           host { name: "a" }
           host { name: "b" }
           link { a: "a" b: "server" latency: "1ms" jitter: ")pb" +
         jitter + R"pb(" }
           link { a: "b" b: "server" latency: "1ms" }
           program {
             host: "a"
             name: "a"
             run: "client"
             arg { key: "host" value: "server" }
           }
           program {
             host: "b"
             name: "b"
             run: "client"
             arg { key: "host" value: "server" }
           }
         )pb" +
         fields;
}

TEST(Exhaustive, RunsOneOrderOfEachClass) {
  ExpectTheSameOrders(Parse(TwoClients("")), 0);
}

TEST(Exhaustive, TakesEachOrderWhereAFaultConcernsEverybody) {
  // The line goes down at the very instant of the answers.
  ExpectTheSameOrders(Parse(TwoClients(
                          R"pb(fault {
                                 at: "2ms"
                                 link_down { a: "a" b: "server" }
                               }
                               expect { never: "a close*" })pb")),
                      0);
}

TEST(Exhaustive, CountsFailedOrdersWhereAnExpectationSeesTwoHosts) {
  const Scenario scenario = Parse(TwoClients(R"pb(
    expect { events { line: "a error*" line: "b error*" } })pb"));
  EXPECT_TRUE(ScenarioSubject(scenario).Sites().empty());
  ExpectTheSameOrders(scenario, 0);
  const SearchResult result = Exhaust(scenario, 0, true);
  EXPECT_EQ(2 * result.tally.failed_orders.size(), result.tally.orders.size());
}

TEST(Exhaustive, KnowsThatStepsAfterSignalsJoinHosts) {
  const Scenario scenario =
      Parse(
          TwoClients(R"pb(
            host { name: "c" }
            program {
              host: "c"
              name: "c"
              run: "client"
              start_after: "a closed"
            })pb"));
  const std::vector<uint32_t> sites = ScenarioSubject(scenario).Sites();
  ASSERT_EQ(sites.size(), 4u);  // server, a, b, c
  EXPECT_EQ(sites[1], sites[3]);
  EXPECT_NE(sites[1], sites[2]);
  ExpectTheSameOrders(scenario, 0);
}

TEST(Exhaustive, CountsDelaysAsTheyAreSeen) {
  const Scenario scenario = Parse(R"pb(
    host { name: "server" }
    host { name: "client" }
    link { a: "client" b: "server" latency: "1ms" jitter: "700us" }
    program {
      host: "client"
      name: "client"
      run: "client"
      arg { key: "host" value: "server" }
    }
  )pb");
  ExpectTheSameOrders(scenario, 0);
  // The client sees the sum of two delays, of 0 to 7 sevenths each.
  EXPECT_EQ(Exhaust(scenario, 0, true).tally.orders.size() % 15, 0u);
}

Scenario InAnyOrder(Scenario scenario) {
  scenario.time = sim::TimeMode::kAnyOrder;
  return scenario;
}

TEST(Exhaustive, FindsTheSameOrdersInEitherModeWhereNoTimeIsOpen) {
  const Scenario scenario = Parse(TwoClients(""));
  ExpectTheSameOrders(InAnyOrder(scenario), 0);
  EXPECT_EQ(Exhaust(InAnyOrder(scenario), 0, true).tally.orders,
            Exhaust(scenario, 0, true).tally.orders);
}

// a's line jitters; b's does not.
std::string LooseAndFirm(const std::string& fields) {
  return TwoClients(fields, /*jitter=*/"1400us");
}

TEST(Exhaustive, CountsOrdersInAnyOrder) {
  const Scenario scenario = InAnyOrder(Parse(LooseAndFirm(R"pb(
    expect { events { line: "b error*" line: "a error*" } })pb")));
  ExpectTheSameOrders(scenario, 0);
  const SearchResult result = Exhaust(scenario, 0, true);
  EXPECT_GT(result.tally.failed_orders.size(), 0u);
  EXPECT_LT(result.tally.failed_orders.size(), result.tally.orders.size());
}

TEST(Exhaustive, CountsOrdersInAnyOrderWhereSitesCommute) {
  const Scenario scenario = InAnyOrder(Parse(LooseAndFirm("")));
  EXPECT_FALSE(ScenarioSubject(scenario).Sites().empty());
  ExpectTheSameOrders(scenario, 0);
}

TEST(Exhaustive, CountsOrdersOfProcessesThatRunLate) {
  ExpectTheSameOrders(InAnyOrder(Parse(R"pb(
                        host { name: "server" }
                        host { name: "client" wakeup_jitter: "500us" }
                        link { a: "client" b: "server" latency: "1ms" }
                        program {
                          host: "client"
                          name: "client"
                          run: "client"
                          arg { key: "host" value: "server" }
                        })pb")),
                      0);
}

TEST(Exhaustive, SaysThatThereAreMoreWhereRunsDoNotSuffice) {
  explore::StrategyOptions options;
  options.name = "exhaustive";
  const SearchResult result =
      SearchHere(Parse(TwoClients("")), options, {10, false});
  EXPECT_EQ(result.tally.runs, 10u);
  EXPECT_FALSE(result.exhausted);
}

}  // namespace
}  // namespace simloop::scenarios
