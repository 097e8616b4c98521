// Retransmission: the retransmission time-out of RFC 6298 as Linux has it
// (tcp(7), include/net/tcp.h, tcp_rtt_estimator()): 1 s before the first
// measurement, then the round trip and 200 ms to 120 s more, by the worst
// variance of a round trip; doubled at each time-out.
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

  // A round trip was measured, of something that was sent once (Karn's
  // algorithm, RFC 6298 section 3) or told by time stamps (RFC 7323). `una` and
  // `nxt` are what is acknowledged by now and what was sent.
  void Measured(int64_t rtt_nanos, loop::Instant now, Sequence una,
                Sequence nxt) {
    doublings_ = 0;
    // The least of the last five minutes (net.ipv4.tcp_min_rtt_wlen).
    const auto second = static_cast<uint16_t>(now.nanos() / kSecond);
    if (least_nanos_ == 0 || rtt_nanos <= least_nanos_ ||
        static_cast<uint16_t>(second - least_second_) > kLeastSeconds) {
      least_nanos_ = std::max<int64_t>(rtt_nanos, 1);
      least_second_ = second;
    }
    Estimate(rtt_nanos, una, nxt);
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
    // The variance's share, not the sum, is bounded from below.
    return std::min(kMostNanos, srtt_nanos_ + (int64_t{variance_} << kShift));
  }
  bool operator==(const Retransmission&) const = default;
  // Counts sequence numbers and time from another start; nothing if nothing was
  // measured.
  void Rebase(Sequence own, int64_t seconds) {
    if (srtt_nanos_ == 0) return;
    flight_end_ += own;
    least_second_ = static_cast<uint16_t>(least_second_ + seconds);
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
  static constexpr int64_t kSecond = 1'000'000'000;
  static constexpr uint16_t kLeastSeconds = 300;
  static constexpr uint8_t kMostCounted = UINT8_MAX;
  // What is below is counted in 64 ns: 200 ms are a whole number of them.
  static constexpr int kShift = 6;
  static constexpr uint32_t kLeastVariance = kLeastNanos >> kShift;

  static uint32_t Counted(int64_t nanos) {
    return static_cast<uint32_t>(std::min<int64_t>(nanos >> kShift, INT32_MAX));
  }

  // The deviation is four times RFC 6298's RTTVAR. It falls slowly when round
  // trips become shorter, and what counts is its worst value of a flight, less
  // a quarter of the difference for each flight that was better.
  void Estimate(int64_t rtt, Sequence una, Sequence nxt) {
    if (srtt_nanos_ == 0) {
      srtt_nanos_ = std::max<int64_t>(rtt, 1);
      deviation_ = Counted(2 * rtt);
      worst_ = variance_ = std::max(deviation_, kLeastVariance);
      flight_end_ = nxt;
      return;
    }
    const int64_t error = rtt - srtt_nanos_;
    srtt_nanos_ += error / 8;
    int64_t change = Counted(error < 0 ? -error : error);
    change -= deviation_ / 4;
    if (error < 0 && change > 0) change /= 8;
    deviation_ = static_cast<uint32_t>(deviation_ + change);
    worst_ = std::max(worst_, deviation_);
    variance_ = std::max(variance_, worst_);
    if (Before(flight_end_, una)) {
      variance_ -= (variance_ - worst_) / 4;
      worst_ = kLeastVariance;
      flight_end_ = nxt;
    }
  }

  int64_t srtt_nanos_ = 0;
  int64_t least_nanos_ = 0;
  uint32_t deviation_ = 0;
  uint32_t worst_ = 0;  // of this flight
  uint32_t variance_ = 0;
  Sequence flight_end_ = 0;
  uint16_t least_second_ = 0;
  uint8_t timeouts_ = 0;
  uint8_t doublings_ = 0;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_RETRANSMISSION_H_
