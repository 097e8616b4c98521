#include "sim/tcp/receiver.h"

#include <algorithm>
#include <utility>

namespace simloop::sim::tcp {

Disorder& Receiver::disorder() {
  if (disorder_ == nullptr) disorder_ = std::make_unique<Disorder>();
  return *disorder_;
}

void Receiver::CameTwice(Sequence left, Sequence right) {
  if (left == right || disorder().any_twice()) return;
  disorder_->twice = {left, right};
}

uint32_t Receiver::Step() const {
  return std::min<uint32_t>(mss_, static_cast<uint32_t>(limit_bytes_ / 2));
}

// __tcp_select_window(): with scaling a window is not rounded to segments.
uint32_t Receiver::TellWindow() {
  // A FIN's number may stand behind the edge; the window is then shut.
  uint32_t window = Before(nxt_, edge_) ? edge_ - nxt_ : 0;
  if (Free() > window && Free() >= Step()) window = Free();
  edge_ = nxt_ + window;
  told_ = nxt_;
  return window;
}

// tcp_sequence(): not all old, and not beyond the window, unless nothing is
// there to be read. A FIN may stand behind the window's edge.
bool Receiver::Acceptable(const Segment& segment) const {
  const Sequence end = segment.end();
  if (Before(end, told_)) return false;
  const Sequence edge = Before(nxt_, edge_) ? edge_ : nxt_;
  if (AtOrBefore(end - (segment.has(kFin) ? 1 : 0), edge)) return true;
  return queue_.empty() && AtOrBefore(segment.seq, edge);
}

Receiver::Arrival Receiver::Take(const Segment& segment) {
  Sequence seq = segment.seq;
  Slice payload = segment.payload;
  if (Before(seq, nxt_)) {
    const uint32_t known = nxt_ - seq;
    const bool all = known >= payload.size();
    CameTwice(seq, all ? seq + static_cast<Sequence>(payload.size()) : nxt_);
    if (all) {
      Quicken();
      return Arrival::kNothingNew;
    }
    payload.RemovePrefix(known);
    seq = nxt_;
  }
  if (!Before(seq, edge_)) {
    Quicken();
    return Arrival::kNothingNew;
  }
  if (seq != nxt_) {
    const SackBlock range = {seq, seq + static_cast<Sequence>(payload.size())};
    SackBlock known;
    if (disorder().early.Covers(range, &known)) {
      CameTwice(range.left, range.right);
    } else {
      disorder_->early.Insert(seq, std::move(payload));
    }
    return Arrival::kEarly;
  }
  nxt_ += static_cast<Sequence>(payload.size());
  Measure(payload.size());
  queue_.Push(std::move(payload));
  if (!has_early()) return Arrival::kInOrder;
  // What had come early may have come again (tcp_ofo_queue()).
  const SackBlock again = disorder_->early.FirstBefore(nxt_);
  CameTwice(again.left, again.right);
  while (true) {
    Slice next = disorder_->early.Take(nxt_);
    if (next.empty()) break;
    nxt_ += static_cast<Sequence>(next.size());
    queue_.Push(std::move(next));
  }
  MendDisorder();
  return Arrival::kFillsGap;
}

void Receiver::TellSack(Segment* segment) {
  if (!sack_ || disorder_ == nullptr) return;
  const Reassembly& early = disorder_->early;
  int count = 0;
  if (disorder_->any_twice()) {
    const SackBlock twice = std::exchange(disorder_->twice, {});
    segment->sack[count++] = twice;
    // What it is a part of follows (RFC 2883 section 4.2.2).
    SackBlock around;
    if (early.Covers(twice, &around)) segment->sack[count++] = around;
  }
  SackBlock blocks[Segment::kMostSackBlocks];
  const int known = early.Blocks(blocks, Segment::kMostSackBlocks);
  for (int i = 0; i < known && count < Segment::kMostSackBlocks; ++i) {
    const bool told =
        count > 0 && segment->sack[count - 1].left == blocks[i].left;
    if (!told) segment->sack[count++] = blocks[i];
  }
  // The FIN's own number is part of what came early.
  for (int i = 0; i < count; ++i) {
    SackBlock& block = segment->sack[i];
    if (fin_noted_ && block.right == fin_at_) ++block.right;
  }
  segment->sack_blocks = static_cast<uint8_t>(count);
  MendDisorder();
}

bool Receiver::TakeUrgent(const Segment& segment, bool in_line) {
  if (!segment.has(kUrg) && !urgent().pending()) return false;
  Urgent& urgent = disorder().urgent;
  if (urgent.Announce(segment, copied(), nxt_, in_line)) queue_.Drop(1);
  const bool came = urgent.Take(segment);
  MendDisorder();
  return came;
}

void Receiver::MendDisorder() {
  if (disorder_->over()) disorder_ = nullptr;
}

void Receiver::PassUrgent() {
  disorder_->urgent.Passed(copied());
  MendDisorder();
}

// The loop of tcp_recvmsg_locked().
size_t Receiver::Read(absl::Span<char> buffer, const Reading& reading) {
  size_t offset = reading.peek ? reading.offset : 0;
  size_t done = 0;
  while (done < buffer.size() && offset < queue_.bytes()) {
    const Sequence at = copied() + static_cast<Sequence>(offset);
    size_t count = std::min(buffer.size() - done, queue_.bytes() - offset);
    if (urgent().pending() && urgent().at() - at < count) {
      // A read stops in front of the urgent byte.
      if (urgent().at() == at && done > 0) break;
      if (urgent().at() != at) {
        count = urgent().at() - at;
      } else if (!reading.in_line) {
        // It is no part of the stream.
        if (reading.peek) {
          ++offset;
        } else {
          queue_.Drop(1);
          PassUrgent();
        }
        continue;
      }
    }
    if (!reading.discard) {
      count = queue_.Peek(buffer.subspan(done, count), offset);
    }
    done += count;
    if (reading.peek) {
      offset += count;
    } else {
      queue_.Drop(count);
      if (disorder_ != nullptr) PassUrgent();
    }
  }
  return done;
}

bool Receiver::WindowUpdateDue() const {
  const uint32_t told = Before(nxt_, edge_) ? edge_ - nxt_ : 0;
  const uint32_t now = Free();
  return now >= 2 * std::max<uint32_t>(told, 1) && now - told >= Step();
}

// tcp_measure_rcv_mss(): a segment below the largest seen was pushed.
void Receiver::Measure(size_t bytes) {
  if (bytes >= seen_mss_) {
    seen_mss_ = static_cast<uint16_t>(std::min<size_t>(bytes, mss_));
  } else if (small_segments_ < 2) {
    ++small_segments_;
  }
}

bool Receiver::AckOnRead() const {
  if (Unacknowledged() > seen_mss_) return true;
  return queue_.empty() &&
         (small_segments_ > 1 || (small_segments_ > 0 && !interactive_));
}

bool Receiver::AckAtOnce() {
  // Two full segments never wait (RFC 5681 section 4.2).
  if (Unacknowledged() >= 2u * mss_ || has_early()) return true;
  if (quick_acks_ > 0 && !interactive_) {
    --quick_acks_;
    return true;
  }
  return false;
}

void Receiver::SentData(loop::Instant now) {
  // Linux: an answer within the delayed-ACK time (tcp_event_data_sent()).
  if (data_has_come() &&
      now.nanos() - last_data_nanos_ < kDelayedAckNanos) {
    interactive_ = true;
  }
}

}  // namespace simloop::sim::tcp
