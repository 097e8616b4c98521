// Sender: the send side of a connection (RFC 9293 section 3.3.1, "send
// sequence variables"): what waits for its acknowledgment, what waits for the
// window, and when a small segment waits (Nagle, RFC 1122 section 4.2.3.4). How
// much the network takes is said by its caller.
#ifndef SIM_TCP_SENDER_H_
#define SIM_TCP_SENDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/types/span.h"
#include "sim/slice_queue.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

// What a sender knows but for the bytes.
class SenderNumbers {
 public:
  bool operator==(const SenderNumbers&) const = default;
  // Counts its own sequence numbers from another start, and the peer's.
  void Rebase(Sequence own, Sequence peer) {
    for (Sequence* number : {&iss_, &una_, &nxt_, &wl2_}) *number += own;
    wl1_ += peer;
    if (small_sent_) small_end_ += own;
    if (urgent_) urgent_end_ += own;
  }
  template <typename H>
  friend H AbslHashValue(H h, const SenderNumbers& numbers) {
    return H::combine(std::move(h), numbers.nxt_, numbers.window_);
  }

 protected:
  // TCP_MSS_DEFAULT.
  static constexpr uint32_t kDefaultMss = 536;

  uint32_t limit_bytes_ = 0;
  Sequence iss_ = 0;
  Sequence una_ = 0;
  Sequence nxt_ = 0;
  Sequence wl1_ = 0;
  Sequence wl2_ = 0;
  Sequence small_end_ = 0;  // behind the last segment below the MSS
  uint32_t window_ = 0;
  uint32_t most_window_ = 0;  // ever told, at most kMostCounted
  uint32_t left_over_ = 0;    // what SIOCOUTQ counts once it is closed
  Sequence urgent_end_ = 0;   // behind the urgent byte
  uint16_t mss_ = kDefaultMss;
  bool urgent_ : 1 = false;
  bool nodelay_ : 1 = false;
  bool mss_known_ : 1 = false;
  bool fin_queued_ : 1 = false;
  bool fin_sent_ : 1 = false;
  bool small_sent_ : 1 = false;
};

class Sender final : public SenderNumbers {
 public:
  void Start(Sequence initial) {
    iss_ = una_ = nxt_ = initial;
    left_over_ = 0;
  }
  void SetLimit(size_t bytes) { limit_bytes_ = static_cast<uint32_t>(bytes); }
  void SetMss(uint32_t mss) {
    mss_ = static_cast<uint16_t>(std::min<uint32_t>(mss, UINT16_MAX));
    mss_known_ = true;
  }
  uint32_t mss() const { return mss_; }
  // The peer's SYN has come, of this or an earlier connection.
  bool mss_known() const { return mss_known_; }
  void SetNodelay(bool nodelay) { nodelay_ = nodelay; }
  bool nodelay() const { return nodelay_; }

  Sequence iss() const { return iss_; }
  Sequence una() const { return una_; }
  Sequence nxt() const { return nxt_; }
  size_t limit_bytes() const { return limit_bytes_; }

  // Takes as much of `data` as the buffer has room for; answers how much.
  size_t Write(absl::Span<const char> data);
  // Room for more, by Linux's rule: a third of the buffer
  // (sk_stream_is_writeable()).
  bool Writable() const {
    return Queued() < limit_bytes_ && limit_bytes_ - Queued() >= Queued() / 2;
  }
  // Bytes neither acknowledged nor given up.
  size_t Queued() const { return queue_.bytes(); }
  bool WindowOpen() const { return Before(nxt_, una_ + window_); }
  // SYN, data or FIN is on its way unacknowledged.
  bool InFlight() const { return una_ != nxt_; }
  bool HasUnsent() const {
    return SentBytes() < queue_.bytes() || (fin_queued_ && !fin_sent_);
  }
  // As SIOCOUTQ of tcp(7) counts: a FIN that was queued is one.
  size_t Unacknowledged() const {
    if (left_over_ > 0) return left_over_;
    return queue_.bytes() + (fin_queued_ && !FinAcked() ? 1 : 0);
  }
  // tcp_disconnect(): the next initial sequence number lies beyond whatever the
  // peer's window allowed, and SIOCOUTQ shows that.
  void Disconnected(uint32_t most_window) { left_over_ = most_window + 2; }
  uint32_t most_window() const { return most_window_; }
  uint32_t window() const { return window_; }
  size_t Unsent() const {
    return queue_.empty() ? 0 : queue_.bytes() - SentBytes();
  }
  // No segment is larger than half of the largest window the peer ever told
  // (tcp_bound_to_half_wnd()).
  uint32_t EffectiveMss() const;

  // The SYN takes its sequence number.
  void SentSyn() { nxt_ = iss_ + 1; }
  // A FIN follows all data written so far.
  void QueueFin() { fin_queued_ = true; }
  bool fin_queued() const { return fin_queued_; }
  bool FinAcked() const;

  // All that was written so far is urgent (MSG_OOB of send(2)).
  void MarkUrgent() {
    urgent_end_ = QueueStart() + static_cast<Sequence>(queue_.bytes());
    urgent_ = true;
  }
  // What holds a small segment back.
  enum class Hold : uint8_t {
    kNagle,    // nothing but Nagle's algorithm
    kCork,     // TCP_CORK, MSG_MORE: it waits for more
    kNothing,  // it goes in any case
  };
  // Fills in sequence number, payload, urgent pointer, PSH and FIN of the next
  // new segment, of no more than `pieces` times the MSS; false if window, Nagle
  // or cork let none go.
  bool Next(Segment* segment, Hold hold, uint32_t pieces);
  // The same for what went out as [seq, end). REQUIRES: not acknowledged.
  void Again(Sequence seq, Sequence end, Segment* segment) const;
  // Nothing but a FIN is left to send.
  bool OnlyFinUnsent() const {
    return fin_queued_ && !fin_sent_ && SentBytes() == queue_.bytes();
  }

  // `segment` acknowledges: moves una and drops data. Answers whether it
  // acknowledged anything new. REQUIRES: una < ack <= nxt or ack == una.
  bool Acked(Sequence ack);
  // RFC 9293 section 3.10.7.4: takes the window of a segment that is newer.
  void UpdateWindow(const Segment& segment);
  void ResetWindow(const Segment& segment);
  void Clear();

 private:
  // Linux opens a window no further at first (tcp_select_initial_window()).
  static constexpr uint32_t kMostCounted = 65536;

  // The sequence number of the first byte in `queue_`.
  Sequence QueueStart() const { return una_ == iss_ ? iss_ + 1 : una_; }
  uint32_t SentBytes() const {
    return nxt_ - QueueStart() - (fin_sent_ ? 1 : 0);
  }
  // tcp_urg_mode() of Linux.
  bool UrgentPending() const { return urgent_ && Before(una_, urgent_end_); }
  void PointAtUrgent(Segment* segment) const;

  [[no_unique_address]] SliceQueue queue_;  // from una_ on
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_SENDER_H_
