// The simloop command: what it prints last, and with what status it exits.
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/scenarios/binary.h"

namespace simloop::scenarios {
namespace {

constexpr char kEcho[] = "scenarios/catalog/net/echo.txtpb";

std::string Temp(const std::string& name) {
  return ::testing::TempDir() + "/" + name;
}

std::string ReadText(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// A copy of the echo scenario, changed.
std::string EchoWith(const std::string& name, const std::string& from,
                     const std::string& to) {
  const std::string path = Temp(name);
  std::ofstream(path) << absl::StrReplaceAll(ReadText(kEcho), {{from, to}});
  return path;
}

TEST(CommandLine, ExitsWith0WhereAllHolds) {
  const Finished run = Simloop(std::string("run ") + kEcho);
  EXPECT_EQ(run.status, 0) << run.out;
  EXPECT_TRUE(absl::StartsWith(run.last_line(), "hash ")) << run.out;
}

TEST(CommandLine, ExitsWith1AndTheCommandThatReplaysAFailure) {
  const std::string path = EchoWith("fails.txtpb", "client ready", "client x");
  const Finished run = Simloop("run " + path + " --seed 3");
  EXPECT_EQ(run.status, 1) << run.out;
  EXPECT_EQ(run.last_line(), "./simloop run " + path + " --seed 3");
}

TEST(CommandLine, ExitsWith2WhereTheInputIsWrong) {
  const std::string unknown = EchoWith("typo.txtpb", "echo_server", "eco");
  const std::string negative = EchoWith("negative.txtpb", "1ms", "-1ms");
  for (const std::string& words : {
           std::string("run " + unknown),
           std::string("run " + negative),
           std::string("run /nonexistent.txtpb"),
           std::string("run /"),
           std::string("run /dev/null"),
           std::string("run"),
           std::string("run --sede 3 ") + kEcho,
           std::string("run --seed x ") + kEcho,
           std::string("run --live --seed 3 ") + kEcho,
           std::string("run --payloads ") + kEcho,
           std::string("run --pcap /nonexistent/f ") + kEcho,
           std::string("rnu ") + kEcho,
           std::string("view /nonexistent.trace"),
           std::string("replay /nonexistent.schedule"),
           std::string("serve --program http_hello --port 65536"),
           std::string("serve --program echo_client --port 7"),
           std::string(""),
       }) {
    const Finished run = Simloop(words);
    EXPECT_EQ(run.status, 2) << words << "\n" << run.out;
    EXPECT_TRUE(words.empty() || absl::StartsWith(run.out, "simloop: "))
        << words << "\n"
        << run.out;
  }
}

TEST(CommandLine, PrintsTheSameHashForTheSameSeed) {
  const Finished first = Simloop(std::string("run --seed 5 ") + kEcho);
  const Finished second = Simloop(std::string("run --seed 5 ") + kEcho);
  EXPECT_EQ(first.last_line(), second.last_line());
  const Finished other = Simloop(std::string("run --seed 6 ") + kEcho);
  EXPECT_NE(first.last_line(), other.last_line());
}

TEST(CommandLine, ReplaysASavedScheduleRecordForRecord) {
  const std::string saved = Temp("five.schedule");
  const Finished run = Simloop(std::string("run --seed 5 --save-schedule ") +
                               saved + " " + kEcho);
  ASSERT_EQ(run.status, 0) << run.out;
  const Finished replay = Simloop("replay " + saved);
  EXPECT_EQ(replay.status, 0) << replay.out;
  EXPECT_EQ(replay.last_line(), run.last_line());
  EXPECT_TRUE(absl::StrContains(replay.out, "records are the same"))
      << replay.out;
}

TEST(CommandLine, ExitsWith3WhereTheReplayedProgramHasChanged) {
  const std::string scenario = EchoWith("changing.txtpb", "@", "@");
  const std::string saved = Temp("changed.schedule");
  const Finished run =
      Simloop("run --seed 5 --save-schedule " + saved + " " + scenario);
  ASSERT_EQ(run.status, 0) << run.out;
  EchoWith("changing.txtpb", "run: \"echo_client\"",
           "run: \"echo_client\" arg { key: \"data\" value: \"hallo\" }");
  const Finished replay = Simloop("replay " + saved);
  EXPECT_EQ(replay.status, 3) << replay.out;
  EXPECT_TRUE(absl::StrContains(replay.out, "hallo")) << replay.out;
  EXPECT_TRUE(absl::StrContains(replay.last_line(), "nondeterminism"))
      << replay.out;
  const Finished guided = Simloop("replay --guided " + saved);
  EXPECT_EQ(guided.status, 1) << guided.out;
}

TEST(CommandLine, WritesTheSameCaptureOfARunAndOfItsTrace) {
  const std::string capture = Temp("echo.pcapng");
  const std::string trace = Temp("echo_payloads.trace");
  const std::string plain = Temp("echo_plain.trace");
  const std::string echo = std::string("run ") + kEcho;
  const Finished run =
      Simloop(echo + " --pcap " + capture + " --payloads --trace " + trace);
  const Finished without = Simloop(echo + " --trace " + plain);
  EXPECT_EQ(run.status, 0) << run.out;
  EXPECT_EQ(run.out, without.out) << "the hash does not cover payloads";
  const std::string again = Temp("again.pcapng");
  const Finished view = Simloop("view " + trace + " --pcap " + again);
  EXPECT_EQ(view.status, 0) << view.out;
  EXPECT_EQ(view.out, "");
  EXPECT_EQ(ReadText(again), ReadText(capture));
  EXPECT_TRUE(absl::StartsWith(ReadText(capture), "\n\r\r\n"));
  // Without payloads there is less of it.
  EXPECT_EQ(Simloop("view " + plain + " --pcap " + again).status, 0);
  EXPECT_LT(ReadText(again).size(), ReadText(capture).size());
}

TEST(CommandLine, SaysThatALiveRunHasNoSimulatedPackets) {
  const Finished run =
      Simloop(std::string("run --live --pcap /dev/null ") + kEcho);
  EXPECT_EQ(run.status, 2);
  EXPECT_TRUE(absl::StrContains(
      run.out, "a live run has no simulated packets; use tcpdump"))
      << run.out;
}

TEST(CommandLine, WritesATraceThatItCanViewAndCompare) {
  const std::string trace = Temp("echo.trace");
  const Finished run =
      Simloop(std::string("run --events --trace ") + trace + " " + kEcho);
  ASSERT_EQ(run.status, 0) << run.out;
  for (const char* view : {"ladder", "events", "anatomy", "strace"}) {
    const Finished shown =
        Simloop(std::string("view --as ") + view + " " + trace);
    EXPECT_EQ(shown.status, 0) << shown.out;
    EXPECT_NE(shown.out, "");
  }
  const Finished events = Simloop("view --as events " + trace);
  EXPECT_TRUE(absl::StartsWith(run.out, events.out)) << run.out;
  EXPECT_EQ(Simloop("diff " + trace + " " + trace).status, 0);
  const std::string other = Temp("other.trace");
  Simloop(std::string("run --seed 5 --trace ") + other + " " + kEcho);
  EXPECT_EQ(Simloop("diff " + trace + " " + other).status, 1);
}

TEST(CommandLine, SaysWhatThereIs) {
  EXPECT_EQ(Simloop("--help").status, 0);
  EXPECT_EQ(Simloop("help run").status, 0);
  EXPECT_EQ(Simloop("run --help").status, 0);
  const Finished programs = Simloop("programs");
  EXPECT_EQ(programs.status, 0);
  EXPECT_TRUE(absl::StrContains(programs.out, "http_hello")) << programs.out;
}

TEST(CommandLine, CountsSeeds) {
  const Finished seeds = Simloop(std::string("seeds --runs 20 ") + kEcho);
  EXPECT_EQ(seeds.status, 0) << seeds.out;
  EXPECT_TRUE(absl::StrContains(seeds.out, "0 unequal, 0 failed")) << seeds.out;
}

}  // namespace
}  // namespace simloop::scenarios
