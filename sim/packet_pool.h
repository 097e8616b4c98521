// PacketPool: the packets of a world. Spent ones are kept for the next, and
// all stand in the order in which they were made.
#ifndef SIM_PACKET_POOL_H_
#define SIM_PACKET_POOL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/packet.h"
#include "sim/prefetch.h"
#include "sim/slab.h"

namespace simloop::sim {

class PacketPool final {
 public:
  // A packet that carries a segment, datagram or error as its last user left
  // it, but for what that had by reference. It goes back with Release(), or
  // with the pool.
  Packet& New(Protocol protocol = Protocol::kTcp) {
    Packet& packet = NewPart();
    packet.Carry(protocol);
    packet.number = ++last_number_;
    packet.record = 0;
    packet.to = nullptr;
    packet.link = nullptr;
    packet.again = false;
    packet.corrupted = false;
    packet.hops = 0;
    packet.spacing_nanos = 0;
    packet.first_piece = 0;
    return packet;
  }
  // A copy of another, or what Train::Cut() makes of one: it has the same
  // number.
  Packet& NewPart() {
    if (free_.empty()) return all_.Add();
    Packet& packet = *free_.back();
    free_.pop_back();
    if (free_.size() >= kAhead) {
      Prefetch(free_[free_.size() - kAhead], sizeof(Packet));
    }
    return packet;
  }
  void Release(Packet& packet) {
    packet.Blank();
    free_.push_back(&packet);
  }
  // All there are, the spent ones too, in the order they were made.
  size_t size() const { return all_.size(); }
  Packet& at(size_t index) const { return all_.at(index); }

 private:
  static constexpr size_t kPiece = 64;
  // Of many spent ones none is in a cache: those that are next are asked for so
  // long before.
  static constexpr size_t kAhead = 6;

  Slab<Packet, kPiece> all_;
  std::vector<Packet*> free_;
  uint64_t last_number_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_PACKET_POOL_H_
