// SliceQueue: bytes in order, as slices: what waits to be sent, or read.
#ifndef SIM_SLICE_QUEUE_H_
#define SIM_SLICE_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "sim/payload.h"

namespace simloop::sim {

class SliceQueue final {
 public:
  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

  void Push(Slice slice);
  // Copies `data` in at the end, filling up the last block first.
  void Write(absl::Span<const char> data);
  // Bytes [offset, offset + size) as one slice: shared if they lie in one
  // block, else copied together. REQUIRES: they exist; size <= kMaxBytes.
  Slice Range(size_t offset, size_t size) const;
  // Moves up to buffer.size() bytes out; answers how many.
  size_t Read(absl::Span<char> buffer);
  // The same from byte `offset` on, leaving them in place (MSG_PEEK of
  // recv(2)).
  size_t Peek(absl::Span<char> buffer, size_t offset = 0) const;
  // Drops `count` bytes at the front. REQUIRES: count <= bytes().
  void Drop(size_t count);
  void Clear();

 private:
  // What stands behind the first: a vector with a head.
  struct Rest {
    std::vector<Slice> slices;
    size_t head = 0;
  };

  size_t count() const {
    return bytes_ == 0        ? 0
           : rest_ == nullptr ? 1
                              : 1 + rest_->slices.size() - rest_->head;
  }
  const Slice& at(size_t index) const {
    return index == 0 ? first_ : rest_->slices[rest_->head + index - 1];
  }
  Slice& back() { return rest_ == nullptr ? first_ : rest_->slices.back(); }
  void PopFront();

  Slice first_;
  std::unique_ptr<Rest> rest_;  // null: nothing, as mostly
  uint32_t bytes_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_SLICE_QUEUE_H_
