// Golden text: a file of golden/ that says what a view should print.
// `UPDATE_GOLDEN=1 bazel run //tests/trace:views_test` writes the files anew.
#ifndef TESTS_TRACE_GOLDEN_H_
#define TESTS_TRACE_GOLDEN_H_

#include <string>

namespace simloop::trace {

// The text of golden/NAME; when updating, `got`, after it is written there.
std::string Golden(const std::string& name, const std::string& got);

}  // namespace simloop::trace

#endif  // TESTS_TRACE_GOLDEN_H_
