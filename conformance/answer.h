// Answers of calls in the form that case files have.
#ifndef CONFORMANCE_ANSWER_H_
#define CONFORMANCE_ANSWER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "conformance/json.h"
#include "loop/errno.h"
#include "loop/result.h"

namespace simloop::conformance {

// {"ret": -1, "errno": "EAGAIN"}.
Json Failed(loop::Errno error);
// {"ret": 5}.
Json Returned(int64_t value);

inline Json AnswerOf(const loop::Result<void>& result) {
  return result.ok() ? Returned(0) : Failed(result.error());
}
inline Json AnswerOf(const loop::Result<size_t>& result) {
  return result.ok() ? Returned(static_cast<int64_t>(*result))
                     : Failed(result.error());
}

// Adds "data", or "crc32" (RFC 1952 section 8) where it is long or not
// printable.
void Show(absl::string_view data, Json* answer);

// What case files send: byte i is i mod 251.
std::string Pattern(size_t size);

// A little-endian number of any size, as its digits.
std::string DecimalText(absl::string_view bytes);

}  // namespace simloop::conformance

#endif  // CONFORMANCE_ANSWER_H_
