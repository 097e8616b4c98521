// Retransmission: the retransmission time-out of RFC 6298 with Linux's bounds
// (tcp(7), include/net/tcp.h): 1 s before the first measurement, then between
// 200 ms and 120 s, doubled at each time-out.
#ifndef SIM_TCP_RETRANSMISSION_H_
#define SIM_TCP_RETRANSMISSION_H_

#include <algorithm>
#include <cstdint>

#include "loop/instant.h"

namespace simloop::sim::tcp {

class Retransmission final {
 public:
  static constexpr int64_t kInitialNanos = 1'000'000'000;
  static constexpr int64_t kLeastNanos = 200'000'000;
  static constexpr int64_t kMostNanos = 120'000'000'000;

  // A round trip was measured, of something that was sent once (Karn's
  // algorithm, RFC 6298 section 3) or told by time stamps (RFC 7323).
  void Measured(int64_t rtt_nanos, loop::Instant now) {
    doublings_ = 0;
    // The least of the last five minutes (net.ipv4.tcp_min_rtt_wlen).
    if (least_nanos_ == 0 || rtt_nanos <= least_nanos_ ||
        now.nanos() - least_at_.nanos() > kLeastWindowNanos) {
      least_nanos_ = std::max<int64_t>(rtt_nanos, 1);
      least_at_ = now;
    }
    Estimate(rtt_nanos);
  }
  // Something new was acknowledged.
  void Progressed() { timeouts_ = 0; }
  // The timer ran out.
  void TimedOut(bool doubles) {
    if (timeouts_ < kMostCounted) ++timeouts_;
    if (doubles && doublings_ < kMostCounted) ++doublings_;
  }
  // A doubling is taken back (RFC 6069); false if there is none.
  bool Undouble() {
    if (doublings_ == 0) return false;
    --doublings_;
    return true;
  }
  // SRTT, and the least round trip; 0: nothing was measured.
  int64_t smooth_nanos() const { return srtt_nanos_; }
  int64_t least_nanos() const { return least_nanos_; }
  // How often in a row the timer ran out.
  int timeouts() const { return timeouts_; }
  // How long to wait for the next acknowledgment.
  int64_t TimeoutNanos() const {
    const int64_t nanos = BaseNanos();
    if (doublings_ == 0) return nanos;
    return std::min(kMostNanos, nanos << std::min<int>(doublings_, 12));
  }
  int64_t BaseNanos() const {
    if (srtt_nanos_ == 0) return kInitialNanos;
    // Linux bounds the variance's share, not the sum, from below.
    return std::min(kMostNanos,
                    srtt_nanos_ + std::max(kLeastNanos, 4 * rttvar_nanos_));
  }
  // How long `retries` doublings of the least time-out take
  // (tcp_model_timeout()).
  static int64_t GivesUpNanos(int retries) {
    constexpr int kDoublings = 9;  // of 200 ms stay below 120 s
    const int doublings = std::min(retries, kDoublings);
    return ((int64_t{2} << doublings) - 1) * kLeastNanos +
           (retries - doublings) * kMostNanos;
  }

 private:
  static constexpr int64_t kLeastWindowNanos = 300'000'000'000;
  static constexpr uint16_t kMostCounted = UINT16_MAX;

  void Estimate(int64_t rtt) {
    if (srtt_nanos_ == 0) {
      srtt_nanos_ = std::max<int64_t>(rtt, 1);
      rttvar_nanos_ = rtt / 2;
    } else {
      const int64_t error = rtt - srtt_nanos_;
      rttvar_nanos_ += ((error < 0 ? -error : error) - rttvar_nanos_) / 4;
      srtt_nanos_ += error / 8;
    }
  }

  int64_t srtt_nanos_ = 0;
  int64_t rttvar_nanos_ = 0;
  int64_t least_nanos_ = 0;
  loop::Instant least_at_;
  uint16_t timeouts_ = 0;
  uint16_t doublings_ = 0;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_RETRANSMISSION_H_
