// Ring: a queue whose items stand one behind the other in memory, in the order
// in which they came.
#ifndef SIM_RING_H_
#define SIM_RING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "sim/prefetch.h"

namespace simloop::sim {

// It grows to the most that ever waited, and begins anew at its front whenever
// nothing waits, so that as little memory as can be goes through the caches. One
// that was never used has none.
template <typename T>
class Ring final {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    for (uint32_t i = 0; i < size_; ++i) at(i).~T();
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // From the front. REQUIRES: index < size().
  T& at(size_t index) const { return *Place(head_ + index); }
  T& front() const { return at(0); }

  template <typename... Args>
  T& Add(Args&&... args) {
    if (size_ == capacity_) Grow();
    T& item = *new (Place(head_ + size_)) T{std::forward<Args>(args)...};
    ++size_;
    // Others may do much before the next one comes.
    Prefetch(Place(head_ + size_), sizeof(T));
    return item;
  }
  // REQUIRES: not empty.
  void Pop() {
    front().~T();
    --size_;
    head_ = size_ == 0 ? 0 : (head_ + 1) & (capacity_ - 1);
  }

 private:
  static constexpr uint32_t kFirstCapacity = 4;

  struct Room {
    alignas(T) unsigned char bytes[sizeof(T)];
  };

  T* Place(size_t index) const {
    return reinterpret_cast<T*>(rooms_[index & (capacity_ - 1)].bytes);
  }
  void Grow() {
    const uint32_t larger = capacity_ == 0 ? kFirstCapacity : 2 * capacity_;
    std::unique_ptr<Room[]> rooms(new Room[larger]);
    for (uint32_t i = 0; i < size_; ++i) {
      new (rooms[i].bytes) T(std::move(at(i)));
      at(i).~T();
    }
    rooms_ = std::move(rooms);
    capacity_ = larger;
    head_ = 0;
  }

  std::unique_ptr<Room[]> rooms_;
  uint32_t capacity_ = 0;  // a power of two
  uint32_t head_ = 0;
  uint32_t size_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_RING_H_
