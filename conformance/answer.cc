// Numbers, bytes and errors as case files write them.
#include "conformance/answer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "conformance/constants.h"

namespace simloop::conformance {
namespace {

constexpr size_t kMostShown = 48;
constexpr size_t kPatternPeriod = 251;

uint32_t Crc32(absl::string_view data) {
  uint32_t crc = 0xffffffff;
  for (const char byte : data) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
  }
  return ~crc;
}

}  // namespace

Json Failed(loop::Errno error) {
  return Json::Object(
      {{"ret", Json::Number(-1)},
       {"errno", Json::Text(ErrorName(static_cast<int64_t>(error)))}});
}

Json Returned(int64_t value) {
  return Json::Object({{"ret", Json::Number(value)}});
}

void Show(absl::string_view data, Json* answer) {
  const bool plain = std::all_of(data.begin(), data.end(), [](char byte) {
    return byte >= ' ' && byte < 0x7f;
  });
  if (plain && data.size() <= kMostShown) {
    answer->Set("data", Json::Text(data));
  } else {
    answer->Set("crc32", Json::Text(absl::StrFormat("%08x", Crc32(data))));
  }
}

std::string Pattern(size_t size) {
  std::string pattern(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    pattern[i] = static_cast<char>(i % kPatternPeriod);
  }
  return pattern;
}

std::string DecimalText(absl::string_view bytes) {
  std::string rest(bytes.rbegin(), bytes.rend());
  const bool negative = !rest.empty() && (rest[0] & 0x80) != 0;
  if (negative) {  // two's complement
    for (char& byte : rest) byte = static_cast<char>(~byte);
    for (size_t i = rest.size(); i-- > 0 && ++rest[i] == 0;) continue;
  }
  std::string digits;
  do {  // the remainder of a long division by ten is the last digit
    int remainder = 0;
    for (char& byte : rest) {
      const int part = remainder << 8 | static_cast<uint8_t>(byte);
      byte = static_cast<char>(part / 10);
      remainder = part % 10;
    }
    digits += static_cast<char>('0' + remainder);
    rest.erase(0, rest.find_first_not_of('\0'));
  } while (!rest.empty());
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace simloop::conformance
