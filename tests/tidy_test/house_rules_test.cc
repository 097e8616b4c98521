// Each house rule against a planted breach, and against what only looks so.
#include "tests/tidy_test/house_rules.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/tidy_test/source_file.h"

namespace simloop::tidy {
namespace {

// The lines on which `rule` is broken by `text` at `path`.
std::vector<int> Broken(absl::string_view rule, absl::string_view path,
                        absl::string_view text) {
  const SourceFile file(path, text);
  for (const Rule& candidate : Rules()) {
    if (candidate.name != rule) continue;
    std::vector<int> lines;
    for (const Finding& finding : candidate.check(file)) {
      lines.push_back(finding.line);
    }
    return lines;
  }
  ADD_FAILURE() << "no rule " << rule;
  return {};
}

using Lines = std::vector<int>;

TEST(HouseRules, FindsClocks) {
  for (const absl::string_view breach :
       {"clock_gettime(CLOCK_MONOTONIC, &t);", "gettimeofday(&t, nullptr);",
        "auto t = std::chrono::steady_clock::now();", "t = absl::Now();",
        "t = time(nullptr);", "t = std::time(0);", "#include <chrono>",
        "#include \"absl/time/clock.h\"", "usleep(10);"}) {
    EXPECT_FALSE(Broken("NoClocks", "sim/a.cc", breach).empty()) << breach;
    for (const absl::string_view live :
         {"loop/linux_kernel.cc", "scenarios/live_stage.cc",
          "scenarios/commands/serve.cc"}) {
      EXPECT_EQ(Broken("NoClocks", live, breach), Lines{}) << live;
    }
  }
}

TEST(HouseRules, LetsClockWordsBeInCommentsStringsAndMembers) {
  for (const absl::string_view fine :
       {"// As clock_gettime(2).", "/* std::chrono\n chrono */ int x;",
        "Say(\"gettimeofday\");", "x = R\"(absl::Now() )\";",
        "Instant time() const;", "record.time(now);", "clock.Now();",
        "const int n = 1'000; // time(0)"}) {
    EXPECT_EQ(Broken("NoClocks", "sim/a.cc", fine), Lines{}) << fine;
  }
}

TEST(HouseRules, SaysTheLine) {
  EXPECT_EQ(Broken("NoClocks", "sim/a.cc",
                   "// A.\n/*\n*/ int a = 'x';\nabsl::Now();\n"),
            Lines{4});
  EXPECT_EQ(ToString({"sim/a.cc", 4, "wrong"}), "sim/a.cc:4: wrong");
}

TEST(HouseRules, FindsForeignRandomness) {
  for (const absl::string_view breach :
       {"#include <random>", "std::mt19937 rng;", "std::random_device d;",
        "int x = rand();", "absl::BitGen gen;",
        "#include \"absl/random/random.h\""}) {
    EXPECT_EQ(Broken("NoForeignRandomness", "explore/a.cc", breach), Lines{1})
        << breach;
  }
  EXPECT_EQ(Broken("NoForeignRandomness", "explore/random_scheduler.cc",
                   "#include \"explore/random.h\"\nRandomScheduler random;"),
            Lines{});
}

TEST(HouseRules, FindsThreads) {
  for (const absl::string_view breach :
       {"#include <thread>", "std::thread t(f);", "std::async(f);",
        "std::mutex m;", "absl::Mutex m;", "thread_local int x;",
        "pthread_create(&t, nullptr, f, nullptr);"}) {
    EXPECT_EQ(Broken("NoThreads", "net/a.cc", breach), Lines{1}) << breach;
  }
}

TEST(HouseRules, FindsHashTablesThatDoNotSayTheyAreOnlyLookedUp) {
  for (const absl::string_view breach :
       {"std::unordered_map<int, int> m;", "absl::flat_hash_set<int> s;",
        "// Looked up.\nabsl::node_hash_map<int, int> m;",
        "std::hash<int>()(1);", "absl::Hash<int>()(1);"}) {
    EXPECT_EQ(Broken("NoHashOrder", "sim/a.cc", breach).size(), 1u) << breach;
  }
  for (const absl::string_view fine :
       {"std::unordered_map<int, int> m;  // Looked up only: by descriptor",
        "// Looked up only: by descriptor, and\n// never walked.\n"
        "absl::flat_hash_map<int, int> m;",
        "#include <unordered_map>", "std::map<int, int> m;"}) {
    EXPECT_EQ(Broken("NoHashOrder", "sim/a.cc", fine), Lines{}) << fine;
  }
}

TEST(HouseRules, FindsOrderByAddress) {
  for (const absl::string_view breach :
       {"std::set<Host*> s;", "std::map<const Link *, int> m;",
        "absl::btree_map<std::vector<int>*, int> m;",
        "std::map<Host* const, int> m;", "std::priority_queue<Event*> q;",
        "auto n = reinterpret_cast<uintptr_t>(p);"}) {
    EXPECT_EQ(Broken("NoAddressOrder", "sim/a.cc", breach), Lines{1}) << breach;
  }
  for (const absl::string_view fine :
       {"std::map<int, Host*> m;", "std::vector<Host*> v;",
        "std::map<std::pair<int, int>, Host*> m;", "bool b = set < c * d;",
        "std::set<Host*> s;  // Looked up only: membership"}) {
    EXPECT_EQ(Broken("NoAddressOrder", "sim/a.cc", fine), Lines{}) << fine;
  }
}

TEST(HouseRules, FindsFloatingPointWhereItDecides) {
  EXPECT_EQ(Broken("NoFloatingPointState", "sim/a.h", "double rtt_ = 0;"),
            Lines{1});
  EXPECT_EQ(Broken("NoFloatingPointState", "net/a.h", "float x;"), Lines{1});
  EXPECT_EQ(Broken("NoFloatingPointState", "tests/bench/a.cc", "double x;"),
            Lines{});
}

TEST(HouseRules, FindsIncludesOfFoldersOutOfSight) {
  const absl::string_view rule = "FoldersSeeWhatTheyMay";
  EXPECT_EQ(Broken(rule, "net/a.cc", "#include \"sim/world.h\""), Lines{1});
  EXPECT_EQ(Broken(rule, "loop/a.cc", "#include \"trace/record.h\""), Lines{1});
  EXPECT_EQ(Broken(rule, "loop/a.cc", "#include \"net/socket.h\""), Lines{1});
  EXPECT_EQ(Broken(rule, "sim/a.cc", "#include \"explore/random.h\""),
            Lines{1});
  EXPECT_EQ(Broken(rule, "scenarios/a.cc", "#include \"tests/a.h\""), Lines{1});
  EXPECT_EQ(Broken(rule, "net/a.cc",
                   "#include \"net/b.h\"\n#include \"loop/event_loop.h\"\n"
                   "#include \"absl/strings/str_cat.h\"\n#include <string>"),
            Lines{});
}

TEST(HouseRules, FindsSystemHeadersAboveTheSeam) {
  const absl::string_view rule = "NoSystemHeadersAboveTheSeam";
  EXPECT_EQ(Broken(rule, "net/a.cc", "#include <sys/socket.h>"), Lines{1});
  EXPECT_EQ(Broken(rule, "sim/a.cc", "#include <errno.h>"), Lines{1});
  EXPECT_EQ(Broken(rule, "loop/linux_kernel.cc", "#include <sys/epoll.h>"),
            Lines{});
  EXPECT_EQ(Broken(rule, "net/a.cc", "#include <string>\n"), Lines{});
}

TEST(HouseRules, FindsGuardsThatAreNotThePath) {
  const absl::string_view rule = "IncludeGuardsArePaths";
  auto with = [](absl::string_view guard) {
    return absl::StrCat("// A.\n#ifndef ", guard, "\n#define ", guard,
                        "\nint x;\n#endif\n");
  };
  EXPECT_EQ(Broken(rule, "sim/tcp/a.h", with("SIM_TCP_A_H_")), Lines{});
  EXPECT_EQ(Broken(rule, "sim/tcp/a.h", with("TCP_A_H_")), Lines{1});
  EXPECT_EQ(Broken(rule, "sim/tcp/a.h", "#pragma once\n"), Lines{1});
  EXPECT_EQ(Broken(rule, "sim/tcp/a.cc", "int x;\n"), Lines{});
}

TEST(HouseRules, FindsFilesThatDoNotSayWhatTheyAre) {
  const absl::string_view rule = "FilesOpenWithASentence";
  EXPECT_EQ(Broken(rule, "sim/a.cc", "#include <string>\n"), Lines{1});
  EXPECT_EQ(Broken(rule, "sim/a.cc", "// Packets\nint x;\n"), Lines{1});
  EXPECT_EQ(Broken(rule, "sim/a.cc", "// What packets\n// are.\nint x;\n"),
            Lines{});
  EXPECT_EQ(Broken(rule, "sim/a.cc", "#include \"sim/a.h\"\n"), Lines{});
  EXPECT_EQ(Broken(rule, "sim/a.cc", "#include \"sim/b.h\"\n"), Lines{1});
}

TEST(HouseRules, FindsPathsOfOneMachine) {
  const absl::string_view rule = "NoPathsOfOneMachine";
  const std::string folder = absl::StrCat("/", "tmp/");
  EXPECT_EQ(Broken(rule, "sim/a.cc", absl::StrCat("Open(\"", folder, "x\");")),
            Lines{1});
  EXPECT_EQ(Broken(rule, "sim/a.cc", absl::StrCat("// see ", folder, "x")),
            Lines{1});
  EXPECT_EQ(Broken(rule, "sim/a.cc", absl::StrCat("Get(\"a", folder, "\");")),
            Lines{});
}

TEST(HouseRules, FindsUnfinishedWork) {
  EXPECT_EQ(Broken("NoUnfinishedWork", "sim/a.cc",
                   absl::StrCat("// TO", "DO: later")),
            Lines{1});
}

TEST(HouseRules, FindsEmptyNames) {
  EXPECT_EQ(Broken("NoEmptyNames", "sim/a.h", "class SocketManager final {};"),
            Lines{1});
  EXPECT_EQ(Broken("NoEmptyNames", "sim/a.h", "class Socket final {};"),
            Lines{});
}

std::string LinesOf(int count, absl::string_view line) {
  std::string text;
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, line, "\n");
  return text;
}

size_t Reports(absl::string_view path, absl::string_view text) {
  return Reported(SourceFile(path, absl::StrCat("// A file.\n", text))).size();
}

TEST(HouseRules, ReportsFilesAboveTheCeiling) {
  EXPECT_EQ(Reports("sim/a.cc", LinesOf(399, "x")), 0u);
  EXPECT_EQ(Reports("sim/a.cc", LinesOf(400, "x")), 1u);
  EXPECT_EQ(Reports("sim/tcp/a.cc", LinesOf(499, "x")), 0u);
  EXPECT_EQ(Reports("sim/tcp/a.cc", LinesOf(500, "x")), 1u);
}

TEST(HouseRules, ReportsFunctionsAboveTheCeiling) {
  auto body = [](int lines) { return LinesOf(lines, "  x();"); };
  const std::string open = "void F(int a,\n       int b) {\n";
  EXPECT_EQ(Reports("sim/a.cc", absl::StrCat(open, body(57), "}\n")), 0u);
  EXPECT_EQ(Reports("sim/a.cc", absl::StrCat(open, body(58), "}\n")), 1u);
  const std::string type = "class A {\n  A() { }\n  void F() {\n  }\n";
  EXPECT_EQ(Reports("sim/a.cc", absl::StrCat(type, body(58), "};\n")), 0u);
}

TEST(HouseRules, ReportsLongLines) {
  EXPECT_EQ(Reports("sim/a.cc", std::string(80, 'x')), 0u);
  EXPECT_EQ(Reports("sim/a.cc", std::string(81, 'x')), 1u);
}

TEST(HouseRules, ReportsFilesThatLeaveItToTheirHeader) {
  EXPECT_EQ(Reported(SourceFile("sim/a.cc", "int x;\n")).size(), 1u);
}

}  // namespace
}  // namespace simloop::tidy
