// The rules that keep a run a function of its schedule alone.
#ifndef TESTS_TIDY_TEST_DETERMINISM_RULES_H_
#define TESTS_TIDY_TEST_DETERMINISM_RULES_H_

#include <vector>

#include "tests/tidy_test/house_rules.h"
#include "tests/tidy_test/source_file.h"

namespace simloop::tidy {

// The live back end is where real time, threads and system headers belong.
bool IsLiveBackEnd(const SourceFile& file);

std::vector<Finding> Clocks(const SourceFile& file);
std::vector<Finding> ForeignRandomness(const SourceFile& file);
std::vector<Finding> Threads(const SourceFile& file);
// Hash tables and hashes whose value may differ between two runs.
std::vector<Finding> HashOrder(const SourceFile& file);
// Ordered tables keyed by pointer, and addresses taken as numbers.
std::vector<Finding> AddressOrder(const SourceFile& file);
// float and double in the folders whose state decides what happens next.
std::vector<Finding> FloatingPoint(const SourceFile& file);

}  // namespace simloop::tidy

#endif  // TESTS_TIDY_TEST_DETERMINISM_RULES_H_
