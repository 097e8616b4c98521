// Segment: one TCP segment (RFC 9293 section 3.1) as it crosses a link. It
// carries up to 64 KiB, as with segmentation offload; the window is in bytes,
// as after scaling (RFC 7323).
#ifndef SIM_TCP_SEGMENT_H_
#define SIM_TCP_SEGMENT_H_

#include <cstdint>

#include "loop/address.h"
#include "sim/payload.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

// What the time stamps of each segment take (RFC 7323), which the MSS option
// does not count (RFC 6691).
inline constexpr uint32_t kTimestampBytes = 12;

inline constexpr uint8_t kFin = 1;
inline constexpr uint8_t kSyn = 2;
inline constexpr uint8_t kRst = 4;
inline constexpr uint8_t kPsh = 8;
inline constexpr uint8_t kAck = 16;
inline constexpr uint8_t kUrg = 32;

// Bytes that the peer has beyond its acknowledgment (RFC 2018), or has got
// twice (RFC 2883): [left, right).
struct SackBlock {
  Sequence left = 0;
  Sequence right = 0;
};

struct Segment {
  // Beside time stamps there is room for so many (RFC 2018 section 3).
  static constexpr int kMostSackBlocks = 3;

  loop::Endpoint from;
  loop::Endpoint to;
  Sequence seq = 0;
  Sequence ack = 0;     // meaningful with kAck
  uint32_t window = 0;  // bytes
  uint8_t flags = 0;
  uint16_t mss = 0;     // the option of a SYN (RFC 9293 section 3.7.1); 0: none
  uint16_t urgent = 0;  // the urgent pointer; meaningful with kUrg
  bool sack_permitted = false;  // the option of a SYN (RFC 2018 section 2)
  uint8_t sack_blocks = 0;      // how many of `sack`
  // RFC 7323 section 3: TSval, TSecr, in ms (time_stamp.h); 0: none.
  uint32_t stamp = 0;
  uint32_t echo = 0;
  // Payload bytes of one packet on the wire, of which a segment may carry
  // several; 0: it is one.
  uint32_t piece = 0;
  SackBlock sack[kMostSackBlocks];
  Slice payload;

  bool has(uint8_t flag) const { return (flags & flag) != 0; }
  // Sequence space it takes: payload, SYN and FIN (RFC 9293: SEG.LEN).
  uint32_t length() const {
    return static_cast<uint32_t>(payload.size()) + (has(kSyn) ? 1 : 0) +
           (has(kFin) ? 1 : 0);
  }
  // The sequence number behind it.
  Sequence end() const { return seq + length(); }
  // The segment that carries `size` bytes of the payload from `offset` on, as
  // tcp_fragment() of Linux cuts it. REQUIRES: size > 0, within the payload.
  Segment Part(uint32_t offset, uint32_t size) const;
};

inline Segment Segment::Part(uint32_t offset, uint32_t size) const {
  Segment part = *this;
  part.payload = payload.Part(offset, size);
  if (offset > 0) {
    part.seq += offset + (has(kSyn) ? 1 : 0);
    part.flags &= ~kSyn;
    part.mss = 0;
  }
  // The last part ends what the whole ends.
  if (offset + size < payload.size()) part.flags &= ~(kFin | kPsh);
  if (has(kUrg)) {
    if (urgent <= offset) {
      part.flags &= ~kUrg;
      part.urgent = 0;
    } else {
      part.urgent = static_cast<uint16_t>(urgent - offset);
    }
  }
  return part;
}

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_SEGMENT_H_
