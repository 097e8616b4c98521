// SourceFile: blanking out comments and literals, and splitting into tokens.
#include "tests/tidy_test/source_file.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace simloop::tidy {
namespace {

bool IsWord(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// Where the comment or literal that begins at `at` ends; `at` if none does.
size_t EndOfBlank(absl::string_view text, size_t at) {
  const absl::string_view rest = text.substr(at);
  auto after = [&](absl::string_view end, size_t from) {
    const size_t found = text.find(end, from);
    return found == text.npos ? text.size() : found + end.size();
  };
  if (absl::StartsWith(rest, "//")) {
    return std::min(text.find('\n', at), text.size());
  }
  if (absl::StartsWith(rest, "/*")) return after("*/", at + 2);
  if (absl::StartsWith(rest, "R\"") && (at == 0 || !IsWord(text[at - 1]))) {
    const size_t open = text.find('(', at);
    if (open == text.npos) return text.size();
    return after(absl::StrCat(")", text.substr(at + 2, open - at - 2), "\""),
                 open);
  }
  // 1'000 holds a separator, not a character.
  const bool separator = at > 0 && IsWord(text[at - 1]);
  if (rest[0] != '"' && (rest[0] != '\'' || separator)) return at;
  size_t end = at + 1;
  while (end < text.size() && text[end] != rest[0] && text[end] != '\n') {
    end += text[end] == '\\' ? 2 : 1;
  }
  return std::min(end + 1, text.size());
}

std::string Blanked(absl::string_view text) {
  std::string code(text);
  for (size_t at = 0; at < text.size();) {
    const size_t end = EndOfBlank(text, at);
    for (size_t i = at; i < end; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return code;
}

std::vector<Token> Tokens(const std::vector<std::string>& code) {
  std::vector<Token> tokens;
  for (size_t line = 0; line < code.size(); ++line) {
    const std::string& text = code[line];
    for (size_t at = 0; at < text.size();) {
      size_t end = at;
      while (end < text.size() && IsWord(text[end])) ++end;
      if (end == at) ++end;
      if (!absl::ascii_isspace(text[at])) {
        tokens.push_back(
            {text.substr(at, end - at), static_cast<int>(line) + 1});
      }
      at = end;
    }
  }
  return tokens;
}

std::vector<Include> Includes(const std::vector<std::string>& lines) {
  std::vector<Include> includes;
  for (size_t i = 0; i < lines.size(); ++i) {
    absl::string_view rest = lines[i];
    if (!absl::ConsumePrefix(&rest, "#include ") || rest.empty()) continue;
    const bool angled = rest[0] == '<';
    const size_t end = rest.find(angled ? '>' : '"', 1);
    if (end == rest.npos) continue;
    includes.push_back({std::string(rest.substr(1, end - 1)), angled,
                        static_cast<int>(i) + 1});
  }
  return includes;
}

}  // namespace

SourceFile::SourceFile(absl::string_view path, absl::string_view text)
    : path_(path),
      lines_(absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')),
      code_(absl::StrSplit(Blanked(absl::StripSuffix(text, "\n")), '\n')),
      tokens_(Tokens(code_)),
      includes_(Includes(lines_)) {}

bool SourceFile::IsHeader() const { return absl::EndsWith(path_, ".h"); }

bool SourceFile::IsIn(absl::string_view folder) const {
  return absl::StartsWith(path_, folder);
}

bool SourceFile::HasComment(int line, absl::string_view words) const {
  if (absl::StrContains(lines_[line - 1], absl::StrCat("// ", words))) {
    return true;
  }
  for (int above = line - 1; above >= 1; --above) {
    const absl::string_view text =
        absl::StripLeadingAsciiWhitespace(lines_[above - 1]);
    if (!absl::StartsWith(text, "//")) return false;
    if (absl::StrContains(text, words)) return true;
  }
  return false;
}

}  // namespace simloop::tidy
