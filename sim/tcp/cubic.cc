#include "sim/tcp/cubic.h"

#include <algorithm>

#include "sim/tcp/congestion.h"

namespace simloop::sim::tcp {
namespace {

// The window after a loss: beta = 717/1024 = 0.7 (section 4.6).
constexpr uint32_t kBeta = 717;
constexpr uint32_t kOne = 1024;
// C = 410/1024 = 0.4 segments a second cubed (section 4.1).
constexpr uint64_t kC = 410;
// alpha = 3 (1 - beta) / (1 + beta) (section 4.3): one segment more for so many
// eighths of the window.
constexpr uint32_t kRenoEighths = 8 * (kOne + kBeta) / 3 / (kOne - kBeta);
// The curve is computed again after 1/32 s, or with a new window.
constexpr int64_t kStaleNanos = 1'000'000'000 / 32;

constexpr uint32_t kHystartLeastWindow = 16;
constexpr uint32_t kHystartSamples = 8;
constexpr int64_t kMilli = 1'000'000;
// Acknowledgments less than this apart are one train.
constexpr int64_t kHystartGapNanos = 2 * kMilli;

uint64_t Time1024(int64_t nanos) {
  return static_cast<uint64_t>(nanos) / 1000 * kOne / 1'000'000;
}

CubicState& StateOf(Congestion& congestion) {
  if (congestion.cubic == nullptr) {
    congestion.cubic = std::make_unique<CubicState>();
  }
  return *congestion.cubic;
}

void BeginEpoch(CubicState& cubic, uint32_t window, uint32_t acked,
                loop::Instant now) {
  cubic.epoch = now;
  cubic.acked = acked;
  cubic.reno_window = window;
  if (cubic.last_most <= window) {
    cubic.climb = 0;
    cubic.origin = window;
    return;
  }
  // K = cbrt((W_max - cwnd) / C), in 1/1024 s.
  const uint64_t cube = (uint64_t{cubic.last_most - window} << 40) / kC;
  cubic.climb = CubeRoot(cube);
  cubic.origin = cubic.last_most;
}

// W(t) = C (t - K)^3 + W_max, a round trip from now.
uint32_t Target(const CubicState& cubic, loop::Instant now) {
  const uint64_t t =
      Time1024(now.nanos() - cubic.epoch.nanos() + cubic.least_nanos);
  const uint64_t off = t < cubic.climb ? cubic.climb - t : t - cubic.climb;
  // Beyond this the window is bounded by everything else.
  const uint64_t bounded = std::min<uint64_t>(off, 600 * kOne);
  const uint64_t delta = static_cast<uint64_t>(
      static_cast<unsigned __int128>(kC) * bounded * bounded * bounded >> 40);
  if (t < cubic.climb) {
    return delta < cubic.origin ? cubic.origin - static_cast<uint32_t>(delta)
                                : 0;
  }
  return cubic.origin + static_cast<uint32_t>(delta);
}

// bictcp_update(): how many acknowledged pieces earn one more.
void Update(CubicState& cubic, uint32_t window, uint32_t acked,
            loop::Instant now) {
  cubic.acked += acked;
  const bool fresh = !cubic.computed_at.infinite() &&
                     cubic.last_window == window &&
                     now.nanos() - cubic.computed_at.nanos() <= kStaleNanos;
  if (fresh) return;
  const bool same_instant = !cubic.epoch.infinite() && now == cubic.computed_at;
  if (!same_instant) {
    cubic.last_window = window;
    cubic.computed_at = now;
    if (cubic.epoch.infinite()) BeginEpoch(cubic, window, acked, now);
    const uint32_t target = Target(cubic, now);
    cubic.count = target > window ? window / (target - window) : 100 * window;
    // Without a loss to go by it does not stand still.
    if (cubic.last_most == 0) cubic.count = std::min<uint32_t>(cubic.count, 20);
  }
  const uint32_t step = std::max<uint32_t>(window * kRenoEighths >> 3, 1);
  while (cubic.acked > step) {
    cubic.acked -= step;
    ++cubic.reno_window;
  }
  if (cubic.reno_window > window) {
    cubic.count = std::min(cubic.count, window / (cubic.reno_window - window));
  }
  cubic.count = std::max<uint32_t>(cubic.count, 2);
}

// hystart_update(): a train of acknowledgments as long as half the least round
// trip, or round trips that grow, end slow start.
void Hystart(Congestion& congestion, CubicState& cubic,
             const Acknowledgment& acknowledgment) {
  const loop::Instant now = acknowledgment.now;
  if (!cubic.in_round || Before(cubic.round_end, acknowledgment.una)) {
    cubic.in_round = true;
    cubic.round_began = cubic.last_ack = now;
    cubic.round_end = acknowledgment.nxt;
    cubic.samples = 0;
    cubic.round_least_nanos = INT64_MAX;
  }
  if (now.nanos() - cubic.last_ack.nanos() <= kHystartGapNanos) {
    cubic.last_ack = now;
    const int64_t train = now.nanos() - cubic.round_began.nanos();
    const int64_t slack = std::min(kMilli, cubic.least_nanos);
    if (train > (cubic.least_nanos + slack) / 2) cubic.found = true;
  }
  cubic.round_least_nanos =
      std::min(cubic.round_least_nanos, acknowledgment.round_trip_nanos);
  if (cubic.samples < kHystartSamples) {
    ++cubic.samples;
  } else {
    const int64_t slack =
        std::clamp(cubic.least_nanos / 8, 4 * kMilli, 16 * kMilli);
    if (cubic.round_least_nanos > cubic.least_nanos + slack) {
      cubic.found = true;
    }
  }
  if (cubic.found) congestion.threshold = congestion.window;
}

class CubicControl final : public CongestionControl {
 public:
  explicit CubicControl(absl::string_view name) : name_(name) {}
  absl::string_view name() const override { return name_; }

