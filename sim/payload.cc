#include "sim/payload.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "loop/check.h"

namespace simloop::sim {
namespace {

// Small writes are common; a little room lets the next one join the block.
// With its header a block is then of the largest size that glibc's malloc
// keeps in its fast bins.
constexpr size_t kLeastCapacity = 120 - sizeof(Block);

}  // namespace

Block* Block::New(size_t capacity) {
  void* memory = std::malloc(sizeof(Block) + capacity);
  SIMLOOP_CHECK(memory != nullptr, "out of memory");
  Block* block = new (memory) Block;
  block->references = 1;
  block->capacity = static_cast<uint32_t>(capacity);
  return block;
}

void Block::Unref(Block* block) {
  if (--block->references > 0) return;
  block->~Block();
  std::free(block);
}

Slice::Slice(absl::Span<const char> data, size_t capacity) {
  if (data.empty()) return;
  SIMLOOP_CHECK(data.size() <= kMaxBytes, "a slice holds one segment");
  block_ = Block::New(std::max({data.size(), capacity, kLeastCapacity}));
  std::memcpy(block_->bytes(), data.data(), data.size());
  size_ = static_cast<uint32_t>(data.size());
  block_->used = size_;
}

Slice::Slice(size_t size, absl::Span<char>* space) : block_(Block::New(size)) {
  SIMLOOP_CHECK(size <= kMaxBytes, "a slice holds one segment");
  size_ = block_->used = static_cast<uint32_t>(size);
  *space = absl::MakeSpan(block_->bytes(), size);
}

Slice::Slice(const Slice& other)
    : block_(other.block_), offset_(other.offset_), size_(other.size_) {
  if (block_ != nullptr) ++block_->references;
}

Slice Slice::Part(size_t offset, size_t size) const {
  SIMLOOP_CHECK(offset + size <= size_, "a part lies inside its slice");
  Slice part(*this);
  part.offset_ += static_cast<uint32_t>(offset);
  part.size_ = static_cast<uint32_t>(size);
  return part;
}

void Slice::RemovePrefix(size_t count) {
  SIMLOOP_CHECK(count <= size_, "a prefix lies inside its slice");
  offset_ += static_cast<uint32_t>(count);
  size_ -= static_cast<uint32_t>(count);
}

size_t Slice::Append(absl::Span<const char> data) {
  if (block_ == nullptr || offset_ + size_ != block_->used) return 0;
  const size_t room =
      std::min<size_t>(block_->capacity - block_->used, kMaxBytes - size_);
  const size_t count = std::min(room, data.size());
  std::memcpy(block_->bytes() + block_->used, data.data(), count);
  block_->used += static_cast<uint32_t>(count);
  size_ += static_cast<uint32_t>(count);
  return count;
}

Slice Slice::AppendBehind(absl::Span<const char> data) const {
  Slice behind(*this);
  behind.offset_ += behind.size_;
  behind.size_ = 0;
  return behind.Append(data) > 0 ? behind : Slice();
}

}  // namespace simloop::sim
