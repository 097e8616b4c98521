#include "sim/regular_file.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace simloop::sim {

loop::Result<size_t> RegularFile::Read(absl::Span<char> buffer) {
  if (inode_->kind == Inode::Kind::kDirectory) return loop::Errno::kEISDIR;
  const std::string& bytes = inode_->bytes;
  // O_TRUNC of another open(2) may have left the position behind the end.
  const size_t left = bytes.size() - std::min(bytes.size(), position_);
  const size_t count = std::min(buffer.size(), left);
  if (count > 0) {
    std::memcpy(buffer.data(), bytes.data() + position_, count);
  }
  position_ += count;
  return count;
}

loop::Result<size_t> RegularFile::Write(absl::Span<const char> data) {
  std::string& bytes = inode_->bytes;
  if (data.empty()) return size_t{0};
  if (append_) position_ = bytes.size();
  if (bytes.size() < position_ + data.size()) {
    bytes.resize(position_ + data.size());
  }
  std::memcpy(bytes.data() + position_, data.data(), data.size());
  position_ += data.size();
  return data.size();
}

loop::Result<void> RegularFile::Ioctl(uint32_t request, int* value) {
  if (request != loop::kFionread || inode_->kind != Inode::Kind::kRegular) {
    return loop::Errno::kENOTTY;
  }
  *value = static_cast<int>(inode_->bytes.size()) - static_cast<int>(position_);
  return {};
}

}  // namespace simloop::sim
