// The table of the house rules, and the sizes that are reported.
#include "tests/tidy_test/house_rules.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/tidy_test/determinism_rules.h"
#include "tests/tidy_test/layout_rules.h"

namespace simloop::tidy {
namespace {

constexpr int kMaxLines = 400;
constexpr int kMaxProtocolLines = 500;
constexpr int kMaxFunctionLines = 60;
constexpr size_t kMaxColumns = 80;

constexpr Rule kRules[] = {
    {"NoClocks", Clocks},
    {"NoForeignRandomness", ForeignRandomness},
    {"NoThreads", Threads},
    {"NoHashOrder", HashOrder},
    {"NoAddressOrder", AddressOrder},
    {"NoFloatingPointState", FloatingPoint},
    {"FoldersSeeWhatTheyMay", ForbiddenIncludes},
    {"NoSystemHeadersAboveTheSeam", SystemHeaders},
    {"IncludeGuardsArePaths", IncludeGuards},
    {"FilesOpenWithASentence", OpeningSentence},
    {"NoPathsOfOneMachine", MachinePaths},
    {"NoUnfinishedWork", UnfinishedWork},
    {"NoEmptyNames", EmptyNames},
};

// How many columns UTF-8 text takes, a code point being one.
size_t Columns(absl::string_view text) {
  size_t columns = 0;
  for (const char c : text) columns += (c & 0xC0) != 0x80;
  return columns;
}

bool OpensType(absl::string_view code) {
  for (const absl::string_view word : {"class ", "struct ", "namespace "}) {
    if (absl::StartsWith(code, word)) return true;
  }
  return false;
}

}  // namespace

std::string ToString(const Finding& finding) {
  return absl::StrCat(finding.path, ":", finding.line, ": ", finding.message);
}

absl::Span<const Rule> Rules() { return kRules; }

std::vector<Finding> Reported(const SourceFile& file) {
  std::vector<Finding> findings;
  const int lines = static_cast<int>(file.lines().size());
  const int ceiling = file.IsIn("sim/tcp/") ? kMaxProtocolLines : kMaxLines;
  if (lines > ceiling) {
    findings.push_back({file.path(), 1, absl::StrCat(lines, " lines")});
  }
  if (!OpensWithSentence(file)) {
    findings.push_back({file.path(), 1, "only its header says what it is"});
  }
  // In clang-format's layout a function of namespace scope starts and ends in
  // column 0.
  int start = 0;
  int opened = 0;
  for (int i = 1; i <= lines; ++i) {
    const std::string& code = file.code()[i - 1];
    if (Columns(file.lines()[i - 1]) > kMaxColumns) {
      findings.push_back({file.path(), i, "more than 80 columns"});
    }
    if (absl::StartsWith(code, "}")) {
      const int length = i - opened + 1;
      if (opened != 0 && length > kMaxFunctionLines) {
        findings.push_back({file.path(), opened,
                            absl::StrCat("a function of ", length, " lines")});
      }
      opened = 0;
      continue;
    }
    if (!code.empty() && !absl::ascii_isspace(code[0])) start = i;
    if (opened == 0 && start != 0 && absl::EndsWith(code, "{") &&
        absl::StrContains(code, ")") && !OpensType(file.code()[start - 1])) {
      opened = start;
    }
  }
  return findings;
}

}  // namespace simloop::tidy
