// Retransmission: the retransmission time-out of RFC 6298 with Linux's bounds
// (tcp(7), include/net/tcp.h): 1 s before the first measurement, then between
// 200 ms and 120 s, doubled at each time-out.
#ifndef SIM_TCP_RETRANSMISSION_H_
#define SIM_TCP_RETRANSMISSION_H_

#include <algorithm>
#include <cstdint>

#include "loop/instant.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

class Retransmission final {
 public:
  static constexpr int64_t kInitialNanos = 1'000'000'000;
  static constexpr int64_t kLeastNanos = 200'000'000;
  static constexpr int64_t kMostNanos = 120'000'000'000;

  // A segment ending at `end` goes out; measures one at a time, and none that
  // is sent again (Karn's algorithm, RFC 6298 section 3).
  void Sent(Sequence end, loop::Instant now) {
    if (measuring_) return;
    measuring_ = true;
    measured_end_ = end;
    measured_at_ = now;
  }
  // `ack` acknowledges something new.
  void Acked(Sequence ack, loop::Instant now) {
    timeouts_ = 0;
    doublings_ = 0;
    if (!measuring_ || Before(ack, measured_end_)) return;
    measuring_ = false;
    Measured(now.nanos() - measured_at_.nanos());
  }
  // The timer ran out: what is measured now is not to be trusted.
  void TimedOut(bool doubles) {
    measuring_ = false;
    ++timeouts_;
    if (doubles) ++doublings_;
  }
  // How often in a row the timer ran out.
  int timeouts() const { return timeouts_; }
  // How long to wait for the next acknowledgment.
  int64_t TimeoutNanos() const {
    return std::min(kMostNanos, rto_nanos_ << std::min(doublings_, 12));
  }
  int64_t BaseNanos() const { return rto_nanos_; }

 private:
  void Measured(int64_t rtt) {
    if (srtt_nanos_ == 0) {
      srtt_nanos_ = std::max<int64_t>(rtt, 1);
      rttvar_nanos_ = rtt / 2;
    } else {
      const int64_t error = rtt - srtt_nanos_;
      rttvar_nanos_ += ((error < 0 ? -error : error) - rttvar_nanos_) / 4;
      srtt_nanos_ += error / 8;
    }
    // Linux bounds the variance's share, not the sum, from below.
    rto_nanos_ = std::min(
        kMostNanos, srtt_nanos_ + std::max(kLeastNanos, 4 * rttvar_nanos_));
  }

  int64_t srtt_nanos_ = 0;
  int64_t rttvar_nanos_ = 0;
  int64_t rto_nanos_ = kInitialNanos;
  loop::Instant measured_at_;
  Sequence measured_end_ = 0;
  int32_t timeouts_ = 0;
  int32_t doublings_ = 0;
  bool measuring_ = false;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_RETRANSMISSION_H_
