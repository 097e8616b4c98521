// Typed shorthands for int socket options.
#include "loop/socket_option.h"

#include <cstddef>

#include "absl/types/span.h"

namespace simloop::loop {

Result<int> GetIntOption(Kernel& kernel, Fd fd, int level, int name) {
  int value = 0;
  const Result<size_t> size = kernel.Getsockopt(
      fd, level, name,
      absl::MakeSpan(reinterpret_cast<char*>(&value), sizeof(value)));
  if (!size.ok()) return size.error();
  return value;
}

Result<void> SetIntOption(Kernel& kernel, Fd fd, int level, int name,
                          int value) {
  return kernel.Setsockopt(
      fd, level, name,
      absl::MakeConstSpan(reinterpret_cast<const char*>(&value),
                          sizeof(value)));
}

Errno TakeSocketError(Kernel& kernel, Fd fd) {
  const Result<int> value = GetIntOption(kernel, fd, kSolSocket, kSoError);
  if (!value.ok()) return value.error();
  return static_cast<Errno>(*value);
}

}  // namespace simloop::loop
