// Slab: items that never move, one behind the other in memory: whoever goes
// through them in order finds the next one in the cache.
#ifndef SIM_SLAB_H_
#define SIM_SLAB_H_

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace simloop::sim {

// It grows by pieces of `kPiece` items, and never shrinks.
template <typename T, size_t kPiece>
class Slab final {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    while (size_ > 0) at(--size_).~T();
  }

  size_t size() const { return size_; }
  // REQUIRES: index < size(). In the order in which they were made.
  T& at(size_t index) const {
    return *reinterpret_cast<T*>(pieces_[index / kPiece][index % kPiece].bytes);
  }
  template <typename... Args>
  T& Add(Args&&... args) {
    if (size_ == kPiece * pieces_.size()) {
      // Left as it is: what is not used yet takes no memory of the machine's.
      pieces_.emplace_back(new Room[kPiece]);
    }
    T& item =
        *new (&pieces_.back()[size_ % kPiece]) T(std::forward<Args>(args)...);
    ++size_;
    return item;
  }

 private:
  struct Room {
    alignas(T) unsigned char bytes[sizeof(T)];
  };

  std::vector<std::unique_ptr<Room[]>> pieces_;
  size_t size_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_SLAB_H_
