// Reassembly: segments that came before the ones they follow (RFC 9293
// section 3.10.7.4): kept in order, without overlaps.
#ifndef SIM_TCP_REASSEMBLY_H_
#define SIM_TCP_REASSEMBLY_H_

#include <cstddef>
#include <vector>

#include "sim/payload.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

class Reassembly final {
 public:
  bool empty() const { return pieces_.empty(); }
  // Keeps what of the payload at `seq` is new. REQUIRES: all in the window.
  void Insert(Sequence seq, Slice payload);
  // The payload that continues at `next`, taken out; empty if it is missing.
  Slice Take(Sequence next);

 private:
  struct Piece {
    Sequence seq;
    Slice payload;
    Sequence end() const { return seq + static_cast<Sequence>(payload.size()); }
  };
  std::vector<Piece> pieces_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_REASSEMBLY_H_
