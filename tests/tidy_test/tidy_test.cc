// The house rules, over every source of the project as it stands in the tree.
// Sizes are printed, not judged.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/tidy_test/house_rules.h"
#include "tests/tidy_test/source_file.h"

namespace simloop::tidy {

// How GoogleTest names the parameter.
void PrintTo(const Rule& rule, std::ostream* out) {
  *out << std::string(rule.name);
}

namespace {

constexpr absl::string_view kFolders[] = {
    "loop", "sim", "net", "trace", "explore", "scenarios", "tests"};

// The runfiles link to WORKSPACE leads to the tree itself, so that a file is
// checked whether or not a BUILD file knows it.
std::filesystem::path Root() {
  return std::filesystem::canonical("WORKSPACE").parent_path();
}

std::vector<SourceFile> ReadFolder(absl::string_view folder) {
  const std::filesystem::path root = Root();
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           root / std::string(folder))) {
    const std::filesystem::path extension = entry.path().extension();
    if (extension == ".h" || extension == ".cc") {
      paths.push_back(entry.path().lexically_relative(root).generic_string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<SourceFile> files;
  for (const std::string& path : paths) {
    std::ifstream in(root / path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)),
                           std::istreambuf_iterator<char>());
    files.emplace_back(path, text);
  }
  return files;
}

const std::vector<SourceFile>& Sources() {
  static const auto* const sources = [] {
    auto* all = new std::vector<SourceFile>;
    for (const absl::string_view folder : kFolders) {
      for (SourceFile& file : ReadFolder(folder)) {
        all->push_back(std::move(file));
      }
    }
    return all;
  }();
  return *sources;
}

class HouseRule : public testing::TestWithParam<Rule> {};

TEST_P(HouseRule, HoldsInEverySource) {
  for (const SourceFile& file : Sources()) {
    for (const Finding& finding : GetParam().check(file)) {
      ADD_FAILURE() << ToString(finding);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tidy, HouseRule,
                         testing::ValuesIn(Rules().begin(), Rules().end()),
                         [](const testing::TestParamInfo<Rule>& info) {
                           return std::string(info.param.name);
                         });

TEST(Tidy, FindsSourcesInEveryFolder) {
  for (const absl::string_view folder : kFolders) {
    EXPECT_TRUE(std::any_of(Sources().begin(), Sources().end(),
                            [&](const SourceFile& file) {
                              return file.IsIn(absl::StrCat(folder, "/"));
                            }))
        << folder;
  }
}

size_t MedianLines(bool headers) {
  std::vector<size_t> sizes;
  for (const SourceFile& file : Sources()) {
    if (file.IsHeader() == headers) sizes.push_back(file.lines().size());
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes.empty() ? 0 : sizes[sizes.size() / 2];
}

TEST(Tidy, PrintsWhatIsNotJudged) {
  size_t lines = 0;
  for (const SourceFile& file : Sources()) lines += file.lines().size();
  std::cout << Sources().size() << " files, " << lines
            << " lines; median header " << MedianLines(true)
            << " lines, median .cc " << MedianLines(false) << " lines\n";
  for (const SourceFile& file : Sources()) {
    for (const Finding& finding : Reported(file)) {
      std::cout << ToString(finding) << "\n";
    }
  }
}

}  // namespace
}  // namespace simloop::tidy
