#include "sim/host.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "sim/agenda.h"
#include "sim/link.h"
#include "sim/packet_record.h"
#include "sim/router.h"
#include "sim/world.h"

namespace simloop::sim {

Host::Host(World& world, const HostOptions& options, uint32_t index)
    : world_(world),
      index_(index),
      has_ip6_(options.address6.has_value()),
      ip_(options.address),
      ip6_(options.address6.value_or(loop::Ip())),
      routes_(*this),
      options_(options),
      clock_(world),
      loopback_lane_(world.NewLane()),
      loopback_jitter_nanos_(absl::ToInt64Nanoseconds(options.loopback_jitter)),
      tcp_(*this),
      udp_(*this) {
  if (options.forwards) router_ = std::make_unique<Router>(*this);
}

Host::~Host() = default;

Channel* Host::ChannelTo(loop::Ip address) const {
  if (address == last_to_ && last_topology_ == world_.topology()) {
    return last_channel_;
  }
  const Host* other = world_.Find(address);
  last_to_ = address;
  last_topology_ = world_.topology();
  last_channel_ =
      other == nullptr || other == this ? nullptr : routes_.To(*other);
  return last_channel_;
}

Channel& Host::AddChannel(Link& link, Host& to, const LinkOptions& options) {
  return channels_.Add(link, to, world_.NewLane(), options);
}

uint32_t Host::MtuTo(loop::Ip address) const {
  constexpr uint32_t kLoopbackMtu = 65536;
  if (IsLocal(address)) return kLoopbackMtu;
  const Channel* channel = ChannelTo(address);
  const uint32_t mtu =
      channel == nullptr ? LinkOptions::kEthernetMtu : channel->mtu();
  return path_mtu_.Bound(address, mtu, world_.Now());
}

bool Host::Routes(loop::Ip address) const {
  return IsLocal(address) || ChannelTo(address) != nullptr;
}

loop::Ip Host::SourceFor(loop::Ip destination) const {
  if (destination.is_v4()) {
    if (destination.is_loopback()) return loop::Ipv4::Loopback();
    return options_.address;
  }
  if (destination.is_loopback()) return loop::Ip::Loopback6();
  return options_.address6.value_or(loop::Ip::Loopback6());
}

void Host::Forget() {
  tcp_.Forget();
  for (Packet* packet : loopback_) world_.packets().Release(*packet);
  loopback_.clear();
  for (const Held& held : held_) world_.packets().Release(*held.packet);
  held_.clear();
  frozen_ = false;
}

void Host::Thaw() {
  frozen_ = false;
  std::vector<Held> held;
  held.swap(held_);
  for (const Held& entry : held) {
    if (entry.outgoing) {
      Transmit(*entry.packet);
    } else {
      Receive(*entry.packet);
    }
  }
  RunSoftirq();
}

void Host::Withhold(Packet& packet, bool outgoing) {
  if (frozen_) {
    held_.push_back({&packet, outgoing});
  } else if (outgoing) {
    // It never was: a crash says nothing.
    world_.packets().Release(packet);
  } else {
    Drop(packet, "host down");
  }
}

void Host::Transmit(Packet& packet) {
  if (down_ || frozen_) {
    Withhold(packet, /*outgoing=*/true);
    return;
  }
  trace::Recorder* recorder = world_.recorder();
  packet.ttl = packet.protocol() == Protocol::kUdp
                   ? packet.datagram.ttl
                   : static_cast<uint8_t>(options_.default_ttl);
  const loop::Ip to = packet.to_endpoint().ip;
  Channel* const channel = ChannelTo(to);
  if (recorder != nullptr) {
    ReportSent(*recorder, packet, *this,
               channel == nullptr ? nullptr : &channel->link());
  }
  // No way of its own leads to what it keeps to itself.
  if (channel != nullptr) {
    channel->Send(*this, packet);
  } else if (KeepsToItself(to)) {
    TransmitLoopback(packet);
  } else {
    Drop(packet, "no route");
  }
}

void Host::Drop(Packet& packet, absl::string_view reason) {
  trace::Recorder* recorder = world_.recorder();
  if (recorder != nullptr) {
    ReportPacket(*recorder, packet, trace::Packet::Step::kDropped, reason);
  }
  world_.packets().Release(packet);
}

void Host::SendError(const Packet& about, Icmp::Code code, uint32_t mtu) {
  const loop::Endpoint& to = about.from();
  const loop::Endpoint& destination = about.to_endpoint();
  if (about.protocol() == Protocol::kIcmp || destination.ip.is_multicast() ||
      (!to.ip.is_v4() && !options_.address6.has_value())) {
    return;
  }
  Packet& packet = world_.packets().New(Protocol::kIcmp);
  Icmp& icmp = packet.icmp;
  icmp.from = {HasAddress(to.ip) ? to.ip : SourceFor(to.ip), 0};
  icmp.to = {to.ip, 0};
  icmp.code = code;
  icmp.protocol = about.protocol();
  icmp.about_from = to;
  icmp.about_to = destination;
  icmp.mtu = mtu;
  icmp.sequence = 0;
  if (about.protocol() == Protocol::kTcp) {
    icmp.sequence = about.segment.seq;
  } else {
    const udp::DatagramPayload& payload = about.datagram.payload;
    icmp.quoted = payload.Part(
        0, std::min(payload.size(),
                    to.ip.is_v4() ? Icmp::kQuotedBytes : Icmp::kQuotedBytes6));
  }
  // It had left a NAT's inside; who sent it is to be told.
  if (router_ != nullptr && router_->nat() != nullptr && HasAddress(to.ip)) {
    static_cast<void>(router_->nat()->TranslateIn(&packet));
  }
  ++errors_sent_;
  if (!world_.calm()) {
    packet.name = absl::StrCat(name(), ".icmp/error#", errors_sent_);
  }
  Transmit(packet);
}

void Host::TransmitLoopback(Packet& packet) {
  packet.to = this;
  if (loopback_jitter_nanos_ > 0 && world_.agenda() != nullptr) {
    TransmitLoosely(packet);
    return;
  }
  int64_t delay = 0;
  if (loopback_jitter_nanos_ > 0) {
    const uint32_t step = world_.Pick(ChoiceKind::kDelay, Link::kDelaySteps,
                                      [&] { return packet.name; });
    delay = loopback_jitter_nanos_ / (Link::kDelaySteps - 1) * step;
  }
  const loop::Instant now = world_.Now();
  const loop::Instant at =
      std::max(now.PlusNanos(delay), loopback_last_arrival_);
  loopback_last_arrival_ = at;
  // What is under way is not overtaken, not even at the instant it arrives.
  if (at == now && loopback_under_way_ == 0) {
    loopback_.push_back(&packet);
  } else {
    ++loopback_under_way_;
    world_.queue().Schedule(packet, at, loopback_lane_);
  }
}

// Whether it is there when the call returns is asked at once; if not, it is an
// event, and when it arrives is asked as of any.
void Host::TransmitLoosely(Packet& packet) {
  if (loopback_under_way_ == 0 &&
      world_.Pick(ChoiceKind::kDelay, 2, [&] { return packet.name; }) == 0) {
    loopback_.push_back(&packet);
    return;
  }
  ++loopback_under_way_;
  const loop::Instant now = world_.Now();
  loopback_last_arrival_ = std::max(now, loopback_last_arrival_);
  world_.agenda()->Schedule(
      packet, {now, now.PlusNanos(loopback_jitter_nanos_)},
      loopback_last_arrival_, ChoiceKind::kDelay, loopback_lane_);
}

void Host::DeliverLoopback() {
  in_softirq_ = true;
  while (!loopback_.empty()) {
    Packet* packet = loopback_.front();
    loopback_.pop_front();
    Receive(*packet);
  }
  in_softirq_ = false;
}

void Host::Arrive(Packet& packet) {
  if (packet.link == nullptr) {
    --loopback_under_way_;
  }
  if (down_ || frozen_) {
    Withhold(packet, /*outgoing=*/false);
    return;
  }
  if (packet.link == nullptr) {
    Receive(packet);
    return;
  }
  if (packet.corrupted) {
    Drop(packet, "corrupted");
    return;
  }
  if (router_ != nullptr && router_->Take(packet)) {
    RunSoftirq();
    return;
  }
  Receive(packet);
}

void Host::Receive(Packet& packet) {
  trace::Recorder* recorder = world_.recorder();
  trace::RecordId cause = 0;
  if (recorder != nullptr) {
    ReportPacket(*recorder, packet, trace::Packet::Step::kDelivered, "");
    cause = recorder->last();
  }
  {
    const trace::CauseScope scope(recorder, cause);
    switch (packet.protocol()) {
      case Protocol::kTcp:
        tcp_.Receive(packet.segment);
        break;
      case Protocol::kUdp:
        udp_.Receive(packet.datagram);
        break;
      case Protocol::kIcmp:
        if (packet.icmp.protocol == Protocol::kUdp) {
          LearnMtu(packet.icmp);
          udp_.ReceiveError(packet.icmp);
        } else if (packet.icmp.protocol == Protocol::kTcp) {
          tcp_.ReceiveError(packet.icmp);
        }
        break;
    }
  }
  world_.packets().Release(packet);
  RunSoftirq();
}

void Host::LearnMtu(const Icmp& icmp) {
  if (icmp.code != Icmp::Code::kFragmentationNeeded) return;
  path_mtu_.Learn(icmp.about_to.ip, icmp.mtu, world_.Now());
}

}  // namespace simloop::sim
