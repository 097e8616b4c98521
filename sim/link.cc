#include "sim/link.h"

#include <algorithm>

#include "loop/check.h"
#include "sim/host.h"
#include "sim/world.h"

namespace simloop::sim {

Link::Link(World& world, Host& a, Host& b, const LinkOptions& options)
    : world_(world),
      a_(a),
      b_(b),
      latency_nanos_(absl::ToInt64Nanoseconds(options.latency)),
      jitter_nanos_(absl::ToInt64Nanoseconds(options.jitter)),
      to_a_{world.NewLane(), {}},
      to_b_{world.NewLane(), {}} {
  SIMLOOP_CHECK(latency_nanos_ >= 0 && jitter_nanos_ >= 0,
                "packets do not arrive before they are sent");
}

void Link::Send(const Host& from, Packet& packet) {
  const bool towards_b = &from == &a_;
  packet.to = towards_b ? &b_ : &a_;
  Direction& direction = towards_b ? to_b_ : to_a_;
  int64_t delay = latency_nanos_;
  if (jitter_nanos_ > 0) {
    const uint32_t step = world_.Pick(ChoiceKind::kDelay, kDelaySteps,
                                      [&] { return packet.name; });
    delay += jitter_nanos_ / (kDelaySteps - 1) * step;
  }
  // A line does not overtake itself.
  const loop::Instant at =
      std::max(world_.Now().PlusNanos(delay), direction.last_arrival);
  direction.last_arrival = at;
  world_.queue().Schedule(packet, at, direction.lane);
}

}  // namespace simloop::sim