  void Acked(Congestion& congestion,
             const Acknowledgment& acknowledgment) const override {
    uint32_t acked = acknowledgment.pieces;
    if (congestion.InSlowStart()) {
      acked = congestion.SlowStart(acked);
      if (acked == 0) return;
    }
    CubicState& cubic = StateOf(congestion);
    Update(cubic, congestion.window, acked, acknowledgment.now);
    congestion.Increase(cubic.count, acked);
  }

  void Measured(Congestion& congestion,
                const Acknowledgment& acknowledgment) const override {
    if (acknowledgment.round_trip_nanos < 0) return;
    // Below this HyStart looks at nothing, and the least round trip is learnt
    // soon enough: a connection that never sends much remembers nothing.
    if (congestion.cubic == nullptr &&
        congestion.window < kHystartLeastWindow) {
      return;
    }
    CubicState& cubic = StateOf(congestion);
    const int64_t round_trip =
        std::max<int64_t>(acknowledgment.round_trip_nanos, 1);
    // The rounds after a loss began with a full queue.
    const bool settled =
        cubic.epoch.infinite() ||
        acknowledgment.now.nanos() - cubic.epoch.nanos() >= 1'000 * kMilli;
    if (cubic.least_nanos == 0 || (settled && round_trip < cubic.least_nanos)) {
      cubic.least_nanos = round_trip;
    }
    if (!cubic.found && congestion.InSlowStart() &&
        congestion.window >= kHystartLeastWindow) {
      Hystart(congestion, cubic, acknowledgment);
    }
  }

  uint32_t Lost(Congestion& congestion) const override {
    CubicState& cubic = StateOf(congestion);
    const uint32_t window = congestion.window;
    cubic.epoch = loop::Instant::Infinite();
    // Fast convergence (section 4.7): somebody else came; leave room.
    cubic.last_most = window < cubic.last_most
                          ? window * (kOne + kBeta) / (2 * kOne)
                          : window;
    return std::max<uint32_t>(window * kBeta / kOne, 2);
  }

  void TimedOut(Congestion& congestion) const override {
    if (congestion.cubic != nullptr) *congestion.cubic = CubicState();
  }

  // The curve does not climb while nothing is sent.
  void Resumed(Congestion& congestion, int64_t idle_nanos,
               loop::Instant now) const override {
    if (congestion.cubic == nullptr || idle_nanos <= 0) return;
    CubicState& cubic = *congestion.cubic;
    if (cubic.epoch.infinite()) return;
    cubic.epoch = std::min(cubic.epoch.PlusNanos(idle_nanos), now);
  }

 private:
  const absl::string_view name_;
};

}  // namespace

uint32_t CubeRoot(uint64_t a) {
  // Bit by bit: 21 bits are the root of 63.
  uint64_t root = 0;
  for (int bit = 21; bit >= 0; --bit) {
    const uint64_t next = root | uint64_t{1} << bit;
    if (static_cast<unsigned __int128>(next) * next * next <= a) root = next;
  }
  return static_cast<uint32_t>(root);
}

const CongestionControl& Cubic() {
  static const CubicControl kCubic("cubic");
  return kCubic;
}

const CongestionControl& Bbr() {
  static const CubicControl kBbr("bbr");
  return kBbr;
}

}  // namespace simloop::sim::tcp
