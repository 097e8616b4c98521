#include "sim/slice_queue.h"

#include <algorithm>
#include <cstring>

#include "loop/check.h"

namespace simloop::sim {
namespace {

// Who writes so much at once is likely to write more: in one block, segments
// need not be put together out of two.
constexpr size_t kStreamBytes = 16384;
constexpr size_t kStreamCapacity = 256 * 1024;

}  // namespace

void SliceQueue::Push(Slice slice) {
  if (slice.empty()) return;
  bytes_ += slice.size();
  slices_.push_back(std::move(slice));
}

void SliceQueue::Write(absl::Span<const char> data) {
  if (bytes_ > 0) {
    const size_t joined = slices_.back().Append(data);
    bytes_ += joined;
    data.remove_prefix(joined);
  }
  while (!data.empty()) {
    Slice next = bytes_ > 0 ? slices_.back().AppendBehind(data) : Slice();
    if (next.empty()) {
      const size_t count = std::min(data.size(), Slice::kMaxBytes);
      next =
          Slice(data.first(count), count >= kStreamBytes ? kStreamCapacity : 0);
    }
    data.remove_prefix(next.size());
    Push(std::move(next));
  }
}

Slice SliceQueue::Range(size_t offset, size_t size) const {
  SIMLOOP_CHECK(offset + size <= bytes_, "the range lies inside the queue");
  size_t index = head_;
  while (size > 0 && offset >= slices_[index].size()) {
    offset -= slices_[index].size();
    ++index;
  }
  if (size == 0) return Slice();
  Slice shared = slices_[index].Part(
      offset, std::min(size, slices_[index].size() - offset));
  size_t next = index + 1;
  while (shared.size() < size && slices_[next].Follows(shared)) {
    shared.Extend(std::min(size - shared.size(), slices_[next].size()));
    ++next;
  }
  if (shared.size() == size) return shared;
  absl::Span<char> space;
  Slice joined(size, &space);
  while (!space.empty()) {
    absl::Span<const char> bytes = slices_[index++].bytes();
    bytes.remove_prefix(offset);
    offset = 0;
    const size_t count = std::min(bytes.size(), space.size());
    std::memcpy(space.data(), bytes.data(), count);
    space.remove_prefix(count);
  }
  return joined;
}

size_t SliceQueue::Peek(absl::Span<char> buffer, size_t offset) const {
  size_t copied = 0;
  for (size_t i = head_; i < slices_.size() && copied < buffer.size(); ++i) {
    absl::Span<const char> bytes = slices_[i].bytes();
    const size_t skipped = std::min(offset, bytes.size());
    bytes.remove_prefix(skipped);
    offset -= skipped;
    const size_t count = std::min(bytes.size(), buffer.size() - copied);
    std::memcpy(buffer.data() + copied, bytes.data(), count);
    copied += count;
  }
  return copied;
}

size_t SliceQueue::Read(absl::Span<char> buffer) {
  const size_t copied = Peek(buffer);
  Drop(copied);
  return copied;
}

void SliceQueue::Drop(size_t count) {
  SIMLOOP_CHECK(count <= bytes_, "no more is dropped than there is");
  bytes_ -= count;
  while (count > 0) {
    Slice& front = slices_[head_];
    if (count < front.size()) {
      front.RemovePrefix(count);
      return;
    }
    count -= front.size();
    PopFront();
  }
}

void SliceQueue::PopFront() {
  slices_[head_] = Slice();
  ++head_;
  if (head_ == slices_.size()) {
    slices_.clear();
    head_ = 0;
  } else if (head_ >= 64 && head_ * 2 >= slices_.size()) {
    slices_.erase(slices_.begin(), slices_.begin() + head_);
    head_ = 0;
  }
}

void SliceQueue::Clear() {
  slices_.clear();
  head_ = 0;
  bytes_ = 0;
}

}  // namespace simloop::sim
