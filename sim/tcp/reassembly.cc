#include "sim/tcp/reassembly.h"

#include <utility>

namespace simloop::sim::tcp {

void Reassembly::Insert(Sequence seq, Slice payload) {
  size_t at = 0;
  while (!payload.empty()) {
    while (at < pieces_.size() && AtOrBefore(pieces_[at].end(), seq)) ++at;
    // pieces_[at] is the first that ends behind `seq`.
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
    pieces_.insert(pieces_.begin() + at, Piece{seq, std::move(fresh)});
    payload.RemovePrefix(step);
    seq += static_cast<Sequence>(step);
  }
}

Slice Reassembly::Take(Sequence next) {
  while (!pieces_.empty() && AtOrBefore(pieces_.front().seq, next)) {
    Piece piece = std::move(pieces_.front());
    pieces_.erase(pieces_.begin());
    if (AtOrBefore(piece.end(), next)) continue;
    piece.payload.RemovePrefix(next - piece.seq);
    return std::move(piece.payload);
  }
  return Slice();
}

}  // namespace simloop::sim::tcp
