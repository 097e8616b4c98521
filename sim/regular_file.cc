#include "sim/regular_file.h"

#include <algorithm>
#include <cstring>

namespace simloop::sim {

loop::Result<size_t> RegularFile::Read(absl::Span<char> buffer) {
  const size_t count = std::min(buffer.size(), bytes_.size() - position_);
  std::memcpy(buffer.data(), bytes_.data() + position_, count);
  position_ += count;
  return count;
}

loop::Result<size_t> RegularFile::Write(absl::Span<const char> data) {
  if (bytes_.size() < position_ + data.size()) {
    bytes_.resize(position_ + data.size());
  }
  std::memcpy(bytes_.data() + position_, data.data(), data.size());
  position_ += data.size();
  return data.size();
}

loop::Result<void> RegularFile::Ioctl(uint32_t request, int* value) {
  if (request != loop::kFionread) return loop::Errno::kENOTTY;
  *value = static_cast<int>(bytes_.size() - position_);
  return {};
}

}  // namespace simloop::sim
