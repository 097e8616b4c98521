#include "sim/channel.h"

#include <algorithm>

#include "loop/check.h"
#include "sim/agenda.h"
#include "sim/delay.h"
#include "sim/host.h"
#include "sim/impairment.h"
#include "sim/train.h"
#include "sim/world.h"

namespace simloop::sim {

Channel::Channel(Link& link, Host& to, uint32_t lane,
                 const LinkOptions& options)
    : link_(link), to_(to), queue_(options), lane_(lane) {
  Change(options);
}

Channel::~Channel() = default;

void Channel::Change(const LinkOptions& options) {
  latency_nanos_ = absl::ToInt64Nanoseconds(options.latency);
  jitter_nanos_ = absl::ToInt64Nanoseconds(options.jitter);
  mtu_ = options.mtu;
  SIMLOOP_CHECK(latency_nanos_ >= 0 && jitter_nanos_ >= 0,
                "packets do not arrive before they are sent");
  plain_ = options.plain();
  steady_ = options.steady();
  if (plain_) {
    impairment_.reset();
    queue_ = RateQueue(options);
  } else {
    queue_.Change(options);
    if (impairment_ != nullptr) {
      impairment_->Change(options);
    } else if (!steady_) {
      impairment_ = std::make_unique<Impairment>(*this, options);
    }
  }
  Classify();
}

void Channel::SetState(State state) {
  state_ = state;
  Classify();
  if (state != State::kDown) return;
  queue_.Clear();
  last_arrival_ = loop::Instant();
}

void Channel::Classify() {
  if (state_ != State::kUp) {
    kind_ = Kind::kOther;
  } else if (plain_) {
    kind_ = jitter_nanos_ > 0 ? Kind::kJittery : Kind::kDelay;
  } else {
    kind_ = steady_ ? Kind::kSteady : Kind::kOther;
  }
}

Impairment& Channel::impairment() {
  if (impairment_ == nullptr) {
    LinkOptions options;
    options.latency = absl::Nanoseconds(latency_nanos_);
    options.mtu = mtu_;
    impairment_ = std::make_unique<Impairment>(*this, options);
  }
  return *impairment_;
}

void Channel::Send(Host& from, Packet& packet) {
  packet.to = &to_;
  packet.link = &link_;
  switch (kind_) {
    case Kind::kDelay: {
      World& world = from.world();
      Schedule(world, packet, world.Now().PlusNanos(latency_nanos_));
      return;
    }
    case Kind::kSteady:
      if (const uint32_t bytes = Train::OnlyPieceBytes(packet, mtu_);
          bytes > 0) {
        SendSteadily(from, packet, bytes);
        return;
      }
      break;
    case Kind::kJittery:
      SendJittery(from, packet);
      return;
    case Kind::kOther:
      break;
  }
  if (state_ != State::kUp) {
    Refuse(from, packet);
  } else {
    impairment().Send(from, packet);
  }
}

// A line does not overtake itself.
void Channel::Schedule(World& world, Packet& packet, loop::Instant at) {
  last_arrival_ = std::max(at, last_arrival_);
  world.queue().Schedule(packet, last_arrival_, lane_, &home_);
}

void Channel::ScheduleLoosely(World& world, Packet& packet,
                              loop::Instant earliest, loop::Instant latest,
                              loop::Instant calm) {
  last_arrival_ = std::max(calm, last_arrival_);
  world.agenda()->Schedule(packet, {earliest, latest}, last_arrival_,
                           ChoiceKind::kDelay, lane_);
}

void Channel::SendSteadily(Host& from, Packet& packet, uint32_t wire_bytes) {
  World& world = from.world();
  const int64_t leaves = queue_.Admit(world.Now().nanos(), wire_bytes);
  packet.spacing_nanos = 0;
  if (leaves == RateQueue::kDropped) {
    from.Drop(packet, "queue full");
    return;
  }
  Schedule(world, packet, loop::Instant::FromNanos(leaves + latency_nanos_));
}

void Channel::SendJittery(Host& from, Packet& packet) {
  World& world = from.world();
  const loop::Instant earliest = world.Now().PlusNanos(latency_nanos_);
  if (world.agenda() != nullptr) {
    ScheduleLoosely(world, packet, earliest, earliest.PlusNanos(jitter_nanos_),
                    earliest);
    return;
  }
  constexpr uint32_t kSteps = Delay::kJitterSteps;
  const uint32_t step = world.Pick(ChoiceKind::kDelay, kSteps, [&] {
    return Impairment::NameOf(packet, from, 0);
  });
  Schedule(world, packet,
           earliest.PlusNanos(jitter_nanos_ / (kSteps - 1) * step));
}

void Channel::Refuse(Host& from, Packet& packet) {
  if (state_ == State::kDown) {
    from.Drop(packet, "link down");
    return;
  }
  Icmp::Code code = Icmp::Code::kHostUnreachable;
  if (state_ == State::kNetUnreachable) code = Icmp::Code::kNetUnreachable;
  if (state_ == State::kProhibited) code = Icmp::Code::kProhibited;
  if (state_ != State::kBlackHole) from.SendError(packet, code, 0);
  from.Drop(packet, "partitioned");
}

}  // namespace simloop::sim
