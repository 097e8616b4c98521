// Shorthands for the arguments of a step. What is not there is 0 or empty.
#ifndef CONFORMANCE_ARGUMENTS_H_
#define CONFORMANCE_ARGUMENTS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "conformance/constants.h"
#include "conformance/json.h"

namespace simloop::conformance {

// Buffers are never larger, whatever a case asks for.
inline constexpr int64_t kMostBytes = 64 << 20;

inline const Json& Argument(const Json& args, absl::string_view key) {
  static const Json* const none = new Json();
  const Json* value = args.Find(key);
  return value == nullptr ? *none : *value;
}
inline std::string TextOf(const Json& args, absl::string_view key) {
  return Argument(args, key).text();
}
// As C takes it for an int.
inline int IntOf(const Json& args, absl::string_view key) {
  return static_cast<int>(static_cast<uint32_t>(Argument(args, key).Integer()));
}
inline size_t BytesOf(const Json& value) {
  return static_cast<size_t>(
      std::clamp<int64_t>(value.Integer(), 0, kMostBytes));
}
inline size_t SizeOf(const Json& args, absl::string_view key) {
  return BytesOf(Argument(args, key));
}
inline int FlagsOf(const Json& args, absl::string_view key) {
  const Json& value = Argument(args, key);
  if (value.is_text()) return Flags(value.text()).value_or(0);
  return IntOf(args, key);
}
// Less than 0: for ever, as poll(2) and epoll_wait(2) have it.
inline absl::Duration TimeoutOf(const Json& args, absl::string_view key) {
  const int milliseconds = IntOf(args, key);
  return milliseconds < 0 ? absl::InfiniteDuration()
                          : absl::Milliseconds(milliseconds);
}

}  // namespace simloop::conformance

#endif  // CONFORMANCE_ARGUMENTS_H_
