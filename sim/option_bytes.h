// How option values cross getsockopt(2) and setsockopt(2): an int or a struct,
// cut to the length that the caller has room for.
#ifndef SIM_OPTION_BYTES_H_
#define SIM_OPTION_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "absl/types/span.h"
#include "loop/result.h"

namespace simloop::sim {

// Writes as much of `object` as `value` has room for; answers how much.
template <typename T>
loop::Result<size_t> PutOption(absl::Span<char> value, const T& object) {
  static_assert(std::is_trivially_copyable_v<T>);
  const size_t size = std::min(value.size(), sizeof object);
  if (size > 0) std::memcpy(value.data(), &object, size);
  return size;
}

// Reads `object` from the front of `value`; false if it is too short.
template <typename T>
bool TakeOption(absl::Span<const char> value, T* object) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (value.size() < sizeof *object) return false;
  std::memcpy(object, value.data(), sizeof *object);
  return true;
}

}  // namespace simloop::sim

#endif  // SIM_OPTION_BYTES_H_
