// HouseRules: those that a machine can check: determinism (no clocks, foreign
// randomness, threads, hash order, address order or floating point outside the
// live back end), which folder may include which, and how a file is headed.
#ifndef TESTS_TIDY_TEST_HOUSE_RULES_H_
#define TESTS_TIDY_TEST_HOUSE_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tests/tidy_test/source_file.h"

namespace simloop::tidy {

struct Finding {
  std::string path;
  int line = 0;  // From 1.
  std::string message;
};

// "path:line: message", as compilers write it.
std::string ToString(const Finding& finding);

// One rule: a claim about every source file, and what breaks it in one.
struct Rule {
  absl::string_view name;  // A claim, e.g. "NoClocks".
  std::vector<Finding> (*check)(const SourceFile& file);
};

// Every rule whose breach fails the test. A table that is looked up and never
// walked may be a hash map, or be keyed by address, if a comment beside it
// says so: "Looked up only: <why>".
absl::Span<const Rule> Rules();

// What is printed and never failed: sizes beyond the house's ceilings (a file
// of 400 lines, 500 in sim/tcp, a function of 60, a line of 80 columns), and a
// .cc that leaves it to its header to say what it is.
std::vector<Finding> Reported(const SourceFile& file);

}  // namespace simloop::tidy

#endif  // TESTS_TIDY_TEST_HOUSE_RULES_H_
