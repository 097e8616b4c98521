#include "sim/tcp/sender.h"

#include <algorithm>

#include "loop/check.h"

namespace simloop::sim::tcp {

size_t Sender::Write(absl::Span<const char> data) {
  const size_t room =
      limit_bytes_ > queue_.bytes() ? limit_bytes_ - queue_.bytes() : 0;
  const size_t count = std::min(room, data.size());
  queue_.Write(data.first(count));
  return count;
}

uint32_t Sender::EffectiveMss() const {
  if (most_window_ == 0) return mss_;
  const uint32_t most =
      most_window_ > kDefaultMss ? most_window_ / 2 : most_window_;
  return std::min<uint32_t>(mss_, most);
}

bool Sender::FinAcked() const { return fin_sent_ && una_ == nxt_; }

void Sender::PointAtUrgent(Segment* segment) const {
  const Sequence ahead = urgent_end_ - segment->seq;
  if (!UrgentPending() || ahead == 0 || ahead > 0xffff) return;
  segment->flags |= kUrg;
  segment->urgent = static_cast<uint16_t>(ahead);
}

bool Sender::Next(Segment* segment, Hold hold, uint32_t pieces) {
  const uint32_t mss = EffectiveMss();
  const uint32_t sent = SentBytes();
  const auto unsent = static_cast<uint32_t>(queue_.bytes()) - sent;
  const Sequence edge = una_ + window_;
  const uint32_t open = Before(nxt_, edge) ? edge - nxt_ : 0;
  // As many whole segments as one slice holds, and the rest of the window
  // (tcp_mss_split_point()).
  constexpr uint32_t kMost = Slice::kMaxBytes;
  uint32_t size = std::min({unsent, open, kMost});
  if (size > mss) {
    size = std::min(
        {size, kMost - kMost % mss, std::min(pieces, kMost / mss) * mss});
  }
  const bool all = size == unsent;
  const bool fin = all && fin_queued_ && !fin_sent_;
  // Division is dear, and most segments are single.
  const uint32_t rest = size < mss ? size : size % mss;
  bool partial = rest != 0;
  // tcp_nagle_test() of Linux.
  if (partial && !fin && !UrgentPending() && hold != Hold::kNothing) {
    const bool nagle =
        !nodelay_ && InFlight() && small_sent_ && Before(una_, small_end_);
    if (nagle || hold == Hold::kCork) {
      size -= rest;
      partial = false;
    }
  }
  // A FIN alone waits for a window that is shut, as data does.
  if (size == 0 && !(fin && unsent == 0 && open > 0)) return false;
  segment->seq = nxt_;
  segment->payload = queue_.Range(sent, size);
  segment->flags |= kAck;
  segment->piece = mss;
  PointAtUrgent(segment);
  if (size > 0 && size == unsent) segment->flags |= kPsh;
  nxt_ += static_cast<Sequence>(size);
  if (partial) {
    small_sent_ = true;
    small_end_ = nxt_;
  }
  if (fin && size == unsent) {
    segment->flags |= kFin;
    fin_sent_ = true;
    ++nxt_;
  }
  return true;
}

void Sender::Again(Sequence seq, Sequence end, Segment* segment) const {
  SIMLOOP_CHECK(AtOrBefore(una_, seq) && AtOrBefore(end, nxt_),
                "it is in flight");
  const bool fin = fin_sent_ && end == nxt_;
  const uint32_t size = end - seq - (fin ? 1 : 0);
  segment->seq = seq;
  segment->payload = queue_.Range(seq - QueueStart(), size);
  segment->flags |= kAck;
  segment->piece = EffectiveMss();
  PointAtUrgent(segment);
  if (size > 0) segment->flags |= kPsh;
  if (fin) segment->flags |= kFin;
}

bool Sender::Acked(Sequence ack) {
  if (ack == una_) return false;
  SIMLOOP_CHECK(Before(una_, ack) && AtOrBefore(ack, nxt_),
                "the acknowledgment is acceptable");
  Sequence data = ack - QueueStart();
  if (una_ == iss_ && ack == iss_) data = 0;
  // The FIN's own number is no byte of the queue.
  const size_t count = std::min<size_t>(data, queue_.bytes());
  queue_.Drop(count);
  una_ = ack;
  return true;
}

void Sender::UpdateWindow(const Segment& segment) {
  if (Before(wl1_, segment.seq) ||
      (wl1_ == segment.seq && AtOrBefore(wl2_, segment.ack))) {
    ResetWindow(segment);
  }
}

void Sender::ResetWindow(const Segment& segment) {
  window_ = segment.window;
  most_window_ = std::max(most_window_, std::min(window_, kMostCounted));
  wl1_ = segment.seq;
  wl2_ = segment.ack;
}

void Sender::Clear() {
  // The queue is gone, the sequence numbers stay.
  left_over_ = 0;
  if (InFlight() || HasUnsent()) {
    left_over_ = static_cast<uint32_t>(queue_.bytes()) +
                 (una_ == iss_ ? 1 : 0) + (fin_queued_ && !FinAcked() ? 1 : 0);
  }
  queue_.Clear();
  una_ = nxt_;
}

}  // namespace simloop::sim::tcp
