// Time stamps: the clock of RFC 7323's option, which ticks once a millisecond
// and is never 0.
#ifndef SIM_TCP_TIME_STAMP_H_
#define SIM_TCP_TIME_STAMP_H_

#include <cstdint>

#include "loop/instant.h"

namespace simloop::sim::tcp {

inline uint32_t TimeStamp(loop::Instant at) {
  const auto stamp = static_cast<uint32_t>(at.nanos() / 1'000'000 + 1);
  return stamp == 0 ? 1 : stamp;
}

// What echoes `stamp` answers something sent before `at`. 0: no echo.
inline bool EchoBefore(uint32_t stamp, loop::Instant at) {
  return stamp != 0 && static_cast<int32_t>(stamp - TimeStamp(at)) < 0;
}

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_TIME_STAMP_H_
