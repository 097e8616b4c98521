// Receiver: the receive side of a connection (RFC 9293 section 3.3.1, "receive
// sequence variables"): what waits to be read, what came early, the window
// told to the peer, and whether an acknowledgment may wait (RFC 1122 section
// 4.2.3.2, with Linux's quick and interactive modes).
#ifndef SIM_TCP_RECEIVER_H_
#define SIM_TCP_RECEIVER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "loop/instant.h"
#include "sim/slice_queue.h"
#include "sim/tcp/disorder.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

// What a receiver knows but for the bytes and its room for them.
class ReceiverNumbers {
 public:
  bool operator==(const ReceiverNumbers&) const = default;
  // Counts the peer's sequence numbers from another start.
  void Rebase(Sequence peer) {
    for (Sequence* number : {&irs_, &nxt_, &told_, &edge_}) *number += peer;
    if (fin_noted_) fin_at_ += peer;
  }
  // The same for time. REQUIRES: data has come.
  void ShiftTime(int64_t nanos) { last_data_nanos_ += nanos; }
  bool data_has_come() const { return last_data_nanos_ != kNoData; }
  void SetEcho(uint32_t stamp) { echo_ = stamp; }
  uint32_t echo() const { return echo_; }
  template <typename H>
  friend H AbslHashValue(H h, const ReceiverNumbers& numbers) {
    return H::combine(std::move(h), numbers.nxt_, numbers.last_data_nanos_);
  }

 protected:
  // TCP_MAX_QUICKACKS.
  static constexpr uint8_t kQuickAcks = 16;
  static constexpr int64_t kNoData = INT64_MIN;

  int64_t last_data_nanos_ = kNoData;
  Sequence irs_ = 0;
  Sequence nxt_ = 0;
  Sequence told_ = 0;  // the last ACK sent
  Sequence edge_ = 0;  // the right edge of the window told
  uint16_t mss_ = 536;
  uint16_t seen_mss_ = 536;  // the largest that came
  uint32_t echo_ = 0;
  Sequence fin_at_ = 0;
  uint8_t quick_acks_ = kQuickAcks;
  uint8_t small_segments_ = 0;  // since the last ACK
  bool fin_ = false;
  bool interactive_ : 1 = false;
  bool fin_noted_ : 1 = false;
  bool sack_ : 1 = false;
};

class Receiver final : public ReceiverNumbers {
 public:
  // How long an acknowledgment may wait (TCP_DELACK_MIN of Linux): that of a
  // FIN which no data came before, until the next jiffy.
  static constexpr int64_t kDelayedAckNanos = 40'000'000;
  static constexpr int64_t kJiffyNanos = 4'000'000;
  // That of a SYN-ACK (TCP_DELACK_MAX); see LetHandshakeWait().
  static constexpr int64_t kMostAckDelayNanos = 200'000'000;
  int64_t AckDelayNanos() const {
    return data_has_come() ? kDelayedAckNanos : kJiffyNanos;
  }

  void Start(Sequence initial) {
    irs_ = initial;
    nxt_ = told_ = initial + 1;
    edge_ = nxt_;
  }
  void SetLimit(size_t bytes) { limit_bytes_ = static_cast<uint32_t>(bytes); }
  void SetMss(uint32_t mss) {
    mss_ = static_cast<uint16_t>(std::min<uint32_t>(mss, UINT16_MAX));
  }

  Sequence irs() const { return irs_; }
  Sequence nxt() const { return nxt_; }
  size_t limit_bytes() const { return limit_bytes_; }
  size_t Readable() const { return queue_.bytes(); }
  // The next byte to be read (tp->copied_seq of Linux).
  Sequence copied() const { return nxt_ - static_cast<Sequence>(Available()); }
  // How far what came is ahead of it; a FIN counts.
  size_t Available() const { return queue_.bytes() + (fin_ ? 1 : 0); }
  // Nothing came early, twice or urgent that is still of interest.
  bool in_order() const { return disorder_ == nullptr; }

  // The window to tell the peer now. Never takes back what was told (RFC 9293
  // section 3.8.6), and does not open by less than a segment's room (the silly
  // window of RFC 1122 section 4.2.3.3). Remembers that it was told, with an
  // ACK of nxt().
  uint32_t TellWindow();
  // RFC 9293 section 3.10.7.4, first check: some of it lies in the window.
  bool Acceptable(const Segment& segment) const;

  // What an acknowledgment is to say beyond its number: blocks that came early
  // (RFC 2018), and first what came twice (RFC 2883), if the peer permits it.
  void SetSack(bool permitted) { sack_ = permitted; }
  bool sack() const { return sack_; }
  void TellSack(Segment* segment);
  // The time stamp to echo (TS.Recent of RFC 7323 section 4.3), and whether
  // that of `segment` shows it to be an old duplicate (section 5.3).
  void TakeStamp(const Segment& segment) {
    if (segment.stamp != 0 && AtOrBefore(segment.seq, told_) &&
        static_cast<int32_t>(segment.stamp - echo_) >= 0) {
      echo_ = segment.stamp;
    }
  }
  bool OldStamp(const Segment& segment) const {
    return segment.stamp != 0 && echo_ != 0 &&
           static_cast<int32_t>(segment.stamp - echo_) < 0;
  }

