// Floor: the least that any simulator must do for a work load, and no protocol
// at all: an event a packet through an ordered queue, the payload copied in
// and out, a look-up by address pair and a deadline stored a packet, a call
// through a pointer a readiness. What the whole stack takes is read as a
// multiple of it, so that figures of two machines can be compared.
#ifndef SCENARIOS_BENCH_FLOOR_H_
#define SCENARIOS_BENCH_FLOOR_H_

#include <cstdint>

#include "scenarios/bench/measurement.h"

namespace simloop::scenarios {

// So many clients, each so many round trips of 64 bytes, over a line of 10
// Gbit/s and 1 ms.
Measurement FloorPingPong(uint64_t clients, uint64_t rounds);
// `bytes` one way in segments of so many bytes, 2.6 MB under way at most, each
// second segment acknowledged.
Measurement FloorBulk(uint64_t bytes, uint64_t segment_bytes);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_BENCH_FLOOR_H_
