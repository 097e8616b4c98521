// Cubic: what RFC 9438's CUBIC and the HyStart of Linux remember of a
// connection. Times of the curve are in 1/1024 s, as Linux's, so that all of
// it is whole numbers and the same on every machine.
#ifndef SIM_TCP_CUBIC_H_
#define SIM_TCP_CUBIC_H_

#include <cstdint>
#include <initializer_list>

#include "loop/instant.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

struct CubicState {
  // The curve: where it is flat, when it began, and how long (1/1024 s) it
  // takes to get there.
  uint32_t last_most = 0;  // the window before the last loss
  uint32_t origin = 0;
  uint32_t climb = 0;
  loop::Instant epoch = loop::Instant::Infinite();
  // The window of the last computation, and its answer: one more for so many
  // acknowledged pieces.
  uint32_t last_window = 0;
  loop::Instant computed_at = loop::Instant::Infinite();
  uint32_t count = 1;
  // What Reno would have (section 4.3).
  uint32_t acked = 0;
  uint32_t reno_window = 0;
  // The least round trip that was seen; 0: none yet.
  int64_t least_nanos = 0;

  // HyStart: the present round.
  loop::Instant round_began;
  loop::Instant last_ack;
  Sequence round_end = 0;
  bool in_round = false;
  bool found = false;  // slow start is to end
  uint32_t samples = 0;
  int64_t round_least_nanos = 0;

  bool operator==(const CubicState&) const = default;
  // Counts sequence numbers and time from another start.
  void Rebase(Sequence own, int64_t nanos) {
    round_end += own;
    for (loop::Instant* at : {&epoch, &computed_at, &round_began, &last_ack}) {
      if (!at->infinite()) {
        *at = loop::Instant::FromNanos(at->nanos() + nanos);
      }
    }
  }
};

// The cube root of `a`, rounded down.
uint32_t CubeRoot(uint64_t a);

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_CUBIC_H_
