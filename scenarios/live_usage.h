// Usage: what this process has spent of this machine: time and memory. For
// benchmarks; nothing in a simulation may depend on it.
#ifndef SCENARIOS_LIVE_USAGE_H_
#define SCENARIOS_LIVE_USAGE_H_

#include <cstddef>

namespace simloop::scenarios {

struct Usage {
  double wall_seconds = 0;    // CLOCK_MONOTONIC of clock_gettime(2)
  double cpu_seconds = 0;     // CLOCK_PROCESS_CPUTIME_ID
  size_t resident_bytes = 0;  // the second field of /proc/self/statm (proc(5))

  static Usage Now();
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LIVE_USAGE_H_
