// Faults: a crash of each host at every event of a scenario, one after the
// other, and a partition too, ends as every run does: nothing hangs, nothing
// runs in circles.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/loader.h"
#include "scenarios/scenario_run.h"
#include "scenarios/simulated_stage.h"
#include "tests/scenarios/catalog_files.h"
#include "trace/trace.h"

namespace simloop::scenarios {
namespace {

constexpr uint64_t kMostEvents = 400;

bool Says(const Outcome& outcome, const std::string& line) {
  for (const RunEvent& event : outcome.events) {
    if (event.line.rfind(line, 0) == 0) return true;
  }
  return false;
}

// Runs `scenario` with `fault` after the first event, the second, ..., until
// the run is over before it. Answers how many there were.
uint64_t AtEveryEvent(Scenario scenario, FaultPlan fault) {
  scenario.time_limit = absl::Hours(2);
  scenario.expectations.clear();
  for (uint64_t event = 1; event <= kMostEvents; ++event) {
    fault.at_event = event;
    scenario.faults = {fault};
    const Outcome outcome = RunScenario(scenario, {}, nullptr).outcome;
    EXPECT_NE(outcome.end, Stage::End::kTimeLimit) << "event " << event;
    EXPECT_NE(outcome.end, Stage::End::kLivelock) << "event " << event;
    if (!Says(outcome, "fault " + fault.what)) return event - 1;
  }
  return kMostEvents;
}

class FaultTest : public ::testing::TestWithParam<const char*> {};

TEST_P(FaultTest, EachHostMayCrashAtEveryEvent) {
  const Scenario scenario = Load(GetParam());
  for (size_t host = 0; host < scenario.hosts.size(); ++host) {
    FaultPlan fault;
    fault.kind = FaultPlan::Kind::kCrash;
    fault.what = "crash";
    fault.whom = scenario.hosts[host].name;
    fault.host = host;
    EXPECT_GT(AtEveryEvent(scenario, fault), 5u);
    fault.kind = FaultPlan::Kind::kRestart;
    fault.what = "restart";
    EXPECT_GT(AtEveryEvent(scenario, fault), 5u);
  }
}

TEST_P(FaultTest, TheNetworkMayPartAtEveryEvent) {
  const Scenario scenario = Load(GetParam());
  for (size_t link = 0; link < scenario.links.size(); ++link) {
    for (const sim::Link::State state :
         {sim::Link::State::kBlackHole, sim::Link::State::kHostUnreachable,
          sim::Link::State::kDown}) {
      FaultPlan fault;
      fault.kind = FaultPlan::Kind::kLinkState;
      fault.what = "partition";
      fault.link = link;
      fault.state = state;
      EXPECT_GT(AtEveryEvent(scenario, fault), 5u);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Catalog, FaultTest,
    ::testing::Values("scenarios/catalog/net/echo.txtpb",
                      "scenarios/catalog/net/backlog_full.txtpb",
                      "scenarios/catalog/net/half_close.txtpb",
                      "scenarios/catalog/http/interrupted.txtpb"),
    [](const auto& info) {
      return std::filesystem::path(info.param).stem().string();
    });

Outcome RunText(const std::string& fields) {
  const absl::StatusOr<Scenario> scenario = ParseScenario("f.txtpb", R"(
host { name: "client" }
host { name: "server" }
link { a: "client" b: "server" latency: "10ms" }
program {
  host: "server" name: "server" run: "echo_server"
  arg { key: "once" value: "true" }
}
program {
  host: "client" name: "client" run: "echo_client"
  arg { key: "host" value: "server" }
}
)" + fields);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  if (!scenario.ok()) return Outcome();
  return RunScenario(*scenario, {}, nullptr).outcome;
}

std::string Faults(const std::string& fields) {
  return absl::StrJoin(RunText(fields).faults, "\n");
}

TEST(Pause, LetsTheKernelAnswerAndTheProgramWait) {
  // The handshake is the kernel's: 20 ms. The echo waits for the program.
  EXPECT_EQ(Faults(R"(
fault { at: "1ms" pause: "server" }
fault { at: "2s" resume: "server" }
expect { within { line: "client connect" from: "20ms" to: "20ms" } }
expect { within { line: 'client data "hello"' from: "2010ms" to: "2011ms" } }
)"),
            "");
}

TEST(Freeze, LetsNothingAnswer) {
  EXPECT_EQ(Faults(R"(
fault { at: "1ms" freeze: "server" }
fault { at: "500ms" thaw: "server" }
expect { within { line: "client connect" from: "510ms" to: "510ms" } }
)"),
            "");
}

TEST(Change, HoldsFromTheNextPacketOn) {
  // The SYN takes 10 ms, the SYN-ACK, sent at 10 ms, takes 100 ms.
  EXPECT_EQ(Faults(R"(
fault { at: "5ms" change { a: "client" b: "server" b_to_a { latency: "100ms" } } }
expect { within { line: "client connect" from: "110ms" to: "110ms" } }
)"),
            "");
}

TEST(LinkDown, LosesWhatIsUnderWay) {
  // The SYN of 0 ms is lost, its successor of 1 s is not.
  EXPECT_EQ(Faults(R"(
fault { at: "5ms" link_down { a: "client" b: "server" } }
fault { at: "6ms" link_up { a: "client" b: "server" } }
expect { within { line: "client connect" from: "1020ms" to: "1020ms" } }
)"),
            "");
}

TEST(Partition, LetsWhatIsUnderWayArrive) {
  EXPECT_EQ(Faults(R"(
fault { at: "5ms" partition { a: "client" b: "server" } }
fault { at: "6ms" heal { a: "client" b: "server" } }
expect { within { line: "client connect" from: "20ms" to: "20ms" } }
)"),
            "");
}

// Each block of docs/links.md is what a scenario may say.
TEST(LinksPage, ShowsWhatTheLoaderTakes) {
  std::ifstream in("docs/links.md");
  const std::string page((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  int blocks = 0;
  for (size_t at = page.find("```\n"); at != std::string::npos;) {
    const size_t end = page.find("```\n", at + 4);
    std::string block = page.substr(at + 4, end - at - 4);
    at = page.find("```\n", end + 4);
    if (block.rfind("decide", 0) == 0) continue;
    if (block.rfind("fault", 0) == 0)
      block += "link { a: 'client' b: 'server' }";
    const absl::StatusOr<Scenario> scenario = ParseScenario("f.txtpb", R"(
host { name: "client" }
host { name: "server" }
program { host: "client" name: "client" run: "client" }
)" + block);
    EXPECT_TRUE(scenario.ok()) << scenario.status();
    ++blocks;
  }
  EXPECT_EQ(blocks, 3);
}

TEST(Clock, ThatJumpsMakesTimersEarly) {
  // The timeout of 900 ms is over at 1 ms of the world's time.
  const absl::StatusOr<Scenario> scenario = ParseScenario("f.txtpb", R"(
host { name: "client" }
host { name: "server" }
link { a: "client" b: "server" latency: "10s" }
program {
  host: "client" name: "client" run: "timeout_client"
  arg { key: "host" value: "server" } arg { key: "timeout" value: "900ms" }
}
fault { at: "1ms" clock { host: "client" jump: "2s" } }
expect { within { line: "client close *" from: "1ms" to: "1ms" } }
)");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(
      absl::StrJoin(RunScenario(*scenario, {}, nullptr).outcome.faults, "\n"),
      "");
}

TEST(Crash, SaysNothing) {
  const Outcome outcome = RunText(R"(
fault { at: "25ms" crash: "server" }
end: QUIET
)");
  EXPECT_TRUE(Says(outcome, "fault crash server"));
  EXPECT_FALSE(Says(outcome, "srv.sock close"));
}

// Some programs listen, and say so, before the loop runs at all.
TEST(Fault, MayFollowASignalOfTheVeryStart) {
  const absl::StatusOr<Scenario> scenario = ParseScenario("test.txtpb", R"pb(
    host { name: "server" }
    program { host: "server" name: "server" run: "stale_event_server" }
    fault { after: "server listening" crash: "server" }
  )pb");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_TRUE(
      Says(RunScenario(*scenario, {}, nullptr).outcome, "fault crash server"));
}

}  // namespace
}  // namespace simloop::scenarios
