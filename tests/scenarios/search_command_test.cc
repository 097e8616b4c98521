// `simloop search` and what goes with it, as a person runs them.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/binary.h"

namespace simloop::scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kRace[] = "scenarios/catalog/races/r18_deadline_flawed.txtpb";

std::string Folder(const std::string& name) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/", name);
  std::filesystem::remove_all(folder);
  return folder;
}

std::string FileText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(SearchCommand, FindsTheSameWithAnyNumberOfJobs) {
  for (const char* strategy : {"random", "swarm", "pct", "coverage"}) {
    const std::string one = Folder("one");
    const std::string three = Folder("three");
    const std::string options =
        absl::StrCat("search ", kRace, " --runs 700 --strategy ", strategy);
    EXPECT_EQ(Simloop(absl::StrCat(options, " --jobs 1 --out ", one)).status, 1)
        << strategy;
    Simloop(absl::StrCat(options, " --jobs 3 --out ", three));
    for (const char* file : {"/search.txt", "/failure-1.schedule"}) {
      EXPECT_EQ(FileText(one + file), FileText(three + file)) << strategy;
    }
  }
}

TEST(SearchCommand, SaysWhetherAllOrdersWereRun) {
  const std::string out = Folder("all");
  const Finished all = Simloop(absl::StrCat(
      "search ", kRace, " --strategy exhaustive --bound 1 --out ", out));
  EXPECT_THAT(all.out, HasSubstr("within the bound of 1 decision were run"));
  EXPECT_THAT(all.out, HasSubstr("\nall "));
  const Finished some = Simloop(
      absl::StrCat("search ", kRace, " --strategy exhaustive --runs 5 --out ",
                   Folder("some")));
  EXPECT_THAT(some.out, HasSubstr("there are more"));
}

TEST(SearchCommand, GoesOnWhereItWas) {
  for (const char* strategy : {"random", "exhaustive --bound 2"}) {
    const std::string part = Folder("part");
    const std::string whole = Folder("whole");
    const std::string options =
        absl::StrCat("search ", kRace, " --strategy ", strategy);
    Simloop(absl::StrCat(options, " --runs 300 --out ", part));
    Simloop(absl::StrCat(options, " --runs 600 --resume --out ", part));
    Simloop(absl::StrCat(options, " --runs 600 --out ", whole));
    EXPECT_EQ(FileText(part + "/search.txt"), FileText(whole + "/search.txt"));
  }
}

TEST(SearchCommand, RefusesToGoOnWithAnotherSearch) {
  const std::string out = Folder("other");
  Simloop(absl::StrCat("search ", kRace, " --runs 20 --out ", out));
  const Finished other =
      Simloop(absl::StrCat("search ", kRace, " --seed 5 --resume --out ", out));
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.out, HasSubstr("is another search"));
}

TEST(Merge, MakesOneOfTheShards) {
  const std::string whole = Folder("unsharded");
  const std::string merged = Folder("merged");
  const std::string options = absl::StrCat("search ", kRace, " --runs 600");
  Simloop(absl::StrCat(options, " --out ", whole));
  std::string folders;
  for (int i = 0; i < 3; ++i) {
    const std::string shard = Folder(absl::StrCat("shard", i));
    Simloop(absl::StrCat("search ", kRace, " --runs 200 --shard ", i,
                         "/3 --out ", shard));
    absl::StrAppend(&folders, " ", shard);
  }
  const Finished merge =
      Simloop(absl::StrCat("merge", folders, " --out ", merged));
  EXPECT_EQ(merge.status, 1);
  EXPECT_THAT(merge.out, HasSubstr("600 runs"));
  EXPECT_EQ(FileText(merged + "/failure-1.schedule"),
            FileText(whole + "/failure-1.schedule"));
}

TEST(Merge, CountsTheOrdersOfAllShardsOnce) {
  const std::string options =
      absl::StrCat("search ", kRace, " --strategy exhaustive --bound 2 --out ");
  const Finished whole = Simloop(absl::StrCat(options, Folder("w")));
  std::string folders;
  for (int i = 0; i < 2; ++i) {
    const std::string shard = Folder(absl::StrCat("s", i));
    Simloop(absl::StrCat(options, shard, " --shard ", i, "/2"));
    absl::StrAppend(&folders, " ", shard);
  }
  const Finished merged =
      Simloop(absl::StrCat("merge", folders, " --out ", Folder("m")));
  const auto orders = [](const std::string& out) {
    const size_t from = out.find("\nall ");
    return out.substr(from, out.find('\n', from + 1) - from);
  };
  EXPECT_EQ(orders(merged.out), orders(whole.out));
}

