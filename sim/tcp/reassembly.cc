#include "sim/tcp/reassembly.h"

#include <algorithm>
#include <utility>

namespace simloop::sim::tcp {

size_t Reassembly::FirstBehind(Sequence seq) const {
  const auto at = std::partition_point(
      pieces_.begin() + static_cast<std::ptrdiff_t>(head_), pieces_.end(),
      [seq](const Piece& piece) { return AtOrBefore(piece.end(), seq); });
  return static_cast<size_t>(at - pieces_.begin());
}

void Reassembly::Insert(Sequence seq, Slice payload) {
  SackBlock fresh = {seq, seq + static_cast<Sequence>(payload.size())};
  Store(seq, std::move(payload));
  const auto touches = [&](const SackBlock& block) {
    if (Before(fresh.right, block.left) || Before(block.right, fresh.left)) {
      return false;
    }
    if (Before(block.left, fresh.left)) fresh.left = block.left;
    if (Before(fresh.right, block.right)) fresh.right = block.right;
    return true;
  };
  blocks_.erase(std::remove_if(blocks_.begin(), blocks_.end(), touches),
                blocks_.end());
  blocks_.insert(blocks_.begin(), fresh);
}

void Reassembly::Store(Sequence seq, Slice payload) {
  size_t at = FirstBehind(seq);
  while (!payload.empty()) {
    while (at < pieces_.size() && AtOrBefore(pieces_[at].end(), seq)) ++at;
    Slice fresh = payload;
    size_t step = payload.size();
    if (at < pieces_.size()) {
      const Piece& old = pieces_[at];
      if (AtOrBefore(old.seq, seq)) {
        // The front is there already.
        const size_t known = old.end() - seq;
        if (known >= payload.size()) return;
        payload.RemovePrefix(known);
        seq += static_cast<Sequence>(known);
        continue;
      }
      const size_t gap = old.seq - seq;
      if (gap < payload.size()) step = gap;
    }
    fresh = payload.Part(0, step);
    pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(at),
                   Piece{seq, std::move(fresh)});
    payload.RemovePrefix(step);
    seq += static_cast<Sequence>(step);
  }
}

Slice Reassembly::Take(Sequence next) {
  while (!empty() && AtOrBefore(pieces_[head_].seq, next)) {
    Piece piece = std::move(pieces_[head_]);
    ++head_;
    if (2 * head_ >= pieces_.size()) {
      pieces_.erase(pieces_.begin(),
                    pieces_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    if (AtOrBefore(piece.end(), next)) continue;
    piece.payload.RemovePrefix(next - piece.seq);
    return std::move(piece.payload);
  }
  blocks_.erase(std::remove_if(blocks_.begin(), blocks_.end(),
                               [next](const SackBlock& block) {
                                 return AtOrBefore(block.right, next);
                               }),
                blocks_.end());
  return Slice();
}

int Reassembly::Blocks(SackBlock* blocks, int most) const {
  const size_t count = std::min(blocks_.size(), static_cast<size_t>(most));
  std::copy_n(blocks_.begin(), count, blocks);
  return static_cast<int>(count);
}

bool Reassembly::Covers(const SackBlock& range, SackBlock* block) const {
  for (const SackBlock& known : blocks_) {
    if (AtOrBefore(known.left, range.left) &&
        AtOrBefore(range.right, known.right)) {
      *block = known;
      return true;
    }
  }
  return false;
}

SackBlock Reassembly::FirstBefore(Sequence next) const {
  SackBlock first = {next, next};
  for (const SackBlock& known : blocks_) {
    if (!Before(known.left, first.left)) continue;
    first.left = known.left;
    first.right = Before(known.right, next) ? known.right : next;
  }
  return first;
}

}  // namespace simloop::sim::tcp
