#include "sim/packet.h"

#include "sim/host.h"

namespace simloop::sim {

void Packet::Fire() { to->Arrive(*this); }

const loop::Endpoint& Packet::from() const {
  if (protocol == Protocol::kTcp) return segment.from;
  return protocol == Protocol::kUdp ? datagram.from : icmp.from;
}

const loop::Endpoint& Packet::to_endpoint() const {
  if (protocol == Protocol::kTcp) return segment.to;
  return protocol == Protocol::kUdp ? datagram.to : icmp.to;
}

Packet& PacketPool::New() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Packet>());
    free_.push_back(all_.back().get());
  }
  Packet& packet = *free_.back();
  free_.pop_back();
  packet.number = ++last_number_;
  packet.record = 0;
  packet.to = nullptr;
  packet.again = false;
  packet.protocol = Protocol::kTcp;
  return packet;
}

void PacketPool::Release(Packet& packet) {
  packet.segment.payload = Slice();
  packet.datagram.payload = Slice();
  packet.icmp.quoted = Slice();
  packet.name.clear();
  free_.push_back(&packet);
}

}  // namespace simloop::sim
