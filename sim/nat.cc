#include "sim/nat.h"

#include <algorithm>

#include "loop/check.h"
#include "sim/host.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

// The ports that a mapping takes if it cannot keep its own (RFC 4787 section
// 4.2.2: not a well-known one).
constexpr uint16_t kFirstPort = 1024;

loop::Endpoint& SourceOf(Packet* packet) {
  return packet->protocol() == Protocol::kTcp ? packet->segment.from
                                              : packet->datagram.from;
}

loop::Endpoint& DestinationOf(Packet* packet) {
  return packet->protocol() == Protocol::kTcp ? packet->segment.to
                                              : packet->datagram.to;
}

}  // namespace

bool Nat::Inside(const Link* link) const {
  return std::find(inside_.begin(), inside_.end(), link) != inside_.end();
}

Nat::Mapping* Nat::FindOut(Protocol protocol, const loop::Endpoint& inside,
                           const loop::Endpoint& remote) {
  const auto found = by_inside_.find({protocol, inside, remote});
  if (found == by_inside_.end()) return nullptr;
  if (found->second.expires > router_.world().Now()) return &found->second;
  by_outside_.erase({protocol, found->second.outside, remote});
  by_inside_.erase(found);
  return nullptr;
}

Nat::Mapping* Nat::FindIn(Protocol protocol, const loop::Endpoint& outside,
                          const loop::Endpoint& remote) {
  const auto found = by_outside_.find({protocol, outside, remote});
  if (found == by_outside_.end()) return nullptr;
  return FindOut(protocol, loop::Endpoint(found->second), remote);
}

Nat::Mapping* Nat::Make(Protocol protocol, const loop::Endpoint& inside,
                        const loop::Endpoint& remote) {
  loop::Endpoint outside{router_.SourceFor(remote.ip), inside.port};
  constexpr int kPorts = 65536 - kFirstPort;
  for (int tried = 0; FindIn(protocol, outside, remote) != nullptr; ++tried) {
    if (tried == kPorts) return nullptr;
    outside.port = static_cast<uint16_t>(kFirstPort + tried);
  }
  by_outside_[{protocol, outside, remote}] = inside;
  Mapping& mapping = by_inside_[{protocol, inside, remote}];
  mapping = Mapping();
  mapping.inside = inside;
  mapping.outside = outside;
  mapping.remote = remote;
  return &mapping;
}

void Nat::Use(Protocol protocol, const Packet& packet, bool out,
              Mapping* mapping) {
  absl::Duration life = options_.udp;
  if (protocol == Protocol::kTcp) {
    const tcp::Segment& segment = packet.segment;
    if (!out) mapping->answered = true;
    if (out && mapping->answered && segment.has(tcp::kAck)) {
      mapping->established = true;
    }
    if (segment.has(tcp::kFin))
      (out ? mapping->fin_out : mapping->fin_in) = true;
    if (segment.has(tcp::kRst)) mapping->reset = true;
    const bool closing =
        mapping->reset || (mapping->fin_out && mapping->fin_in);
    life = mapping->established && !closing ? options_.tcp_established
                                            : options_.tcp_transitory;
  }
  mapping->expires = router_.world().Now() + life;
}

Nat::Verdict Nat::TranslateOut(Packet* packet) {
  if (packet->protocol() == Protocol::kIcmp) return ErrorOut(packet);
  loop::Endpoint& source = SourceOf(packet);
  const loop::Endpoint remote = packet->to_endpoint();
  Mapping* mapping = FindOut(packet->protocol(), source, remote);
  const bool opens =
      packet->protocol() == Protocol::kUdp ||
      (packet->segment.has(tcp::kSyn) && !packet->segment.has(tcp::kAck));
  if (mapping == nullptr) {
    if (!opens) return Unmapped();
    mapping = Make(packet->protocol(), source, remote);
    if (mapping == nullptr) return Verdict::kDrop;
  } else if (opens &&
             (mapping->reset || (mapping->fin_in && mapping->fin_out))) {
    // A new connection under the numbers of an old one.
    mapping->answered = mapping->established = false;
    mapping->reset = mapping->fin_in = mapping->fin_out = false;
  }
  Use(packet->protocol(), *packet, /*out=*/true, mapping);
  source = mapping->outside;
  return Verdict::kPass;
}

Nat::Verdict Nat::TranslateIn(Packet* packet) {
  if (packet->protocol() == Protocol::kIcmp) return ErrorIn(packet);
  const loop::Endpoint remote = packet->from();
  loop::Endpoint& destination = DestinationOf(packet);
  Mapping* mapping = FindIn(packet->protocol(), destination, remote);
  if (mapping == nullptr) return Unmapped();
  Use(packet->protocol(), *packet, /*out=*/false, mapping);
  destination = mapping->inside;
  return Verdict::kPass;
}

// An error is not traffic: it keeps no mapping alive (RFC 5508 section 3.2).
Nat::Verdict Nat::ErrorIn(Packet* packet) {
  Icmp& icmp = packet->icmp;
  const Mapping* mapping =
      FindIn(icmp.protocol, icmp.about_from, icmp.about_to);
  if (mapping == nullptr) return Verdict::kPass;  // about the router's own
  icmp.about_from = mapping->inside;
  icmp.to.ip = mapping->inside.ip;
  return Verdict::kPass;
}

Nat::Verdict Nat::ErrorOut(Packet* packet) {
  Icmp& icmp = packet->icmp;
  const Mapping* mapping =
      FindOut(icmp.protocol, icmp.about_to, icmp.about_from);
  if (mapping == nullptr) return Verdict::kDrop;
  icmp.about_to = mapping->outside;
  icmp.from.ip = mapping->outside.ip;
  return Verdict::kPass;
}

size_t Nat::mappings() const {
  const loop::Instant now = router_.world().Now();
  return static_cast<size_t>(std::count_if(
      by_inside_.begin(), by_inside_.end(),
      [now](const auto& entry) { return entry.second.expires > now; }));
}

}  // namespace simloop::sim
