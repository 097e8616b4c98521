// Reno: RFC 5681's slow start and congestion avoidance: a segment more each
// round trip, half at each loss.
#include "sim/tcp/congestion.h"

namespace simloop::sim::tcp {
namespace {

class RenoControl final : public CongestionControl {
 public:
  absl::string_view name() const override { return "reno"; }

  void Acked(Congestion& congestion,
             const Acknowledgment& acknowledgment) const override {
    uint32_t acked = acknowledgment.pieces;
    if (congestion.InSlowStart()) {
      acked = congestion.SlowStart(acked);
      if (acked == 0) return;
    }
    congestion.Increase(congestion.window, acked);
  }
  void Measured(Congestion&, const Acknowledgment&) const override {}
  uint32_t Lost(Congestion& congestion) const override {
    return std::max<uint32_t>(congestion.window / 2, 2);
  }
  void TimedOut(Congestion&) const override {}
  void Resumed(Congestion&, int64_t, loop::Instant) const override {}
};

}  // namespace

const CongestionControl& Reno() {
  static const RenoControl kReno;
  return kReno;
}

}  // namespace simloop::sim::tcp
