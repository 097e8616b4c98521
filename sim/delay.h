// Delay: how long a packet is on its way, drawn by a Scheduler from the
// distribution of a link's LinkOptions.
#ifndef SIM_DELAY_H_
#define SIM_DELAY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "sim/link_options.h"

namespace simloop::sim {

class World;

class Delay final {
 public:
  // Ways a jitter can go: 0, 1/7, ... 7/7 of it.
  static constexpr uint32_t kJitterSteps = 8;

  static constexpr absl::Duration kMostDeviation = absl::Hours(24);

  // REQUIRES: nothing negative, no deviation beyond the most.
  explicit Delay(const LinkOptions& options);

  // Nanoseconds. `subject` names the packet, where the world asks.
  int64_t Draw(World& world, absl::FunctionRef<std::string()> subject) const;

  // Between which it is, in nanoseconds, and what it is in the calm run.
  struct Range {
    int64_t least;
    int64_t most;
    int64_t calm;
  };
  // Of a table, what lies between its times is no delay: one of them is drawn.
  Range DrawRange(World& world, absl::FunctionRef<std::string()> subject) const;

 private:
  // Of kNormal: so much more than the mean of the lots.
  int64_t OffMean(int64_t lots) const;
  int64_t Drawn(World& world, absl::FunctionRef<std::string()> subject) const;

  Latency distribution_;
  int64_t latency_;
  int64_t jitter_;
  int64_t to_;
  int64_t deviation_;
  std::vector<int64_t> table_;
};

}  // namespace simloop::sim

#endif  // SIM_DELAY_H_
