#include "sim/tcp/congestion.h"

#include "sim/tcp/cubic.h"

namespace simloop::sim::tcp {

Congestion::Congestion() = default;
Congestion::Congestion(Congestion&&) = default;
Congestion& Congestion::operator=(Congestion&&) = default;
Congestion::~Congestion() = default;

uint32_t Congestion::SlowStart(uint32_t acked) {
  const uint32_t before = window;
  window = std::min(window + acked, threshold);
  return acked - (window - before);
}

void Congestion::Increase(uint32_t count, uint32_t acked) {
  // What was counted by a slower rule makes no burst by a faster one.
  if (counted >= count) {
    counted = 0;
    ++window;
  }
  counted += acked;
  if (counted >= count) {
    const uint32_t more = counted / count;
    counted -= more * count;
    window += more;
  }
}

const CongestionControl* FindCongestionControl(absl::string_view name) {
  for (const CongestionControl* control : {&Reno(), &Cubic(), &Bbr()}) {
    if (control->name() == name) return control;
  }
  return nullptr;
}

}  // namespace simloop::sim::tcp
