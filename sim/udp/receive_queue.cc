#include "sim/udp/receive_queue.h"

#include <bit>

#include "loop/check.h"

namespace simloop::sim::udp {
namespace {

// sizeof(struct sk_buff) and struct skb_shared_info, as they are aligned.
constexpr uint32_t kBufferBytes = 256;
constexpr uint32_t kSharedBytes = 320;
// The smallest data a buffer has (SKB_SMALL_HEAD_SIZE): a slab of its own.
constexpr uint32_t kSmallBytes = 576;
// What stands before the payload: headers of IP, UDP and the link, which IPv4
// aligns, and before which IPv6 keeps room for a fragment header.
constexpr uint32_t kInetBytes = 20 + 8 + 16 + 15;
constexpr uint32_t kInet6Bytes = 40 + 8 + 16 + 8;
// SKB_MAX_ALLOC: what is larger lies in pages, which are charged exactly.
constexpr uint32_t kMostLinearBytes = 16384 - kSharedBytes;

}  // namespace

static_assert(sizeof(ReceiveQueue::Entry) == 128);

uint32_t ReceiveQueue::Charge(size_t bytes, bool inet6) {
  const auto size = static_cast<uint32_t>(bytes);
  const uint32_t linear = size + (inet6 ? kInet6Bytes : kInetBytes);
  if (linear >= kMostLinearBytes) return kBufferBytes + kSmallBytes + size;
  if (linear + kSharedBytes <= kSmallBytes) return kBufferBytes + kSmallBytes;
  return kBufferBytes + std::bit_ceil(linear + kSharedBytes);
}

bool ReceiveQueue::Add(const Datagram& datagram, loop::Instant at, int limit) {
  const uint32_t charged =
      Charge(datagram.payload.size(), !datagram.to.ip.is_v4());
  if (memory_bytes_ > 0 &&
      memory_bytes_ + charged > static_cast<uint32_t>(limit)) {
    ++drops_;
    return false;
  }
  memory_bytes_ += charged;
  queue_.Add(datagram, at, drops_);
  return true;
}

size_t ReceiveQueue::FirstBytes() {
  const Entry* first = First();
  return first == nullptr ? 0 : first->datagram.payload.size();
}

ReceiveQueue::Entry* ReceiveQueue::First() {
  Splice();
  return queue_.empty() ? nullptr : &queue_.front();
}

ReceiveQueue::Entry* ReceiveQueue::Peek(int* offset) {
  Splice();
  for (size_t i = 0; i < queue_.size(); ++i) {
    Entry& entry = queue_.at(i);
    const int bytes = static_cast<int>(entry.datagram.payload.size());
    if (*offset < bytes || (*offset == 0 && !entry.peeked)) {
      entry.peeked = true;
      return &entry;
    }
    *offset -= bytes;
  }
  return nullptr;
}

void ReceiveQueue::Pop(int limit) {
  SIMLOOP_CHECK(!queue_.empty(), "there is one to read");
  Splice();
  due_bytes_ += queue_.front().charged();
  queue_.Pop();
  --at_hand_;
  if (at_hand_ > 0 && due_bytes_ < static_cast<uint32_t>(limit) / 4) return;
  memory_bytes_ -= due_bytes_;
  due_bytes_ = 0;
}

}  // namespace simloop::sim::udp
