#include "sim/packet.h"

#include "sim/host.h"

namespace simloop::sim {

void Packet::Fire() { to->Arrive(*this); }

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
  return packet;
}

void PacketPool::Release(Packet& packet) {
  packet.segment.payload = Slice();
  packet.name.clear();
  free_.push_back(&packet);
}

}  // namespace simloop::sim
