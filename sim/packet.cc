#include "sim/packet.h"

#include <memory>
#include <new>

#include "sim/host.h"
#include "sim/impairment.h"
#include "sim/link.h"

namespace simloop::sim {

void Packet::Fire() { to->Arrive(*this); }

std::string Packet::TimeName() const {
  if (link == nullptr) return name;
  return Impairment::NameOf(*this, to == &link->a() ? link->b() : link->a(), 0);
}

uint32_t Packet::HostIndex() const { return to->index(); }

const loop::Endpoint& Packet::from() const {
  if (protocol_ == Protocol::kTcp) return segment.from;
  return protocol_ == Protocol::kUdp ? datagram.from : icmp.from;
}

const loop::Endpoint& Packet::to_endpoint() const {
  if (protocol_ == Protocol::kTcp) return segment.to;
  return protocol_ == Protocol::kUdp ? datagram.to : icmp.to;
}

void Packet::CopyFrom(const Packet& other) {
  Carry(other.protocol_);
  switch (protocol_) {
    case Protocol::kTcp:
      segment = other.segment;
      break;
    case Protocol::kUdp:
      datagram = other.datagram;
      break;
    case Protocol::kIcmp:
      icmp = other.icmp;
      break;
  }
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

void Packet::Blank() {
  switch (protocol_) {
    case Protocol::kTcp:
      segment.payload = Slice();
      break;
    case Protocol::kUdp:
      datagram.payload.Clear();
      break;
    case Protocol::kIcmp:
      icmp.quoted = Slice();
      icmp.sequence = icmp.mtu = 0;
      break;
  }
  if (!name.empty()) name.clear();
}

void Packet::DropBody() {
  switch (protocol_) {
    case Protocol::kTcp:
      std::destroy_at(&segment);
      break;
    case Protocol::kUdp:
      std::destroy_at(&datagram);
      break;
    case Protocol::kIcmp:
      std::destroy_at(&icmp);
      break;
  }
}

void Packet::ChangeBody(Protocol protocol) {
  DropBody();
  protocol_ = protocol;
  switch (protocol) {
    case Protocol::kTcp:
      new (&segment) tcp::Segment();
      break;
    case Protocol::kUdp:
      new (&datagram) udp::Datagram();
      break;
    case Protocol::kIcmp:
      new (&icmp) Icmp();
      break;
  }
}

}  // namespace simloop::sim
