// docs/quirks.md: it has a line for each member of net::Quirks.
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace simloop::net {
namespace {

std::string Text(const std::string& path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in),
                     std::istreambuf_iterator<char>());
}

TEST(QuirksPage, NamesEachQuirk) {
  const std::string page = Text("docs/quirks.md");
  const std::string header = Text("net/quirks.h");
  int members = 0;
  for (const absl::string_view line : absl::StrSplit(header, '\n')) {
    absl::string_view member = line;
    if (!absl::ConsumePrefix(&member, "  bool ") &&
        !absl::ConsumePrefix(&member, "  int ") &&
        !absl::ConsumePrefix(&member, "  size_t ")) {
      continue;
    }
    absl::ConsumeSuffix(&member, ";");
    ++members;
    EXPECT_NE(page.find(absl::StrCat("`", member, "`")), std::string::npos)
        << member;
  }
  EXPECT_GT(members, 20);
}

}  // namespace
}  // namespace simloop::net
