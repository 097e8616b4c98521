#include "sim/unix/message.h"

#include <algorithm>

#include "loop/check.h"
#include "sim/unix/socket.h"

namespace simloop::sim::unix_domain {
namespace {

constexpr size_t kPageBytes = 4096;
// sizeof(struct sk_buff) and of skb_shared_info, and the cache line that heads
// are rounded up to.
constexpr size_t kBufferBytes = 256;
constexpr size_t kInfoBytes = 320;
constexpr size_t kLineBytes = 64;
// The smallest head that kmalloc() gives.
constexpr size_t kLeastHeadBytes = 512;
// SKB_MAX_HEAD(0): what fits in a head of one page.
constexpr size_t kPageHeadBytes = kPageBytes - kInfoBytes;
// SKB_MAX_ALLOC: what fits in a head of four.
constexpr size_t kMostHeadBytes = 4 * kPageBytes - kInfoBytes;
// MAX_SKB_FRAGS pages.
constexpr size_t kMostPagedBytes = 17 * kPageBytes;

size_t RoundedUp(size_t bytes, size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

// alloc_skb_with_frags(): heads are powers of two, the rest whole pages.
size_t Charged(size_t linear, size_t paged) {
  const size_t needed = RoundedUp(linear, kLineBytes) + kInfoBytes;
  size_t head = kLeastHeadBytes;
  while (head < needed) head *= 2;
  return kBufferBytes + head + RoundedUp(paged, kPageBytes);
}

}  // namespace

// unix_stream_sendmsg().
size_t StreamCharge(size_t bytes) {
  size_t paged = bytes > kPageHeadBytes ? bytes - kPageHeadBytes : 0;
  paged = std::min(bytes, RoundedUp(paged, kPageBytes));
  return Charged(bytes - paged, paged);
}

// unix_dgram_sendmsg().
size_t DatagramCharge(size_t bytes) {
  size_t paged = 0;
  if (bytes > kMostHeadBytes) {
    paged = RoundedUp(std::min(bytes - kMostHeadBytes, kMostPagedBytes),
                      kPageBytes);
  }
  return Charged(bytes - paged, paged);
}

Charge::Charge(std::shared_ptr<Identity> sender, size_t bytes)
    : sender_(std::move(sender)), bytes_(bytes) {
  SIMLOOP_CHECK(sender_->socket != nullptr, "a closed socket sends nothing");
  sender_->socket->TakeRoom(bytes);
}

Charge::~Charge() {
  if (sender_ != nullptr && sender_->socket != nullptr) {
    sender_->socket->ReturnRoom(bytes_);
  }
}

}  // namespace simloop::sim::unix_domain
