// Reassembly: segments that came before the ones they follow (RFC 9293
// section 3.10.7.4): kept in order, without overlaps; and what a receiver
// tells of them (RFC 2018 section 4).
#ifndef SIM_TCP_REASSEMBLY_H_
#define SIM_TCP_REASSEMBLY_H_

#include <cstddef>
#include <vector>

#include "sim/payload.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

class Reassembly final {
 public:
  bool empty() const { return head_ == pieces_.size(); }
  // The last byte of all is the one in front of `seq`.
  bool EndsAt(Sequence seq) const {
    return !empty() && pieces_.back().end() == seq;
  }
  // Keeps what of the payload at `seq` is new. REQUIRES: all in the window.
  void Insert(Sequence seq, Slice payload);
  // The payload that continues at `next`, taken out; empty if it is missing.
  Slice Take(Sequence next);
  // Fills in up to `most` blocks, the one that changed last first; answers how
  // many.
  int Blocks(SackBlock* blocks, int most) const;
  // The block that has all of [left, right); false if there is none.
  bool Covers(const SackBlock& range, SackBlock* block) const;
  // What the lowest block has in front of `next`; empty if nothing.
  SackBlock FirstBefore(Sequence next) const;

 private:
  struct Piece {
    Sequence seq;
    Slice payload;
    Sequence end() const { return seq + static_cast<Sequence>(payload.size()); }
  };
  // The first that ends behind `seq`.
  size_t FirstBehind(Sequence seq) const;
  void Store(Sequence seq, Slice payload);

  // From head_ on: what was taken out in front is dropped now and then.
  std::vector<Piece> pieces_;
  size_t head_ = 0;
  // What stands without a gap, the one that changed last first.
  std::vector<SackBlock> blocks_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_REASSEMBLY_H_
