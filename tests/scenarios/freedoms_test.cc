// What a host's freedoms let a kernel answer, and that the programs and the
// loop bear it: the catalog under seeds, and single decisions by their names.
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/scenario_run.h"
#include "tests/scenarios/catalog_files.h"
#include "trace/strace_view.h"
#include "trace/trace.h"

namespace simloop::scenarios {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint64_t kSeeds = 200;

sim::Freedoms All() { return {true, true, true, true, true, true}; }

Scenario Granted(const std::string& file, const sim::Freedoms& freedoms) {
  Scenario scenario = Load("scenarios/catalog/" + file);
  for (sim::HostOptions& host : scenario.hosts) host.freedoms = freedoms;
  return scenario;
}

ScenarioRun RunSeed(const Scenario& scenario, uint64_t seed) {
  RunRequest request;
  request.seed = seed;
  return RunScenario(scenario, request, nullptr);
}

// The run by a schedule of these decisions alone.
ScenarioRun RunDecided(const Scenario& scenario,
                       std::vector<explore::Decision> decisions,
                       std::string* strace = nullptr) {
  explore::Schedule schedule;
  schedule.decisions = std::move(decisions);
  RunRequest request;
  request.schedule = &schedule;
  trace::Trace trace;
  ScenarioRun run = RunScenario(scenario, request, &trace);
  EXPECT_TRUE(run.unmatched.empty()) << run.unmatched[0].decision.name;
  if (strace != nullptr) *strace = trace::StraceView(trace);
  return run;
}

// What each actor saw, the pieces of its data put together: how a stream is
// cut is what short transfers change. So do 'drain' and what write() answers
// in Node v0.1.96, which tell how much the kernel took.
std::map<std::string, std::string> Seen(const Outcome& outcome) {
  std::map<std::string, std::string> seen;
  for (const RunEvent& event : outcome.events) {
    std::string& lines = seen[event.actor];
    if (absl::StrContains(event.line, " write -> ") ||
        absl::EndsWith(event.line, " drain")) {
      continue;
    }
    const std::string data = event.actor + " data \"";
    absl::string_view piece = event.line;
    if (absl::ConsumePrefix(&piece, data) && absl::EndsWith(lines, "\"\n") &&
        absl::StartsWith(lines.substr(lines.rfind('\n', lines.size() - 2) + 1),
                         data)) {
      lines.resize(lines.size() - 2);
      absl::StrAppend(&lines, piece, "\n");
    } else {
      absl::StrAppend(&lines, event.line, "\n");
    }
  }
  return seen;
}

// Of `scenario`: every actor sees under any seed what it sees in the calm run.
// `taken` gets how often each kind of choice was not the calm one.
void ExpectTheSameToBeSeen(const Scenario& scenario,
                           std::map<std::string, int>* taken) {
  const auto calm = Seen(RunScenario(scenario, {}, nullptr).outcome);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const ScenarioRun run = RunSeed(scenario, seed);
    EXPECT_EQ(run.outcome.end, Stage::End::kExit) << "seed " << seed;
    EXPECT_EQ(Seen(run.outcome), calm) << scenario.file << " seed " << seed;
    for (const explore::Decision& decision : run.decisions) {
      ++(*taken)[decision.name.substr(decision.name.rfind(' ') + 1)];
    }
  }
}

constexpr const char* kStreams[] = {
    "net/echo.txtpb",     "net/echo_one_process.txtpb", "net/echo_v0196.txtpb",
    "http/anatomy.txtpb", "http/anatomy_modern.txtpb",
};

TEST(ShortTransfers, ChangeNothingButThePieces) {
  std::map<std::string, int> taken;
  sim::Freedoms freedoms;
  freedoms.short_transfers = true;
  for (const char* file : kStreams) {
    ExpectTheSameToBeSeen(Granted(file, freedoms), &taken);
  }
  EXPECT_GT(taken["transfer"], 1000);
  EXPECT_EQ(taken["signal"], 0);
  EXPECT_EQ(taken["ready"], 0);
}

TEST(Signals, ChangeNothing) {
  std::map<std::string, int> taken;
  sim::Freedoms freedoms;
  freedoms.signals = true;
  for (const char* file : kStreams) {
    ExpectTheSameToBeSeen(Granted(file, freedoms), &taken);
  }
  EXPECT_GT(taken["signal"], 100);
}

TEST(ShortTransfers, ChangeNothingWithSignalsAndAnyOrderOfEpoll) {
  std::map<std::string, int> taken;
  sim::Freedoms freedoms;
  freedoms.short_transfers = true;
  freedoms.signals = true;
  freedoms.epoll_order = true;
  // Hosts with one socket ready at a time: what has no order keeps its order.
  for (const char* file : {"net/echo.txtpb", "net/echo_one_process.txtpb"}) {
    ExpectTheSameToBeSeen(Granted(file, freedoms), &taken);
  }
  EXPECT_GT(taken["transfer"], 1000);
  EXPECT_GT(taken["signal"], 100);
  EXPECT_GT(taken["ready"], 10);
}

