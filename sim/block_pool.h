// BlockPool: memory for objects of one size that come and go: what was given back
// last, and is in a cache still, is given out first.
#ifndef SIM_BLOCK_POOL_H_
#define SIM_BLOCK_POOL_H_

#include <cstddef>
#include <new>

#include "absl/base/config.h"

namespace simloop::sim {

class BlockPool final {
 public:
  explicit BlockPool(size_t bytes) : bytes_(bytes) {}
  ~BlockPool() {
    while (free_ != nullptr) ::operator delete(Take());
  }
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // Of the pool's size, aligned as by operator new.
  void* New() { return free_ == nullptr ? ::operator new(bytes_) : Take(); }
  void Release(void* block) {
    if (kept_ == kMost) {
      ::operator delete(block);
    } else {
      free_ = new (block) Free{free_};
      ++kept_;
    }
  }

 private:
  struct Free {
    Free* next;
  };

#ifdef ABSL_HAVE_ADDRESS_SANITIZER
  static constexpr size_t kMost = 0;  // it knows who uses what was given back
#else
  static constexpr size_t kMost = 256;
#endif

  void* Take() {
    Free* const block = free_;
    free_ = block->next;
    --kept_;
    return block;
  }

  const size_t bytes_;
  Free* free_ = nullptr;
  size_t kept_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_BLOCK_POOL_H_
