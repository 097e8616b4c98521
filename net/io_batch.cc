// What is read ahead of a poll's callbacks, and written behind them.
#include "net/io_batch.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "loop/check.h"
#include "net/socket.h"

namespace simloop::net {
namespace {

// Room for so many reads that bring as much as they may; most bring little.
constexpr size_t kFullReads = 4;
// Each socket's bytes begin on a line of the cache.
constexpr size_t kLine = 64;
// What is larger is written at once: to copy it costs more than it saves.
constexpr size_t kMostOfOne = 8 * 1024;
constexpr size_t kMostOfAll = 256 * 1024;

}  // namespace

IoBatch::IoBatch(loop::Kernel& kernel, size_t read_bytes)
    : kernel_(kernel),
      read_bytes_(read_bytes),
      arrived_(new char[kFullReads * read_bytes]),
      written_(new char[kMostOfAll]) {}

bool IoBatch::ReadAhead(Socket& socket, loop::Fd fd) {
  if (arrived_bytes_ > (kFullReads - 1) * read_bytes_) return false;
  const absl::Span<char> space =
      absl::MakeSpan(arrived_.get() + arrived_bytes_, read_bytes_);
  const auto result = kernel_.Read(fd, space);
  if (result.ok()) {
    arrived_bytes_ += (*result + kLine - 1) / kLine * kLine;
  } else if (result.error() == loop::Errno::kEAGAIN ||
             result.error() == loop::Errno::kEINTR) {
    return false;
  }
  reads_.push_back({&socket, {result, space}});
  return true;
}

IoBatch::Arrival IoBatch::Take(const Socket& socket) {
  // Mostly the next: they are taken in the order in which they were read.
  for (size_t i = next_read_; i < reads_.size(); ++i) {
    Read& read = reads_[i];
    if (read.socket != &socket) continue;
    read.socket = nullptr;
    if (i == next_read_) ++next_read_;
    return read.arrival;
  }
  SIMLOOP_CHECK(false, "nothing was read ahead");
  return {loop::Errno::kEAGAIN, {}};
}

bool IoBatch::WriteBehind(Socket& socket, absl::string_view data) {
  if (data.size() > std::min(kMostOfOne, kMostOfAll - written_bytes_)) {
    return false;
  }
  writes_.push_back({&socket, written_bytes_, data.size()});
  Append(data);
  return true;
}

bool IoBatch::Extend(const Socket& socket, absl::string_view data) {
  if (writes_.empty()) return false;
  Write& last = writes_.back();
  if (last.socket != &socket ||
      data.size() >
          std::min(kMostOfOne - last.size, kMostOfAll - written_bytes_)) {
    return false;
  }
  last.size += data.size();
  Append(data);
  return true;
}

void IoBatch::Append(absl::string_view data) {
  std::memcpy(written_.get() + written_bytes_, data.data(), data.size());
  written_bytes_ += data.size();
}

void IoBatch::Send(const Socket& socket) {
  for (Write& write : writes_) {
    if (write.socket == &socket) Send(write);
  }
}

void IoBatch::Send(Write& write) {
  std::exchange(write.socket, nullptr)
      ->SendBehind(absl::string_view(written_.get() + write.begin, write.size));
}

void IoBatch::Flush() {
  for (Write& write : writes_) {
    if (write.socket != nullptr) Send(write);
  }
  writes_.clear();
  written_bytes_ = 0;
  for (; next_read_ < reads_.size(); ++next_read_) {
    Read& read = reads_[next_read_];
    if (read.socket != nullptr) read.socket->KeepArrival(read.arrival);
  }
  reads_.clear();
  next_read_ = arrived_bytes_ = 0;
}

}  // namespace simloop::net
