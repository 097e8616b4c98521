// SourceFile: one C++ file as the house rules read it: its lines, its tokens
// without comments and literals, and its includes. It does not parse C++.
#ifndef TESTS_TIDY_TEST_SOURCE_FILE_H_
#define TESTS_TIDY_TEST_SOURCE_FILE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace simloop::tidy {

// An identifier or number, or one character of punctuation.
struct Token {
  std::string text;
  int line = 0;  // From 1.
};

struct Include {
  std::string path;     // "loop/kernel.h" or "sys/socket.h"
  bool angled = false;  // <path>, not "path"
  int line = 0;         // From 1.
};

class SourceFile final {
 public:
  // `path` is from the root of the project, with '/'.
  SourceFile(absl::string_view path, absl::string_view text);

  const std::string& path() const { return path_; }
  // As written, without line ends.
  const std::vector<std::string>& lines() const { return lines_; }
  // The same lines with comments, strings and characters blanked.
  const std::vector<std::string>& code() const { return code_; }
  const std::vector<Token>& tokens() const { return tokens_; }
  const std::vector<Include>& includes() const { return includes_; }

  bool IsHeader() const;
  // Whether the path begins with `folder`, as "sim/" or "loop/linux_".
  bool IsIn(absl::string_view folder) const;
  // Whether `line` (from 1) or the comment right above it contains `words`.
  bool HasComment(int line, absl::string_view words) const;

 private:
  std::string path_;
  std::vector<std::string> lines_;
  std::vector<std::string> code_;
  std::vector<Token> tokens_;
  std::vector<Include> includes_;
};

}  // namespace simloop::tidy

#endif  // TESTS_TIDY_TEST_SOURCE_FILE_H_
