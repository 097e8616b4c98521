// RateQueue: the sender of a line that carries so many bits a second, and the
// drop-tail queue before it. It answers at once when a packet will have left:
// nothing happens at the times between.
#ifndef SIM_RATE_QUEUE_H_
#define SIM_RATE_QUEUE_H_

#include <cstdint>
#include <deque>

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

  // First what an unbounded queue looks at: one line of the cache.
  int64_t rate_ = 0;
  int64_t busy_until_ = 0;
  // What is behind busy_until_, in 1/rate_ nanoseconds.
  int64_t carry_ = 0;
  // What a packet of the last size takes: division is dear.
  uint32_t last_bytes_ = 0;
  bool bounded_ = false;
  int64_t last_nanos_ = 0;
  int64_t last_carry_ = 0;
  int64_t most_bytes_ = 0;
  int64_t most_packets_ = 0;
  // Only kept where there is a bound.
  std::deque<Waiting> waiting_;
  int64_t waiting_bytes_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_RATE_QUEUE_H_
