#include "sim/tcp/flight.h"

#include <algorithm>

#include "loop/check.h"

namespace simloop::sim::tcp {

Sent* SentPool::New() {
  if (free_ == nullptr) {
    slabs_.push_back(std::make_unique<Sent[]>(kSlab));
    Sent* slab = slabs_.back().get();
    for (size_t i = 0; i < kSlab; ++i) Release(&slab[i]);
  }
  Sent* sent = free_;
  free_ = sent->next;
  *sent = Sent();
  return sent;
}

void Delivery::Came(const Sent& sent) {
  if (!sent.ever) {
    if (oldest.infinite() || Before(sent.end, once_end)) once_end = sent.end;
    if (oldest.infinite() || sent.at < oldest) oldest = sent.at;
  }
  last = sent.at;
  last_end = sent.end;
  last_repeated = sent.ever;
  // tcp_rack_sent_after(): of one instant the higher is the later.
  if (!any || newest < sent.at ||
      (newest == sent.at && Before(newest_end, sent.end))) {
    any = true;
    newest = sent.at;
    newest_end = sent.end;
    newest_repeated = sent.ever;
  }
}

uint16_t Flight::PiecesOf(uint32_t bytes, uint32_t mss) {
  return static_cast<uint16_t>(bytes <= mss ? 1 : (bytes + mss - 1) / mss);
}

void Flight::Count(const Sent& sent) {
  out_ += sent.pieces;
  if (sent.sacked) sacked_ += sent.pieces;
  if (sent.lost) lost_ += sent.pieces;
  if (sent.again) again_ += sent.pieces;
}

void Flight::Uncount(const Sent& sent) {
  out_ -= sent.pieces;
  if (sent.sacked) sacked_ -= sent.pieces;
  if (sent.lost) lost_ -= sent.pieces;
  if (sent.again) again_ -= sent.pieces;
}

Sent& Flight::Push(SentPool& pool, Sequence seq, Sequence end, uint32_t pieces,
                   loop::Instant now) {
  Sent* sent = pool.New();
  sent->at = now;
  sent->seq = seq;
  sent->end = end;
  sent->pieces = static_cast<uint16_t>(pieces);
  (last_ == nullptr ? first_ : last_->next) = sent;
  last_ = sent;
  out_ += pieces;
  return *sent;
}

void Flight::Cut(SentPool& pool, Sent& sent, uint32_t bytes, uint32_t mss) {
  if (sent.end - sent.seq <= bytes) return;
  Uncount(sent);
  Sent* rest = pool.New();
  *rest = sent;
  rest->seq = sent.seq + bytes;
  rest->pieces = PiecesOf(rest->end - rest->seq, mss);
  sent.end = rest->seq;
  sent.pieces = PiecesOf(bytes, mss);
  sent.next = rest;
  if (last_ == &sent) last_ = rest;
  Count(sent);
  Count(*rest);
}

// tcp_clean_rtx_queue().
void Flight::Acknowledge(SentPool& pool, Sequence ack, uint32_t mss,
                         Sequence sacked_before, Delivery* told) {
  while (first_ != nullptr && Before(first_->seq, ack)) {
    // A part of a large segment.
    if (Before(ack, first_->end)) Cut(pool, *first_, ack - first_->seq, mss);
    Sent* sent = first_;
    Uncount(*sent);
    told->acked += sent->pieces;
    if (sent->ever) told->repeated = true;
    if (!sent->sacked) {
      told->delivered += sent->pieces;
      told->Came(*sent);
      if (!sent->ever && !told->reordered && Before(sent->seq, sacked_before)) {
        told->reordered = true;
        told->reordered_seq = sent->seq;
      }
    }
    first_ = sent->next;
    if (first_ == nullptr) last_ = nullptr;
    pool.Release(sent);
  }
}

// tcp_sacktag_walk().
void Flight::Sack(SentPool& pool, const SackBlock& block, uint32_t mss,
                  Delivery* told) {
  for (Sent* sent = first_; sent != nullptr; sent = sent->next) {
    if (!Before(sent->seq, block.right)) break;
    if (!Before(block.left, sent->end) || sent->sacked) continue;
    if (Before(sent->seq, block.left)) {
      // Pieces are whole: what is covered begins at the border of one.
      const uint32_t front = block.left - sent->seq;
      Cut(pool, *sent, (front + mss - 1) / mss * mss, mss);
      continue;
    }
    if (Before(block.right, sent->end)) {
      const uint32_t covered = (block.right - sent->seq) / mss * mss;
      if (covered == 0) continue;
      Cut(pool, *sent, covered, mss);
    }
    if (!sent->ever && sacked_ > 0 && Before(sent->seq, highest_sacked_) &&
        (!told->reordered || Before(sent->seq, told->reordered_seq))) {
      told->reordered = true;
      told->reordered_seq = sent->seq;
    }
    Uncount(*sent);
    sent->sacked = true;
    sent->lost = false;
    sent->again = false;
    Count(*sent);
    told->sacked += sent->pieces;
    told->delivered += sent->pieces;
    told->Came(*sent);
    if (sacked_ == sent->pieces || Before(highest_sacked_, sent->end)) {
      highest_sacked_ = sent->end;
    }
  }
}

uint32_t Flight::EmulateSack(uint32_t count) {
  // Not more than there are behind the first (tcp_limit_reno_sacked()).
  const uint32_t holes = std::max<uint32_t>(lost_, 1);
  const uint32_t before = sacked_;
  sacked_ = std::min(sacked_ + count, out_ > holes ? out_ - holes : 0);
  return sacked_ > before ? sacked_ - before : 0;
}

void Flight::AckEmulated(uint32_t acked) {
  if (acked > 0) sacked_ -= std::min(sacked_, acked - 1);
  EmulateSack(0);
}

void Flight::MarkLost(Sent& sent) {
  if (sent.sacked || (sent.lost && !sent.again)) return;
  Uncount(sent);
  sent.lost = true;
  sent.again = false;  // so is the repetition
  Count(sent);
}

void Flight::MarkAllLost(bool reneged) {
  for (Sent* sent = first_; sent != nullptr; sent = sent->next) {
    Uncount(*sent);
    if (reneged) sent->sacked = false;
    if (!sent->sacked) {
      sent->lost = true;
      sent->again = false;
    }
    Count(*sent);
  }
}

void Flight::MarkNotLost() {
  for (Sent* sent = first_; sent != nullptr; sent = sent->next) {
    sent->lost = false;
  }
  lost_ = 0;
}

void Flight::MarkOversized(uint32_t mss) {
  for (Sent* sent = first_; sent != nullptr; sent = sent->next) {
    const uint32_t bytes = sent->end - sent->seq;
    if (sent->sacked || bytes <= sent->pieces * mss) continue;
    Uncount(*sent);
    sent->pieces = PiecesOf(bytes, mss);
    sent->lost = true;
    sent->again = false;
    Count(*sent);
  }
}

void Flight::Repeat(Sent& sent, loop::Instant now) {
  if (!sent.again) again_ += sent.pieces;
  sent.again = true;
  sent.ever = true;
  sent.at = now;
}

void Flight::Clear(SentPool& pool) {
  while (first_ != nullptr) {
    Sent* sent = first_;
    first_ = sent->next;
    pool.Release(sent);
  }
  last_ = nullptr;
  out_ = sacked_ = lost_ = again_ = 0;
}

}  // namespace simloop::sim::tcp
