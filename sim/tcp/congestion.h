// Congestion: how many pieces a connection may have in the network: the
// congestion window and the slow start threshold of RFC 5681, in segments as
// Linux counts, and the algorithm that moves them.
#ifndef SIM_TCP_CONGESTION_H_
#define SIM_TCP_CONGESTION_H_

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "loop/instant.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

struct CubicState;
class CongestionControl;

struct Congestion {
  // TCP_INIT_CWND (RFC 6928).
  static constexpr uint32_t kInitialWindow = 10;
  static constexpr uint32_t kUnbounded = 0x7fffffff;

  Congestion();
  Congestion(Congestion&&);
  Congestion& operator=(Congestion&&);
  ~Congestion();

  const CongestionControl* control = nullptr;
  // What CUBIC remembers; made when it is first needed.
  std::unique_ptr<CubicState> cubic;
  uint32_t window = kInitialWindow;
  uint32_t threshold = kUnbounded;
  // Acknowledged pieces on the way to the next increase.
  uint32_t counted = 0;
  // Whether the window was what bounded the last flight, and the most that was
  // in flight (tcp_cwnd_validate()).
  uint32_t most_out = 0;
  Sequence most_out_end = 0;
  bool limited = false;

  bool InSlowStart() const { return window < threshold; }
  // tcp_is_cwnd_limited().
  bool Limited() const {
    return limited || (InSlowStart() && window < 2 * most_out);
  }
  // Opens by `acked` up to the threshold; answers what is left of it.
  uint32_t SlowStart(uint32_t acked);
  // One more for each `count` acknowledged (tcp_cong_avoid_ai()).
  void Increase(uint32_t count, uint32_t acked);
};

// An acknowledgment of new data, for an algorithm.
struct Acknowledgment {
  uint32_t pieces = 0;  // acknowledged, or known to have arrived
  Sequence una = 0;     // as it is now
  Sequence nxt = 0;
  loop::Instant now;
  // The round trip of the segment sent last of them; negative: not measured.
  int64_t round_trip_nanos = -1;
};

// One algorithm. Stateless; what it remembers is in Congestion. A new one is a
// new implementation and a line in congestion.cc.
class CongestionControl {
 public:
  virtual ~CongestionControl() = default;
  // As TCP_CONGESTION of tcp(7) calls it.
  virtual absl::string_view name() const = 0;
  // New data was acknowledged and the window may grow.
  virtual void Acked(Congestion& congestion,
                     const Acknowledgment& acknowledgment) const = 0;
  // Data was acknowledged in any state: what is measured by it.
  virtual void Measured(Congestion& congestion,
                        const Acknowledgment& acknowledgment) const = 0;
  // Something was lost: answers the new threshold.
  virtual uint32_t Lost(Congestion& congestion) const = 0;
  // The retransmission timer ran out: what was remembered is void.
  virtual void TimedOut(Congestion& congestion) const = 0;
  // Sends again after having had nothing in flight for `idle_nanos`.
  virtual void Resumed(Congestion& congestion, int64_t idle_nanos,
                       loop::Instant now) const = 0;
};

const CongestionControl& Reno();   // RFC 5681
const CongestionControl& Cubic();  // RFC 9438, as Linux has it, with HyStart
// Linux may have BBR, and programs ask for it; it is not modelled: under its
// name this is Cubic().
const CongestionControl& Bbr();
// By name; null if there is none.
const CongestionControl* FindCongestionControl(absl::string_view name);

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_CONGESTION_H_
