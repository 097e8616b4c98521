// Payload: bytes on their way from one program's write to another's read, by
// reference: a Slice shares a Block that is written once. Not thread-safe.
#ifndef SIM_PAYLOAD_H_
#define SIM_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/types/span.h"

namespace simloop::sim {

// A reference-counted run of bytes with its header before it.
struct Block {
  uint32_t references = 0;
  uint32_t capacity = 0;
  uint32_t used = 0;  // bytes handed out to slices, from the start

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  static Block* New(size_t capacity);
  static void Unref(Block* block);
};

// A part of a block. Copies share the bytes.
class Slice final {
 public:
  // No slice is larger: the most that one segment carries.
  static constexpr size_t kMaxBytes = 65536;

  Slice() = default;
  // Copies `data` (at most kMaxBytes) into a block of its own, with room for
  // `capacity` bytes at least.
  explicit Slice(absl::Span<const char> data, size_t capacity = 0);
  // A block of its own for `size` bytes, to be written through `space`.
  Slice(size_t size, absl::Span<char>* space);
  Slice(const Slice& other);
  Slice(Slice&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        offset_(other.offset_),
        size_(std::exchange(other.size_, 0)) {}
  Slice& operator=(Slice other) noexcept {
    std::swap(block_, other.block_);
    std::swap(offset_, other.offset_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Slice() {
    if (block_ != nullptr) Block::Unref(block_);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  absl::Span<const char> bytes() const {
    return size_ == 0 ? absl::Span<const char>()
                      : absl::MakeConstSpan(block_->bytes() + offset_, size_);
  }
  // REQUIRES: offset + size <= size().
  Slice Part(size_t offset, size_t size) const;
  // Drops bytes at the front. REQUIRES: count <= size().
  void RemovePrefix(size_t count);
  // Copies as much of `data` in behind this slice's bytes as its block has
  // room for, if nobody has written there; answers how much.
  size_t Append(absl::Span<const char> data);
  // The same as a slice of its own that shares the block; empty if there is
  // none.
  Slice AppendBehind(absl::Span<const char> data) const;
  // Its bytes stand in the same block right behind those of `other`.
  bool Follows(const Slice& other) const {
    return block_ != nullptr && block_ == other.block_ &&
           offset_ == other.offset_ + other.size_;
  }
  // Takes in the first `count` bytes of a slice that follows. REQUIRES: it
  // has them, and no more than kMaxBytes become of it.
  void Extend(size_t count) { size_ += static_cast<uint32_t>(count); }

 private:
  Block* block_ = nullptr;
  uint32_t offset_ = 0;
  uint32_t size_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_PAYLOAD_H_
