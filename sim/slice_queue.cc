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
  const bool first = bytes_ == 0;
  bytes_ += static_cast<uint32_t>(slice.size());
  if (first) {
    first_ = std::move(slice);
    return;
  }
  if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
  rest_->slices.push_back(std::move(slice));
}

void SliceQueue::Write(absl::Span<const char> data) {
  if (bytes_ > 0) {
    const size_t joined = back().Append(data);
    bytes_ += static_cast<uint32_t>(joined);
    data.remove_prefix(joined);
  }
  while (!data.empty()) {
    Slice next = bytes_ > 0 ? back().AppendBehind(data) : Slice();
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
  if (size == 0) return Slice();
  size_t index = 0;
  while (offset >= at(index).size()) offset -= at(index++).size();
  Slice shared =
      at(index).Part(offset, std::min(size, at(index).size() - offset));
  size_t next = index + 1;
  while (shared.size() < size && at(next).Follows(shared)) {
    shared.Extend(std::min(size - shared.size(), at(next).size()));
    ++next;
  }
  if (shared.size() == size) return shared;
  absl::Span<char> space;
  Slice joined(size, &space);
  while (!space.empty()) {
    absl::Span<const char> bytes = at(index++).bytes();
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
  const size_t slices = count();
  for (size_t i = 0; i < slices && copied < buffer.size(); ++i) {
    absl::Span<const char> bytes = at(i).bytes();
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
  bytes_ -= static_cast<uint32_t>(count);
  while (count > 0) {
    if (count < first_.size()) {
      first_.RemovePrefix(count);
      return;
    }
    count -= first_.size();
    PopFront();
  }
}

void SliceQueue::PopFront() {
  if (rest_ == nullptr) {
    first_ = Slice();
    return;
  }
  std::vector<Slice>& slices = rest_->slices;
  size_t& head = rest_->head;
  first_ = std::move(slices[head++]);
  if (head == slices.size()) {
    rest_ = nullptr;
  } else if (head >= 64 && head * 2 >= slices.size()) {
    slices.erase(slices.begin(), slices.begin() + head);
    head = 0;
  }
}

void SliceQueue::Clear() {
  first_ = Slice();
  rest_ = nullptr;
  bytes_ = 0;
}

}  // namespace simloop::sim
