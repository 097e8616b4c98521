// The rules of layout: which folder may include which, how a file begins, and
// what no source may hold.
#ifndef TESTS_TIDY_TEST_LAYOUT_RULES_H_
#define TESTS_TIDY_TEST_LAYOUT_RULES_H_

#include <vector>

#include "tests/tidy_test/house_rules.h"
#include "tests/tidy_test/source_file.h"

namespace simloop::tidy {

// Includes from a folder that this one may not see.
std::vector<Finding> ForbiddenIncludes(const SourceFile& file);
// System headers (<sys/socket.h>) where the seam is all there is.
std::vector<Finding> SystemHeaders(const SourceFile& file);
// A header's guard is its path: LOOP_KERNEL_H_.
std::vector<Finding> IncludeGuards(const SourceFile& file);
bool OpensWithSentence(const SourceFile& file);
// A file opens with a comment that holds a whole sentence, unless it is a .cc
// whose first line includes the header that does.
std::vector<Finding> OpeningSentence(const SourceFile& file);
// Paths that exist on one machine only.
std::vector<Finding> MachinePaths(const SourceFile& file);
// Notes of work not done.
std::vector<Finding> UnfinishedWork(const SourceFile& file);
// Classes named Manager, Helper, Util, Context or Engine.
std::vector<Finding> EmptyNames(const SourceFile& file);

}  // namespace simloop::tidy

#endif  // TESTS_TIDY_TEST_LAYOUT_RULES_H_