TEST(Search, TakesItsShardFromSlurmAndKubernetes) {
  setenv("SLURM_ARRAY_TASK_ID", "4", 1);
  setenv("SLURM_ARRAY_TASK_MIN", "3", 1);
  setenv("SLURM_ARRAY_TASK_COUNT", "2", 1);
  const std::string out = Folder("slurm");
  Simloop(absl::StrCat("search ", kRace, " --runs 10 --out ", out));
  EXPECT_THAT(FileText(out + "/search.txt"), HasSubstr("shard 1/2"));
  unsetenv("SLURM_ARRAY_TASK_ID");
  setenv("JOB_COMPLETION_INDEX", "2", 1);
  setenv("JOB_COMPLETIONS", "5", 1);
  const std::string other = Folder("kubernetes");
  Simloop(absl::StrCat("search ", kRace, " --runs 10 --out ", other));
  EXPECT_THAT(FileText(other + "/search.txt"), HasSubstr("shard 2/5"));
  unsetenv("JOB_COMPLETION_INDEX");
}

TEST(Shrink, LeavesOneDecisionThatExplainNames) {
  const std::string out = Folder("shrink");
  Simloop(absl::StrCat("search ", kRace, " --runs 200 --out ", out));
  const Finished shrunk =
      Simloop(absl::StrCat("shrink ", out, "/failure-1.schedule"));
  EXPECT_EQ(shrunk.status, 0);
  EXPECT_THAT(shrunk.out, HasSubstr("\n1 of "));
  const std::string schedule = out + "/failure-1.shrunk.schedule";
  EXPECT_EQ(Simloop("replay " + schedule).status, 1);
  const Finished explained = Simloop("explain " + schedule);
  EXPECT_EQ(explained.status, 0);
  EXPECT_TRUE(absl::StartsWith(explained.out,
                               "fails when client's timer fires before "))
      << explained.out;
  EXPECT_THAT(explained.out, HasSubstr("the decision: client.wake#"));
  EXPECT_THAT(explained.out, HasSubstr("it holds"));
}

TEST(Shrink, WantsARunThatFails) {
  const std::string path = Folder("calm.schedule");
  std::ofstream(path) << "# simloop schedule 1\nscenario " << kRace << "\n";
  const Finished shrunk = Simloop("shrink " + path);
  EXPECT_EQ(shrunk.status, 2);
  EXPECT_THAT(shrunk.out, HasSubstr("the run by it holds"));
}

TEST(Window, IsExactToTheNanosecond) {
  // The answer comes 2 ms after the question, the deadline is the client's own:
  // one that is due with the answer comes before it in libev's turn.
  const Finished window = Simloop(
      absl::StrCat("window ", kRace, " --vary client.deadline --to 5ms"));
  EXPECT_EQ(window.status, 1);
  EXPECT_THAT(window.out, HasSubstr("\nfails from 0 to 2ms\n"));
  EXPECT_THAT(window.out, Not(HasSubstr("fails from 2")));
  const Finished map = Simloop(
      absl::StrCat("window ", kRace, " --vary client.deadline,link.latency"));
  EXPECT_THAT(map.out, HasSubstr("#"));
  EXPECT_EQ(Simloop(absl::StrCat("window ", kRace, " --vary nothing")).status,
            2);
}

TEST(Replay, GuidedSurvivesAnUnrelatedChange) {
  const std::string out = Folder("guided");
  Simloop(absl::StrCat("search ", kRace, " --runs 200 --out ", out));
  // One more program, with a timer of its own, on another host.
  const std::string changed = out + "/changed.txtpb";
  std::ofstream(changed) << FileText(kRace) << R"pb(
    host { name: "bystander" }
    program { host: "bystander" name: "bystander" run: "cleared_timer" }
  )pb";
  const Finished run = Simloop(absl::StrCat("run ", changed, " --schedule ",
                                            out, "/failure-1.schedule"));
  EXPECT_EQ(run.status, 1) << run.out;
  EXPECT_THAT(run.out, HasSubstr("client gives up"));
}

constexpr char kBrief[] = "scenarios/catalog/races/r16_any_order_flawed.txtpb";

