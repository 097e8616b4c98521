#include "scenarios/quantity.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace simloop::scenarios {
namespace {

constexpr const char* kProbability =
    "expected a probability from 0 to 1 of at most 9 decimals, such as "
    "\"0.01\" or \"1%\"";
constexpr const char* kRate =
    "expected bits a second, such as \"10Mbit\" (bit, kbit, Mbit, Gbit)";

// The number before a unit, times `scale`, a power of ten. False: it is none,
// or no whole number comes out, or it is too large.
bool ReadDecimal(absl::string_view text, int64_t scale, int64_t most,
                 int64_t* value) {
  bool digits = false;
  bool point = false;
  int64_t number = 0;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!absl::ascii_isdigit(c)) return false;
    digits = true;
    if (point) {
      if (scale % 10 != 0) {
        if (c == '0') continue;
        return false;
      }
      scale /= 10;
    }
    if (number > most) return false;
    number = number * 10 + (c - '0');
  }
  if (!digits || number > most / scale) {
    // More than `most`, but a number: the caller tells the two apart.
    *value = most + 1;
    return digits;
  }
  *value = number * scale;
  return true;
}

}  // namespace

std::string ReadProbability(absl::string_view text, uint32_t* ppb) {
  constexpr int64_t kOne = 1'000'000'000;
  const bool percent = absl::EndsWith(text, "%");
  if (percent) text.remove_suffix(1);
  if (absl::StartsWith(text, "-")) {
    return std::string("is negative; ") + kProbability;
  }
  int64_t value = 0;
  if (!ReadDecimal(text, percent ? kOne / 100 : kOne, kOne, &value)) {
    return std::string("is no probability; ") + kProbability;
  }
  if (value > kOne) return std::string("is above 1; ") + kProbability;
  *ppb = static_cast<uint32_t>(value);
  return "";
}

std::string ReadRate(absl::string_view text, int64_t* rate) {
  constexpr int64_t kMost = 1'000'000'000'000;
  int64_t scale = 1;
  if (absl::EndsWithIgnoreCase(text, "kbit")) {
    scale = 1000;
    text.remove_suffix(4);
  } else if (absl::EndsWithIgnoreCase(text, "mbit")) {
    scale = 1'000'000;
    text.remove_suffix(4);
  } else if (absl::EndsWithIgnoreCase(text, "gbit")) {
    scale = 1'000'000'000;
    text.remove_suffix(4);
  } else if (absl::EndsWithIgnoreCase(text, "bit")) {
    text.remove_suffix(3);
  } else {
    return std::string("has no unit; ") + kRate;
  }
  int64_t value = 0;
  if (!ReadDecimal(text, scale, kMost, &value)) {
    return std::string("is no rate; ") + kRate;
  }
  if (value < 1) return std::string("is 0; ") + kRate;
  if (value > kMost) return "is too large; expected at most 1000Gbit";
  *rate = value;
  return "";
}

}  // namespace simloop::scenarios
