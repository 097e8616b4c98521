// Disorder: what of a stream came otherwise than byte after byte: early, twice,
// or out of band. A Receiver makes one when that happens, and most never do.
#ifndef SIM_TCP_DISORDER_H_
#define SIM_TCP_DISORDER_H_

#include "sim/tcp/reassembly.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/urgent.h"

namespace simloop::sim::tcp {

struct Disorder {
  Reassembly early;
  Urgent urgent;
  SackBlock twice;  // what came again, to be told once; empty: nothing

  bool any_twice() const { return twice.left != twice.right; }
  // All is in order again: it can be dropped.
  bool over() const {
    return early.empty() && !urgent.pending() && !any_twice();
  }
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_DISORDER_H_