TEST(AnyOrder, IsKeptByWhatIsSaved) {
  const std::string out = Folder("any_order");
  const Finished search = Simloop(absl::StrCat(
      "search ", kBrief, " --time any-order --runs 300 --out ", out));
  EXPECT_EQ(search.status, 1);
  EXPECT_THAT(search.out, HasSubstr(": random in any order from seed 1"));
  const std::string schedule = out + "/failure-1.schedule";
  EXPECT_THAT(FileText(schedule), HasSubstr("\ntime any-order\n"));
  const Finished replay = Simloop("replay " + schedule);
  EXPECT_EQ(replay.status, 1);
  EXPECT_THAT(replay.out, HasSubstr("records are the same"));
  EXPECT_EQ(Simloop("replay --guided " + schedule).status, 1);
  EXPECT_EQ(Simloop("shrink " + schedule).status, 0);
  const std::string shrunk = out + "/failure-1.shrunk.schedule";
  EXPECT_THAT(FileText(shrunk), HasSubstr("\ntime any-order\n"));
  EXPECT_EQ(Simloop("replay " + shrunk).status, 1);
  const Finished explained = Simloop("explain " + shrunk);
  EXPECT_EQ(explained.status, 0);
  EXPECT_TRUE(absl::StartsWith(explained.out, "fails when ")) << explained.out;
}

TEST(AnyOrder, FindsWhatDrawnDelaysPassOver) {
  const std::string options =
      absl::StrCat("search ", kBrief, " --runs 2000 --time ");
  EXPECT_EQ(
      Simloop(absl::StrCat(options, "drawn --out ", Folder("drawn"))).status,
      0);
  EXPECT_EQ(
      Simloop(absl::StrCat(options, "any-order --out ", Folder("any"))).status,
      1);
}

TEST(AnyOrder, FindsTheSameWithAnyNumberOfJobs) {
  for (const char* strategy :
       {"random", "swarm", "pct", "coverage", "exhaustive --bound 2"}) {
    const std::string one = Folder("one");
    const std::string three = Folder("three");
    const std::string options =
        absl::StrCat("search ", kRace, " --time any-order --runs 500 ",
                     "--strategy ", strategy);
    Simloop(absl::StrCat(options, " --jobs 1 --out ", one));
    Simloop(absl::StrCat(options, " --jobs 3 --out ", three));
    EXPECT_EQ(FileText(one + "/search.txt"), FileText(three + "/search.txt"))
        << strategy;
  }
}

TEST(AnyOrder, GuidedSurvivesAnUnrelatedChange) {
  const std::string out = Folder("any_guided");
  Simloop(absl::StrCat("search ", kBrief, " --time any-order --runs 300 --out ",
                       out));
  const std::string changed = out + "/changed.txtpb";
  std::ofstream(changed) << FileText(kBrief) << R"pb(
    host { name: "bystander" }
    program { host: "bystander" name: "bystander" run: "cleared_timer" }
  )pb";
  const Finished run = Simloop(absl::StrCat("run ", changed, " --schedule ",
                                            out, "/failure-1.schedule"));
  EXPECT_EQ(run.status, 1) << run.out;
}

TEST(AnyOrder, IsRefusedWhereItIsNoModeOrNobodysToSay) {
  const std::string schedule = Folder("mode.schedule");
  std::ofstream(schedule) << "# simloop schedule 1\nscenario " << kRace
                          << "\ntime any_order\n";
  const Finished replay = Simloop("replay --guided " + schedule);
  EXPECT_EQ(replay.status, 2);
  EXPECT_THAT(replay.out,
              HasSubstr("mode.schedule:3:6: \"any_order\" is no mode of time; "
                        "did you mean \"any-order\"?"));
  for (const char* words : {"run --time any", "search --time ''",
                            "seeds --time Drawn", "run --live --time drawn"}) {
    const Finished run = Simloop(absl::StrCat(words, " ", kRace));
    EXPECT_EQ(run.status, 2) << words << "\n" << run.out;
    EXPECT_THAT(run.out, HasSubstr("expected")) << words;
  }
  // Another mode is another search.
  const std::string out = Folder("other_mode");
  Simloop(absl::StrCat("search ", kRace, " --runs 20 --out ", out));
  EXPECT_EQ(Simloop(absl::StrCat("search ", kRace,
                                 " --time any-order --resume --out ", out))
                .status,
            2);
}

}  // namespace
}  // namespace simloop::scenarios
