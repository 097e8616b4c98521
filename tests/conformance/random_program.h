// Random programs of socket calls, made of numbers: equal numbers are equal
// programs, and smaller and fewer numbers are simpler ones, so that whoever
// picks the numbers (RapidCheck, libFuzzer) can shrink them.
#ifndef TESTS_CONFORMANCE_RANDOM_PROGRAM_H_
#define TESTS_CONFORMANCE_RANDOM_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "conformance/case_file.h"

namespace simloop::conformance {

// What to do (modulo how many things there are), and with what.
struct Instruction {
  uint8_t what = 0;
  uint8_t whom = 0;  // which of the descriptors that it can be done with
  uint8_t first = 0;
  uint8_t second = 0;
};

// A case of the calls that `instructions` stand for. Calls may be wrong on
// purpose. No call waits, and nothing hangs on a timer but the delayed ACK
// (40 ms): the case settles for longer after each.
Case ProgramOf(const std::vector<Instruction>& instructions);

// Four bytes an instruction; what is left over is ignored, and so is what is
// beyond `most` instructions.
std::vector<Instruction> InstructionsOf(absl::string_view bytes, size_t most);

}  // namespace simloop::conformance

#endif  // TESTS_CONFORMANCE_RANDOM_PROGRAM_H_
