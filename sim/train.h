// Train: the packets that one Packet stands for on a wire: the pieces of a
// segment that is larger than its MSS (as with segmentation offload), or the
// fragments of a datagram that is larger than the MTU (RFC 791 section 3.2).
#ifndef SIM_TRAIN_H_
#define SIM_TRAIN_H_

#include <cstdint>

#include "sim/packet.h"

namespace simloop::sim {

class Train final {
 public:
  // `packet` over a link of `mtu` bytes. A segment whose piece is larger than
  // that is cut smaller, as a host that knows the MTU of its link does.
  Train(const Packet& packet, uint32_t mtu);

  // What `packet` takes on the wire of such a link where it is one piece; else
  // 0.
  static uint32_t OnlyPieceBytes(const Packet& packet, uint32_t mtu);

  uint32_t pieces() const { return pieces_; }
  // The pieces are packets that mean something alone; fragments do not.
  bool divisible() const { return divisible_; }
  // Payload of all pieces but the last.
  uint32_t piece_bytes() const { return piece_bytes_; }
  // Of the index-th piece, as it is on the wire: with its headers.
  uint32_t WireBytes(uint32_t index) const;
  // Cuts `count` pieces from `first` on out of `packet`: `part` becomes a copy
  // of it with that part of the payload. REQUIRES: divisible().
  void Cut(const Packet& packet, uint32_t first, uint32_t count,
           Packet* part) const;

  // Bytes of the headers of each packet: IP, and TCP with its time stamps
  // (RFC 7323), UDP or ICMP.
  static uint32_t HeaderBytes(const Packet& packet);
  // The largest packet that `packet` cannot do without: its MSS with headers,
  // or, where it may be fragmented, 0.
  static uint32_t LeastMtu(const Packet& packet);

 private:
  uint32_t payload_;
  uint32_t header_;
  uint32_t piece_bytes_;
  uint32_t pieces_ = 1;
  bool divisible_ = true;
};

}  // namespace simloop::sim

#endif  // SIM_TRAIN_H_
