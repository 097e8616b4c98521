// Quantity: probabilities and rates as a scenario writes them, read exactly:
// no rounding depends on a machine.
#ifndef SCENARIOS_QUANTITY_H_
#define SCENARIOS_QUANTITY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace simloop::scenarios {

// "1%", "0.01": in parts per billion, which is as fine as it goes. Answers
// what is wrong and what was expected, or "".
std::string ReadProbability(absl::string_view text, uint32_t* ppb);

// "10Mbit", "1.5kbit", "64bit", "1Gbit": bits a second, at least 1.
std::string ReadRate(absl::string_view text, int64_t* rate);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_QUANTITY_H_
