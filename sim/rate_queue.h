// RateQueue: the sender of a line that carries so many bits a second, and the
// drop-tail queue before it. It answers at once when a packet will have left:
// nothing happens at the times between.
#ifndef SIM_RATE_QUEUE_H_
#define SIM_RATE_QUEUE_H_

#include <cstdint>
#include <deque>
#include <memory>

#include "sim/link_options.h"

namespace simloop::sim {

class RateQueue final {
 public:
  static constexpr int64_t kDropped = -1;

  explicit RateQueue(const LinkOptions& options) { Change(options); }
  // What waits already goes as it was told.
  void Change(const LinkOptions& options);

  // A packet of `bytes` comes at `at` (nanoseconds): answers when its last bit
  // has left, exact but for what is less than a nanosecond, or kDropped if
  // there is no room to wait.
  int64_t Admit(int64_t at, uint32_t bytes);
  // Nothing waits any more (the line went down).
  void Clear();

 private:
  struct Waiting {
    int64_t start;  // when its first bit goes
    uint32_t bytes;
  };
  // How much may wait (0: no bound), and what does.
  struct Bound {
    int64_t most_bytes = 0;
    int64_t most_packets = 0;
    std::deque<Waiting> waiting;
    int64_t waiting_bytes = 0;
  };

  // Takes in a packet that has to wait until `start`, if there is room.
  static bool Wait(Bound& bound, int64_t start, uint32_t bytes);

  int64_t rate_ = 0;
  int64_t busy_until_ = 0;
  // What is behind busy_until_, in 1/rate_ nanoseconds.
  int64_t carry_ = 0;
  // What a packet of the last size takes: division is dear.
  int64_t last_nanos_ = 0;
  int64_t last_carry_ = 0;
  uint32_t last_bytes_ = 0;
  std::unique_ptr<Bound> bound_;  // null: there never was one
};

}  // namespace simloop::sim

#endif  // SIM_RATE_QUEUE_H_
