#include "sim/link.h"

#include <algorithm>

#include "loop/check.h"
#include "sim/agenda.h"
#include "sim/host.h"
#include "sim/impairment.h"
#include "sim/world.h"

namespace simloop::sim {

Link::Channel::Channel() = default;
Link::Channel::~Channel() = default;

Link::Link(World& world, Host& a, Host& b, const LinkOptions& to_b,
           const LinkOptions& to_a, uint32_t number)
    : world_(world), a_(a), b_(b), number_(number) {
  to_a_.lane = world.NewLane();
  to_b_.lane = world.NewLane();
  Apply(to_b_, to_b);
  Apply(to_a_, to_a);
}

Link::~Link() = default;

void Link::Apply(Channel& channel, const LinkOptions& options) {
  channel.latency_nanos = absl::ToInt64Nanoseconds(options.latency);
  channel.jitter_nanos = absl::ToInt64Nanoseconds(options.jitter);
  channel.mtu = options.mtu;
  SIMLOOP_CHECK(channel.latency_nanos >= 0 && channel.jitter_nanos >= 0,
                "packets do not arrive before they are sent");
  if (options.plain()) {
    channel.impairment.reset();
  } else if (channel.impairment == nullptr) {
    channel.impairment = std::make_unique<Impairment>(*this, options);
  } else {
    channel.impairment->Change(options);
  }
  channel.simple = channel.impairment == nullptr && channel.state == State::kUp;
}

void Link::Change(Way way, const LinkOptions& options) {
  Apply(way == Way::kToB ? to_b_ : to_a_, options);
}

void Link::SetState(Way way, State state) {
  Channel& channel = way == Way::kToB ? to_b_ : to_a_;
  channel.state = state;
  channel.simple = channel.impairment == nullptr && state == State::kUp;
  if (state != State::kDown) return;
  LoseWhatIsUnderWay(way == Way::kToB ? b_ : a_);
  if (channel.impairment != nullptr) channel.impairment->ClearQueue();
  channel.last_arrival = loop::Instant();
}

void Link::LoseWhatIsUnderWay(const Host& to) {
  // By index: the pool may grow while an error is sent about one of them.
  for (size_t i = 0; i < world_.packets().all().size(); ++i) {
    Packet& packet = *world_.packets().all()[i];
    if (packet.link != this || packet.to != &to || !packet.scheduled()) {
      continue;
    }
    world_.queue().Cancel(packet);
    packet.to->Drop(packet, "link down");
  }
}

void Link::Refuse(Host& from, Packet& packet, State state) {
  if (state == State::kDown) {
    from.Drop(packet, "link down");
    return;
  }
  Icmp::Code code = Icmp::Code::kHostUnreachable;
  if (state == State::kNetUnreachable) code = Icmp::Code::kNetUnreachable;
  if (state == State::kProhibited) code = Icmp::Code::kProhibited;
  if (state != State::kBlackHole) from.SendError(packet, code, 0);
  from.Drop(packet, "partitioned");
}

void Link::SendLoosely(Channel& channel, Packet& packet, loop::Instant earliest,
                       loop::Instant latest, loop::Instant calm) {
  channel.last_arrival = std::max(calm, channel.last_arrival);
  world_.agenda()->Schedule(packet, {earliest, latest}, channel.last_arrival,
                            ChoiceKind::kDelay, channel.lane);
}

void Link::Send(Host& from, Packet& packet) {
  const bool towards_b = &from == &a_;
  packet.to = towards_b ? &b_ : &a_;
  packet.link = this;
  Channel& channel = towards_b ? to_b_ : to_a_;
  if (!channel.simple) {
    if (channel.state != State::kUp) {
      Refuse(from, packet, channel.state);
    } else {
      channel.impairment->Send(channel, from, packet);
    }
    return;
  }
  int64_t delay = channel.latency_nanos;
  if (channel.jitter_nanos > 0) {
    if (world_.agenda() != nullptr) {
      const loop::Instant earliest = world_.Now().PlusNanos(delay);
      SendLoosely(channel, packet, earliest,
                  earliest.PlusNanos(channel.jitter_nanos), earliest);
      return;
    }
    const uint32_t step = world_.Pick(ChoiceKind::kDelay, kDelaySteps, [&] {
      return Impairment::NameOf(packet, from, 0);
    });
    delay += channel.jitter_nanos / (kDelaySteps - 1) * step;
  }
  // A line does not overtake itself.
  const loop::Instant at =
      std::max(world_.Now().PlusNanos(delay), channel.last_arrival);
  channel.last_arrival = at;
  world_.queue().Schedule(packet, at, channel.lane);
}

}  // namespace simloop::sim
