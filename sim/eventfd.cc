#include "sim/eventfd.h"

#include <cstring>
#include <limits>

#include "loop/abi.h"

namespace simloop::sim {
namespace {

using loop::Errno;

constexpr uint64_t kAllOnes = std::numeric_limits<uint64_t>::max();

}  // namespace

uint32_t Eventfd::Readiness() {
  uint32_t bits = 0;
  if (count_ > 0) bits |= loop::kEpollIn;
  if (count_ == kAllOnes) bits |= loop::kEpollErr;
  if (kAllOnes - 1 > count_) bits |= loop::kEpollOut;
  return bits;
}

loop::Result<size_t> Eventfd::Read(absl::Span<char> buffer) {
  if (buffer.size() < sizeof count_) return Errno::kEINVAL;
  if (count_ == 0) return Errno::kEAGAIN;
  const uint64_t taken = semaphore_ ? 1 : count_;
  count_ -= taken;
  std::memcpy(buffer.data(), &taken, sizeof taken);
  waiters_.Wake(loop::kEpollOut);
  return sizeof taken;
}

loop::Result<size_t> Eventfd::Write(absl::Span<const char> data) {
  uint64_t added = 0;
  if (data.size() != sizeof added) return Errno::kEINVAL;
  std::memcpy(&added, data.data(), sizeof added);
  if (added == kAllOnes) return Errno::kEINVAL;
  if (kAllOnes - count_ <= added) return Errno::kEAGAIN;
  count_ += added;
  waiters_.Wake(loop::kEpollIn);
  return sizeof added;
}

}  // namespace simloop::sim
