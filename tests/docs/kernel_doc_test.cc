// docs/kernel.md: its counts are those of a run, it lists every difference that
// is known, names every call and constant of the seam, and the cases that it
// cites exist.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "conformance/run_file.h"
#include "gtest/gtest.h"
#include "tests/conformance/recordings.h"

namespace simloop::conformance {
namespace {

constexpr char kPage[] = "docs/kernel.md";

std::string Text(const std::filesystem::path& path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in),
                     std::istreambuf_iterator<char>());
}

// The runfiles link to WORKSPACE leads to the tree, where the headers are.
std::string Header(absl::string_view path) {
  return Text(std::filesystem::canonical("WORKSPACE").parent_path() /
              std::string(path));
}

// "tcp" of "tcp.connect.refused"; "matrix.tcp" of "matrix.tcp.reset.recv".
std::string AreaOf(absl::string_view name) {
  std::vector<absl::string_view> parts = absl::StrSplit(name, '.');
  const size_t count = parts[0] == "matrix" ? 2 : 1;
  parts.resize(std::min(parts.size(), count));
  return absl::StrJoin(parts, ".");
}

struct Count {
  size_t cases = 0;
  size_t passed = 0;

  void Add(bool pass) {
    ++cases;
    passed += pass;
  }
};

std::string Row(absl::string_view recording, absl::string_view area,
                const Count& count) {
  return absl::StrCat("| ", recording, " | ", area, " | ", count.cases, " | ",
                      count.passed, " | ", count.cases - count.passed, " |\n");
}

// The table of what a run of all recordings gives.
std::string CountsOfARun() {
  std::string table =
      "| recording | area | cases | pass | differ |\n"
      "| --- | --- | ---: | ---: | ---: |\n";
  Count sum;
  for (const Recording& recording : kRecordings) {
    RunOptions options;
    options.jobs = 2;
    const absl::StatusOr<Report> report =
        RunFile(PathOf(recording), options, [](size_t, size_t) {});
    if (!report.ok()) return report.status().ToString();
    Count all;
    std::map<std::string, Count> areas;
    for (const CaseReport& one : report->cases) {
      all.Add(one.passed());
      sum.Add(one.passed());
      areas[AreaOf(one.name)].Add(one.passed());
    }
    absl::StrAppend(&table, Row(recording.name, "**all**", all));
    if (areas.size() == 1) continue;
    for (const auto& [area, count] : areas) {
      absl::StrAppend(&table, Row("", area, count));
    }
  }
  absl::StrAppend(&table, Row("**all**", "", sum));
  return table;
}

TEST(KernelDoc, CountsAreThoseOfARun) {
  const std::string table = CountsOfARun();
  EXPECT_TRUE(absl::StrContains(Text(kPage), absl::StrCat("\n\n", table, "\n")))
      << kPage << " should show this:\n\n"
      << table;
}

TEST(KernelDoc, ListsEveryKnownDifference) {
  const std::string page = Text(kPage);
  for (const KnownDifference& known : kKnownDifferences) {
    const std::string row =
        absl::StrCat("| `", known.name, "` (", known.recording, ") | ",
                     known.reason, " |\n");
    EXPECT_TRUE(absl::StrContains(page, row)) << row;
  }
}

// Without what stands between words: "SO_REUSEADDR" and "kSoReuseaddr".
std::string Plain(absl::string_view name) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"_", ""}}));
}

// What the page has between backquotes, word by word.
std::vector<std::string> Quoted() {
  std::vector<std::string> words;
  const std::string page = Text(kPage);
  const std::vector<std::string> parts = absl::StrSplit(page, '`');
  for (size_t i = 1; i < parts.size(); i += 2) {
    for (absl::string_view word : absl::StrSplit(
             parts[i], absl::ByAnyChar(" ,()|=\n"), absl::SkipEmpty())) {
      words.emplace_back(word);
    }
  }
  return words;
}

std::set<std::string> PlainQuoted() {
  std::set<std::string> plain;
  for (const std::string& word : Quoted()) plain.insert(Plain(word));
  return plain;
}

TEST(KernelDoc, NamesEveryCallOfTheSeam) {
  const std::set<std::string> quoted = PlainQuoted();
  size_t calls = 0;
  for (absl::string_view line : absl::StrSplit(Header("loop/kernel.h"), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, "virtual Result<")) continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line.substr(0, line.find('(')), ' ');
    ++calls;
    EXPECT_TRUE(quoted.count(Plain(words.back())) > 0) << words.back();
  }
  EXPECT_EQ(calls, 36u);
}

TEST(KernelDoc, NamesEveryConstantOfTheSeam) {
  const std::set<std::string> quoted = PlainQuoted();
  size_t constants = 0;
  for (absl::string_view line : absl::StrSplit(Header("loop/abi.h"), '\n')) {
    if (!absl::StartsWith(line, "inline constexpr ")) continue;
    absl::string_view name = line.substr(line.find(" k") + 2);
    name = name.substr(0, name.find(' '));
    ++constants;
    // The bits of epoll_ctl(2) are poll(2)'s too.
    EXPECT_TRUE(quoted.count(Plain(name)) > 0) << name;
  }
  EXPECT_GT(constants, 150u);
}

TEST(KernelDoc, CitesCasesThatExist) {
  std::set<std::string> names;
  std::set<std::string> areas;
  for (const Recording& recording : kRecordings) {
    const absl::StatusOr<CaseFile> file = ReadCaseFile(PathOf(recording));
    ASSERT_TRUE(file.ok()) << file.status();
    for (const Case& test : file->cases) {
      names.insert(test.name);
      areas.insert(test.name.substr(0, test.name.find('.')));
    }
  }
  size_t cited = 0;
  for (const std::string& word : Quoted()) {
    const size_t dot = word.find('.');
    if (dot == word.npos || areas.count(word.substr(0, dot)) == 0) continue;
    ++cited;
    // "tcp.oob.*": some that begin so.
    absl::string_view stem = word;
    const bool some = absl::ConsumeSuffix(&stem, "*");
    const auto found = names.lower_bound(std::string(stem));
    const bool exists =
        found != names.end() &&
        (some ? absl::StartsWith(*found, stem) : *found == stem);
    EXPECT_TRUE(exists) << word;
  }
  EXPECT_GT(cited, 100u);
}

}  // namespace
}  // namespace simloop::conformance
