#include "sim/packet.h"

#include "sim/host.h"
#include "sim/impairment.h"

namespace simloop::sim {

void Packet::Fire() { to->Arrive(*this); }

std::string Packet::TimeName() const {
  if (link == nullptr) return name;
  return Impairment::NameOf(*this, to == &link->a() ? link->b() : link->a(), 0);
}

uint32_t Packet::HostIndex() const { return to->index(); }

const loop::Endpoint& Packet::from() const {
  if (protocol == Protocol::kTcp) return segment.from;
  return protocol == Protocol::kUdp ? datagram.from : icmp.from;
}

const loop::Endpoint& Packet::to_endpoint() const {
  if (protocol == Protocol::kTcp) return segment.to;
  return protocol == Protocol::kUdp ? datagram.to : icmp.to;
}

void Packet::CopyFrom(const Packet& other) {
  protocol = other.protocol;
  segment = other.segment;
  datagram = other.datagram;
  icmp = other.icmp;
  to = other.to;
  link = other.link;
  again = other.again;
  corrupted = other.corrupted;
  ttl = other.ttl;
  hops = other.hops;
  spacing_nanos = other.spacing_nanos;
  first_piece = other.first_piece;
  number = other.number;
  record = other.record;
  seq_base = other.seq_base;
  ack_base = other.ack_base;
  name = other.name;
}

Packet& PacketPool::New() {
  Packet& packet = NewPart();
  packet.number = ++last_number_;
  packet.record = 0;
  packet.to = nullptr;
  packet.link = nullptr;
  packet.again = false;
  packet.corrupted = false;
  packet.hops = 0;
  packet.spacing_nanos = 0;
  packet.first_piece = 0;
  packet.protocol = Protocol::kTcp;
  return packet;
}

Packet& PacketPool::NewPart() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Packet>());
    free_.push_back(all_.back().get());
  }
  Packet& packet = *free_.back();
  free_.pop_back();
  return packet;
}

void PacketPool::Release(Packet& packet) {
  switch (packet.protocol) {
    case Protocol::kTcp:
      packet.segment.payload = Slice();
      break;
    case Protocol::kUdp:
      packet.datagram.payload = Slice();
      break;
    default:
      packet.icmp.quoted = Slice();
      packet.icmp.sequence = packet.icmp.mtu = 0;
  }
  if (!packet.name.empty()) packet.name.clear();
  free_.push_back(&packet);
}

}  // namespace simloop::sim