  // Data or a FIN that is not taken since all of it came before.
  void TakeOld(const Segment& segment) {
    if (segment.length() > 0 && Before(segment.seq, nxt_)) {
      CameTwice(segment.seq,
                Before(nxt_, segment.end()) ? nxt_ : segment.end());
      Quicken();
    }
  }
  // `seq` stands right behind all that came early.
  bool BehindEarly(Sequence seq) const {
    return disorder_ != nullptr && disorder_->early.EndsAt(seq);
  }

  // In order it may have filled a gap, or a part of one.
  enum class Arrival { kNothingNew, kEarly, kInOrder, kFillsGap };
  // Takes the payload's new bytes, unless all of them lie behind the window.
  Arrival Take(const Segment& segment);
  // A FIN came, with what is in front of it or without.
  void NoteFin(Sequence at) {
    fin_noted_ = true;
    fin_at_ = at;
  }
  // Whether everything in front of the FIN has come.
  bool FinDue() const { return fin_noted_ && !fin_ && fin_at_ == nxt_; }
  // What came twice is of no interest any more (tcp_fin()).
  void TakeFin() {
    ++nxt_;
    fin_ = true;
    if (disorder_ != nullptr) disorder_->twice = {};
  }

  // The urgent byte of the peer. Both of these before Take(): the pointer that
  // `segment` may carry, and the byte itself; answers whether it came now.
  bool TakeUrgent(const Segment& segment, bool in_line);
  const Urgent& urgent() const {
    static constexpr Urgent kNone;
    return disorder_ == nullptr ? kNone : disorder_->urgent;
  }
  // recv(2) with MSG_OOB took it. REQUIRES: urgent().pending().
  void ReadUrgent() { disorder_->urgent.Read(); }

  // How recv(2) reads.
  struct Reading {
    bool peek = false;     // MSG_PEEK
    bool discard = false;  // MSG_TRUNC: to nowhere
    bool in_line = false;  // SO_OOBINLINE
    size_t offset = 0;     // SO_PEEK_OFF, with peek
  };
  // Moves bytes out, up to the urgent one, which is left out unless it is in
  // line; answers how many.
  size_t Read(absl::Span<char> buffer, const Reading& reading);
  // Whether reading has opened the window so far that the peer must hear of
  // it (tcp_cleanup_rbuf() of Linux).
  bool WindowUpdateDue() const;
  // The window told is no larger than a segment.
  bool NearlyShut() const {
    return !Before(nxt_, edge_) || edge_ - nxt_ <= mss_;
  }
  // Whether what was just read is to be acknowledged now, since nothing is left
  // to read (tcp_cleanup_rbuf() of Linux). An acknowledgment is due.
  bool AckOnRead() const;
  // An acknowledgment goes out.
  void Acknowledged() { small_segments_ = 0; }
  // Bytes that came and that no acknowledgment has told of yet.
  uint32_t Unacknowledged() const { return nxt_ - told_; }

  // Whether what just came in order is to be acknowledged at once.
  bool AckAtOnce();
  // Whether the program answers what it gets, so that acknowledgments wait to
  // ride on its data (inet_csk_in_pingpong_mode()).
  bool interactive() const { return interactive_; }
  void SetInteractive(bool interactive) { interactive_ = interactive; }
  // Whether an acknowledgment that is due goes because the program wants it to:
  // if all was read, or more came than a segment.
  bool AckOnRequest() const {
    return Unacknowledged() > seen_mss_ || queue_.empty();
  }
  // The last segment of the handshake is to ride on data; acknowledgments are
  // quick then (tcp_rcv_synsent_state_process()).
  void LetHandshakeWait(loop::Instant now) {
    Quicken();
    last_data_nanos_ = now.nanos();
  }
  // Data goes out at `now`: a program that answers what it just got is
  // interactive, and its acknowledgments may ride on its data.
  void SentData(loop::Instant now);
  // After a pause of more than the RTO, `timeout_nanos`, the peer's congestion
  // window is small again, and waits for each (tcp_event_data_recv()).
  void ReceivedData(loop::Instant now, int64_t timeout_nanos) {
    if (data_has_come() &&
        now.nanos() - last_data_nanos_ > timeout_nanos) {
      quick_acks_ = kQuickAcks;
    }
    last_data_nanos_ = now.nanos();
  }

 private:
  // Acknowledgments went astray: the next ones do not wait
  // (tcp_enter_quickack_mode()).
  void Quicken() {
    quick_acks_ = kQuickAcks;
    interactive_ = false;
  }
  void Measure(size_t bytes);
  void CameTwice(Sequence left, Sequence right);
  // Is made, if there was none.
  ABSL_ATTRIBUTE_NOINLINE Disorder& disorder();
  bool has_early() const {
    return disorder_ != nullptr && !disorder_->early.empty();
  }
  // Is dropped, if it is over. REQUIRES: there is one.
  ABSL_ATTRIBUTE_NOINLINE void MendDisorder();
  // Reading has come to copied(). REQUIRES: there is a Disorder.
  ABSL_ATTRIBUTE_NOINLINE void PassUrgent();
  // By how much the window must have grown to be told of again.
  uint32_t Step() const;
  uint32_t Free() const {
    return queue_.bytes() >= limit_bytes_
               ? 0
               : static_cast<uint32_t>(limit_bytes_ - queue_.bytes());
  }

  [[no_unique_address]] SliceQueue queue_;
  uint32_t limit_bytes_ = 0;
  std::unique_ptr<Disorder> disorder_;  // null: all came in order
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_RECEIVER_H_
