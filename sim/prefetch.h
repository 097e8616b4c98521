// Prefetch: asks for memory before it is needed, where so many things are under
// way that none is in a cache. It changes nothing but time.
#ifndef SIM_PREFETCH_H_
#define SIM_PREFETCH_H_

#include <cstddef>

namespace simloop::sim {

// The `bytes` from `place` on, which will be written to. Null: none.
inline void Prefetch(const void* place, size_t bytes) {
  constexpr size_t kLine = 64;  // of the cache
  if (place == nullptr) return;
  const char* const line = static_cast<const char*>(place);
  for (size_t i = 0; i < bytes; i += kLine) {
    __builtin_prefetch(line + i, /*rw=*/1);
  }
}

}  // namespace simloop::sim

#endif  // SIM_PREFETCH_H_
