// DatagramPayload: the bytes of one datagram. A few are part of it, and go
// where it goes; of more it shares a Slice.
#ifndef SIM_UDP_DATAGRAM_PAYLOAD_H_
#define SIM_UDP_DATAGRAM_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "absl/types/span.h"
#include "loop/check.h"
#include "sim/payload.h"

namespace simloop::sim::udp {

class DatagramPayload final {
 public:
  // What is no longer is part of the datagram: a message of most protocols
  // whose messages are small.
  static constexpr size_t kFewBytes = 64;

  // No datagram has more (RFC 768).
  static constexpr size_t kMostBytes = 65535;

  DatagramPayload() {}
  // Copies `data`, at most kMostBytes.
  explicit DatagramPayload(absl::Span<const char> data) { Assign(data); }
  // Shares it.
  explicit DatagramPayload(Slice slice) { Share(std::move(slice)); }
  DatagramPayload(const DatagramPayload& other) {
    if (other.shared_) {
      Share(Slice(other.slice_));
    } else {
      Take(other);
    }
  }
  DatagramPayload(DatagramPayload&& other) noexcept { MoveFrom(other); }
  DatagramPayload& operator=(const DatagramPayload& other) {
    if (this != &other) *this = DatagramPayload(other);
    return *this;
  }
  DatagramPayload& operator=(DatagramPayload&& other) noexcept {
    if (this == &other) return *this;
    Clear();
    MoveFrom(other);
    return *this;
  }
  ~DatagramPayload() { Clear(); }

  // Becomes a copy of `data`.
  void Assign(absl::Span<const char> data) {
    Clear();
    if (data.size() > kFewBytes) {
      Share(Slice(data));
      return;
    }
    size_ = static_cast<uint16_t>(data.size());
    if (size_ > 0) std::memcpy(few_, data.data(), size_);
  }
  size_t size() const { return size_; }
  absl::Span<const char> bytes() const {
    return shared_ ? slice_.bytes() : absl::MakeConstSpan(few_, size_);
  }
  // REQUIRES: offset + size <= size().
  Slice Part(size_t offset, size_t size) const {
    return shared_ ? slice_.Part(offset, size)
                   : Slice(bytes().subspan(offset, size));
  }
  void Clear() {
    if (shared_) slice_.~Slice();
    shared_ = false;
    size_ = 0;
  }

 private:
  void Share(Slice slice) {
    SIMLOOP_CHECK(slice.size() <= kMostBytes, "no datagram is longer");
    size_ = static_cast<uint16_t>(slice.size());
    shared_ = true;
    new (&slice_) Slice(std::move(slice));
  }
  // REQUIRES: `other` is not shared.
  void Take(const DatagramPayload& other) {
    size_ = other.size_;
    // All of it: to look how many there are takes longer.
    if (size_ > 0) std::memcpy(few_, other.few_, kFewBytes);
  }
  // REQUIRES: this one is blank; `other` becomes so.
  void MoveFrom(DatagramPayload& other) {
    if (other.shared_) {
      Share(std::move(other.slice_));
      other.Clear();
    } else {
      Take(other);
      other.size_ = 0;
    }
  }

  union {
    Slice slice_;
    char few_[kFewBytes];
  };
  // What has it as a member has room behind these.
  uint16_t size_ = 0;
  bool shared_ = false;
};

}  // namespace simloop::sim::udp

#endif  // SIM_UDP_DATAGRAM_PAYLOAD_H_
