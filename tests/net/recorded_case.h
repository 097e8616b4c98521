// What Node printed when it ran a program:
// tests/net/cases/<version>/<case>.out.
#ifndef TESTS_NET_RECORDED_CASE_H_
#define TESTS_NET_RECORDED_CASE_H_

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace simloop::net {

// `name`: "v20/33-http10-blog". The last line is the exit status, which a
// NodeProcess does not print.
inline std::string RecordedLines(absl::string_view name) {
  std::ifstream file(absl::StrCat("tests/net/cases/", name, ".out"));
  EXPECT_TRUE(file.good()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  std::string recorded = text.str();
  return recorded.substr(0, recorded.rfind("[rc=0]\n"));
}

}  // namespace simloop::net

#endif  // TESTS_NET_RECORDED_CASE_H_
