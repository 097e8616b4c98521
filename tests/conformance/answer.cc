// The answers of calls in the form that case files have.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/conformance/replayer.h"

namespace simloop::conformance {
namespace {

constexpr size_t kMostShown = 48;

// RFC 1952, section 8.
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

Answer Failed(loop::Errno error) {
  return {{"ret", "-1"}, {"errno", std::string(loop::ErrnoName(error))}};
}

Answer Returned(int64_t value) { return {{"ret", absl::StrCat(value)}}; }

Answer AnswerOf(const loop::Result<void>& result) {
  return result.ok() ? Returned(0) : Failed(result.error());
}

Answer AnswerOf(const loop::Result<size_t>& result) {
  return result.ok() ? Returned(static_cast<int64_t>(*result))
                     : Failed(result.error());
}

void Show(absl::string_view data, Answer* answer) {
  const bool plain = std::all_of(data.begin(), data.end(), [](char byte) {
    return byte >= ' ' && byte < 127;
  });
  if (plain && data.size() <= kMostShown) {
    (*answer)["data"] = std::string(data);
  } else {
    (*answer)["crc32"] = absl::StrFormat("%08x", Crc32(data));
  }
}

std::string Pattern(size_t size) {
  std::string data(size, '\0');
  for (size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i % 251);
  return data;
}

}  // namespace simloop::conformance
