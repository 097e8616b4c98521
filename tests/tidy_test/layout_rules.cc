// The layout rules, over includes, lines and the first tokens of a file.
#include "tests/tidy_test/layout_rules.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tests/tidy_test/determinism_rules.h"

namespace simloop::tidy {
namespace {

// What a folder may see of the project, itself included.
struct Sight {
  absl::string_view folder;
  std::vector<absl::string_view> sees;
};

const std::vector<Sight>& Table() {
  static const auto* const table = new std::vector<Sight>{
      {"loop", {"loop"}},
      {"net", {"net", "loop"}},
      {"trace", {"trace", "loop"}},
      {"sim", {"sim", "loop", "trace"}},
      {"explore", {"explore", "sim", "loop", "trace"}},
      {"conformance", {"conformance", "sim", "loop"}},
      {"scenarios",
       {"scenarios", "explore", "conformance", "sim", "net", "loop", "trace"}},
  };
  return *table;
}

absl::string_view FolderOf(absl::string_view path) {
  const size_t slash = path.find('/');
  return slash == path.npos ? absl::string_view() : path.substr(0, slash);
}

bool IsOurs(absl::string_view folder) {
  if (folder == "tests") return true;
  return std::any_of(Table().begin(), Table().end(),
                     [&](const Sight& row) { return row.folder == folder; });
}

}  // namespace

std::vector<Finding> ForbiddenIncludes(const SourceFile& file) {
  std::vector<Finding> findings;
  const absl::string_view own = FolderOf(file.path());
  for (const Sight& row : Table()) {
    if (row.folder != own) continue;
    for (const Include& include : file.includes()) {
      const absl::string_view other = FolderOf(include.path);
      if (IsOurs(other) && std::find(row.sees.begin(), row.sees.end(), other) ==
                               row.sees.end()) {
        findings.push_back({file.path(), include.line,
                            absl::StrCat(own, "/ may not see ", other, "/")});
      }
    }
  }
  return findings;
}

std::vector<Finding> SystemHeaders(const SourceFile& file) {
  std::vector<Finding> findings;
  const bool portable = file.IsIn("loop/") || file.IsIn("net/") ||
                        file.IsIn("sim/") || file.IsIn("explore/");
  // A stack of its own is nothing that C++ has.
  const bool stack = file.IsIn("sim/fiber.");
  if (!portable || stack || IsLiveBackEnd(file)) return findings;
  for (const Include& include : file.includes()) {
    if (include.angled && absl::EndsWith(include.path, ".h")) {
      findings.push_back(
          {file.path(), include.line,
           absl::StrCat("<", include.path, ">: the seam is the kernel here")});
    }
  }
  return findings;
}

std::vector<Finding> IncludeGuards(const SourceFile& file) {
  if (!file.IsHeader()) return {};
  const std::string guard =
      absl::StrCat(absl::AsciiStrToUpper(absl::StrReplaceAll(
                       file.path(), {{"/", "_"}, {".", "_"}, {"-", "_"}})),
                   "_");
  std::vector<std::string> words;
  for (const Token& token : file.tokens()) {
    words.push_back(token.text);
    if (words.size() == 6) break;
  }
  const std::vector<std::string> expected = {"#", "ifndef", guard,
                                             "#", "define", guard};
  if (words == expected) return {};
  return {{file.path(), 1, absl::StrCat("the include guard is not ", guard)}};
}

bool OpensWithSentence(const SourceFile& file) {
  std::string comment;
  for (const std::string& line : file.lines()) {
    if (!absl::StartsWith(line, "// ")) break;
    absl::StrAppend(&comment, line.substr(3), " ");
  }
  return absl::StrContains(comment, ". ") || absl::StrContains(comment, ": ");
}

std::vector<Finding> OpeningSentence(const SourceFile& file) {
  const std::string own_header =
      absl::StrCat(absl::StripSuffix(file.path(), ".cc"), ".h");
  const bool header_says_it = !file.includes().empty() &&
                              file.includes().front().line == 1 &&
                              file.includes().front().path == own_header;
  if (header_says_it || OpensWithSentence(file)) return {};
  return {{file.path(), 1, "the file does not open with what it is"}};
}

std::vector<Finding> MachinePaths(const SourceFile& file) {
  // In two halves, lest this file break its own rule.
  static const auto* const kRoots = new std::vector<std::string>{
      absl::StrCat("/", "work/"), absl::StrCat("/", "tmp/"),
      absl::StrCat("/", "home/"), absl::StrCat("/", "root/"),
      absl::StrCat("/", "Users/")};
  std::vector<Finding> findings;
  for (size_t i = 0; i < file.lines().size(); ++i) {
    const std::string& line = file.lines()[i];
    for (const std::string& root : *kRoots) {
      const size_t at = line.find(root);
      if (at == line.npos) continue;
      // Part of a longer path: "scenarios/home/".
      if (at > 0 && (absl::ascii_isalnum(line[at - 1]) || line[at - 1] == '.'))
        continue;
      findings.push_back({file.path(), static_cast<int>(i) + 1,
                          absl::StrCat("a path of one machine: ", root)});
    }
  }
  return findings;
}

std::vector<Finding> UnfinishedWork(const SourceFile& file) {
  static const auto* const kNotes = new std::vector<std::string>{
      absl::StrCat("TO", "DO"), absl::StrCat("FIX", "ME"),
      absl::StrCat("XX", "X:")};
  std::vector<Finding> findings;
  for (size_t i = 0; i < file.lines().size(); ++i) {
    for (const std::string& note : *kNotes) {
      if (absl::StrContains(file.lines()[i], note)) {
        findings.push_back({file.path(), static_cast<int>(i) + 1,
                            absl::StrCat(note, ": list it as not supported")});
      }
    }
  }
  return findings;
}

std::vector<Finding> EmptyNames(const SourceFile& file) {
  static constexpr absl::string_view kSuffixes[] = {
      "Manager", "Helper", "Util", "Utils", "Context", "Engine"};
  std::vector<Finding> findings;
  for (size_t i = 1; i < file.tokens().size(); ++i) {
    const Token& token = file.tokens()[i];
    const std::string& before = file.tokens()[i - 1].text;
    if (before != "class" && before != "struct") continue;
    for (const absl::string_view suffix : kSuffixes) {
      if (absl::EndsWith(token.text, suffix)) {
        findings.push_back({file.path(), token.line,
                            absl::StrCat(token.text, ": name what it is")});
      }
    }
  }
  return findings;
}

}  // namespace simloop::tidy
