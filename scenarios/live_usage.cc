#include "scenarios/live_usage.h"

#include <time.h>
#include <unistd.h>

#include <cstdio>

namespace simloop::scenarios {
namespace {

double Seconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

size_t ResidentBytes() {
  FILE* const file = fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  size_t all = 0;
  size_t resident = 0;
  if (fscanf(file, "%zu %zu", &all, &resident) != 2) resident = 0;
  fclose(file);
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

Usage Usage::Now() {
  return {Seconds(CLOCK_MONOTONIC), Seconds(CLOCK_PROCESS_CPUTIME_ID),
          ResidentBytes()};
}

}  // namespace simloop::scenarios
