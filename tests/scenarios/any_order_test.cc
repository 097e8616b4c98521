// Runs whose times are in any order: calm they are the calm run, asked they
// keep to what links and hosts promise, and what fails is replayed, shrunk and
// explained as in the other mode.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "explore/explanation.h"
#include "explore/random_scheduler.h"
#include "explore/recording_scheduler.h"
#include "explore/replay_scheduler.h"
#include "explore/shrink.h"
#include "explore/story.h"
#include "gtest/gtest.h"
#include "tests/scenarios/catalog_files.h"
#include "tests/scenarios/race_journey.h"
#include "tests/scenarios/search_world.h"
#include "tests/sim/every_way.h"
#include "tests/sim/order_oracle.h"

namespace simloop::scenarios {
namespace {

Scenario InAnyOrder(Scenario scenario) {
  scenario.time = sim::TimeMode::kAnyOrder;
  return scenario;
}

class AnyOrderTest : public ::testing::TestWithParam<std::string> {};

TEST_P(AnyOrderTest, IsTheCalmRunWhenAllPicksAreZero) {
  const Scenario scenario = InAnyOrder(Load(GetParam()));
  ScenarioSubject subject(scenario);
  const explore::Trial calm = subject.Run(nullptr, nullptr);
  const explore::DecidedRun asked = explore::RunDecisions(subject, {}, nullptr);
  EXPECT_EQ(asked.trial.hash, calm.hash);
  EXPECT_EQ(asked.trial.records, calm.records);
}

TEST_P(AnyOrderTest, IsTheSameRunBySeedAndByDecisions) {
  const Scenario scenario = InAnyOrder(Load(GetParam()));
  ScenarioSubject subject(scenario);
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    explore::RandomScheduler random(seed);
    explore::RecordingScheduler recording(random);
    const uint64_t hash = subject.Run(&recording, nullptr).hash;
    explore::RandomScheduler again(seed);
    EXPECT_EQ(subject.Run(&again, nullptr).hash, hash) << "seed " << seed;
    EXPECT_EQ(explore::RunDecisions(subject, recording.decisions(), nullptr)
                  .trial.hash,
              hash)
        << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalog, AnyOrderTest,
                         ::testing::ValuesIn(CatalogFiles(/*flawed=*/true)),
                         CatalogTestName);

// What came when, of each packet.
struct Crossing {
  std::string from;
  loop::Instant sent;
  loop::Instant came = loop::Instant::Infinite();
};

TEST(AnyOrder, KeepsPacketsWithinTheBoundsOfTheirLineAndInOrder) {
  // Latency 1 ms, jitter 2 ms.
  const Scenario scenario = InAnyOrder(
      Load("scenarios/catalog/races/r01_keep_alive_reuse_flawed.txtpb"));
  ScenarioSubject subject(scenario);
  size_t crossings = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    explore::RandomScheduler random(seed);
    trace::Trace trace;
    subject.Run(&random, &trace);
    std::map<uint64_t, Crossing> packets;
    for (trace::RecordId id = 1; id <= trace.size(); ++id) {
      const trace::Record& record = trace.Get(id);
      const auto* packet = std::get_if<trace::Packet>(&record.body);
      if (packet == nullptr) continue;
      if (packet->step == trace::Packet::Step::kSent) {
        packets[packet->packet] = {packet->from.ToString(), record.time};
      } else if (packet->step == trace::Packet::Step::kDelivered) {
        packets[packet->packet].came = record.time;
      }
    }
    std::map<std::string, loop::Instant> last;  // by who sent it
    for (const auto& [number, crossing] : packets) {
      if (crossing.came.infinite()) continue;
      const std::string host = crossing.from.substr(0, crossing.from.find(':'));
      EXPECT_GE(crossing.came, last[host]) << "overtaken";
      last[host] = crossing.came;
      EXPECT_GE(crossing.came - crossing.sent, absl::Milliseconds(1));
      EXPECT_LE(crossing.came - crossing.sent, absl::Milliseconds(3));
      ++crossings;
    }
  }
  EXPECT_GT(crossings, 2000u);
}

// Every way in which SYNs may come to the server.
class SynOrders final : public sim::Scheduler {
 public:
  uint32_t Pick(const sim::Choice& choice) override {
    return ways_.Pick(choice);
  }
  void OnEvent(const sim::Event& event) override {
    const std::string name = event.Name();
    if (absl::EndsWith(name, "/syn")) order_ += name[0];
  }
  // After a run: its order; false: it was the last.
  bool Next(std::set<std::string>* orders) {
    orders->insert(order_);
    order_.clear();
    return ways_.Next();
  }

 private:
  sim::EveryWay ways_{[](const sim::Choice& choice) {
    return absl::StrContains(choice.name, "/syn order") ||
           absl::StrContains(choice.name, "/syn~");
  }};
  std::string order_;
};

TEST(AnyOrder, ComesToTheOrdersOfArrivalThatTheLinesAllow) {
  // Microseconds: latency, and jitter.
  const std::vector<std::pair<int, int>> lines = {
      {1000, 900}, {1200, 0}, {1500, 1500}, {2000, 400}, {500, 800}};
  std::string text = R"pb(host { name: "server" })pb";
  std::vector<sim::Happening> happenings;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    absl::StrAppend(&text, "host { name: \"", name, "\" } link { a: \"", name,
                    "\" b: \"server\" latency: \"", lines[i].first,
                    "us\" jitter: \"", lines[i].second,
                    "us\" } program { host: \"", name, "\" name: \"", name,
                    "\" run: \"client\" arg { key: \"host\" value: "
                    "\"server\" } }");
    happenings.push_back(
        {-1, lines[i].first, lines[i].first + lines[i].second, 0});
  }
  const Scenario scenario = InAnyOrder(Parse(text));
  ScenarioSubject subject(scenario);
  SynOrders syns;
  std::set<std::string> orders;
  do {
    subject.Run(&syns, nullptr);
  } while (syns.Next(&orders));
  EXPECT_EQ(orders, sim::FeasibleOrders(happenings));
  EXPECT_GT(orders.size(), 5u);
}

std::vector<std::string> Flawed() {
  std::vector<std::string> files = CatalogFiles(/*flawed=*/true);
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const std::string& file) {
                               return !absl::StrContains(file, "_flawed.");
                             }),
              files.end());
  return files;
}

class AnyOrderRaceTest : public ::testing::TestWithParam<std::string> {};

TEST_P(AnyOrderRaceTest, IsFoundShrunkAndExplained) {
  ExpectFoundShrunkAndExplained(InAnyOrder(Load(GetParam())));
}

TEST_P(AnyOrderRaceTest, IsGoneWhenMended) {
  ExpectMended(InAnyOrder(
      Load(absl::StrReplaceAll(GetParam(), {{"_flawed.", "_mended."}}))));
}

INSTANTIATE_TEST_SUITE_P(Races, AnyOrderRaceTest, ::testing::ValuesIn(Flawed()),
                         CatalogTestName);

}  // namespace
}  // namespace simloop::scenarios