// The scenario's own expectations, in which no piece of data is told apart.
TEST(Freedoms, LeaveTheKeepAliveRaceAsItIs) {
  const Scenario scenario = Granted("http/keepalive_reuse_race.txtpb", All());
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_EQ(absl::StrJoin(RunSeed(scenario, seed).outcome.faults, "\n"), "")
        << "seed " << seed;
  }
}

class FreedomsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(FreedomsTest, ChangeNothingInTheCalmRun) {
  const Scenario plain = Load(GetParam());
  Scenario free = plain;
  for (sim::HostOptions& host : free.hosts) host.freedoms = All();
  EXPECT_EQ(RunScenario(free, {}, nullptr).outcome.hash,
            RunScenario(plain, {}, nullptr).outcome.hash);
}

// A decision of another kind has the name, and so the answer, it had before.
TEST_P(FreedomsTest, AreAskedOnlyWhereGranted) {
  Scenario scenario = Load(GetParam());
  for (sim::HostOptions& host : scenario.hosts) host.freedoms = {};
  for (const explore::Decision& decision : RunSeed(scenario, 1).decisions) {
    for (const char* kind :
         {" ready", " transfer", " signal", " abort", " backlog", " memory"}) {
      EXPECT_FALSE(absl::EndsWith(decision.name, kind)) << decision.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalog, FreedomsTest,
                         ::testing::ValuesIn(CatalogFiles()), CatalogTestName);

TEST(Schedule, NamesAShortWrite) {
  sim::Freedoms freedoms;
  freedoms.short_transfers = true;
  std::string strace;
  // The client's first transfer is its write of "hello"; 2 is one byte.
  const ScenarioRun run = RunDecided(Granted("net/echo.txtpb", freedoms),
                                     {{"client.write#1 transfer", 2}}, &strace);
  EXPECT_THAT(strace, HasSubstr("\"hello\", 5) = 1"));
  EXPECT_THAT(strace, HasSubstr("\"ello\", 4) = 4"));
}

TEST(Schedule, NamesAnInterruptedWait) {
  sim::Freedoms freedoms;
  freedoms.signals = true;
  const Scenario scenario = Granted("net/echo.txtpb", freedoms);
  std::string strace;
  const ScenarioRun run =
      RunDecided(scenario, {{"client.wait#1 signal", 1}}, &strace);
  EXPECT_THAT(strace, HasSubstr("= -1 EINTR (Interrupted system call)"));
  EXPECT_EQ(absl::StrJoin(run.outcome.faults, "\n"), "");
}

TEST(Schedule, NamesTheFirstOfWhatIsReady) {
  sim::Freedoms freedoms;
  freedoms.epoll_order = true;
  // Node 20 has 'connection' before 'connect' because the listener was ready
  // first; the kernel need not say so.
  const Scenario scenario = Granted("http/anatomy_modern.txtpb", freedoms);
  const ScenarioRun calm = RunScenario(scenario, {}, nullptr);
  const ScenarioRun run = RunDecided(scenario, {{"node.epoll#1 ready", 1}});
  EXPECT_EQ(calm.outcome.events[1].line, "server connection");
  EXPECT_EQ(run.outcome.events[1].line, "client connect");
}

TEST(Schedule, NamesAnAbortedAccept) {
  // The client is gone by the time at which the server accepts.
  Scenario scenario = Load("scenarios/catalog/net/echo.txtpb");
  const absl::StatusOr<Scenario> parsed = ParseScenario("f.txtpb", R"(
host { name: "a" freedoms { aborted_accepts: true } }
program {
  name: "server" run: "slow_listener"
  arg { key: "wait" value: "50ms" } arg { key: "count" value: "1" }
}
program { name: "client" run: "client" start_after: "server listening" }
step { at: "10ms" program: "client" do: "reset" }
end: QUIET
)");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  std::string strace;
  RunDecided(*parsed, {{"a.accept#1 abort", 1}}, &strace);
  EXPECT_THAT(strace, HasSubstr("ECONNABORTED"));
}

TEST(Schedule, IsMadeOfTheDecisionsOfASeed) {
  const Scenario scenario = Granted("http/interrupted.txtpb", All());
  const ScenarioRun seeded = RunSeed(scenario, 3);
  EXPECT_EQ(RunDecided(scenario, seeded.decisions).outcome.hash,
            seeded.outcome.hash);
}

}  // namespace
}  // namespace simloop::scenarios
