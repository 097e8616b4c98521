// SynCookie: a handshake that a listener keeps nothing of: all it needs to know
// of the SYN is in the sequence number of the answer, and in the low bits of
// its time stamp (RFC 4987 section 3.6; net.ipv4.tcp_syncookies of tcp(7)).
#ifndef SIM_TCP_SYN_COOKIE_H_
#define SIM_TCP_SYN_COOKIE_H_

#include <cstdint>
#include <optional>

#include "loop/instant.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

struct SynCookie {
  uint32_t mss = 0;  // of the few that there are, the next below the peer's
  bool sack = false;

  // The initial sequence number, and the time stamp, of the answer to `syn`.
  static Sequence SequenceFor(const Segment& syn, loop::Instant now);
  static uint32_t StampFor(const Segment& syn, loop::Instant now);
  // What the SYN had said whose answer `ack` acknowledges; nothing if it
  // acknowledges none of the last two minutes.
  static std::optional<SynCookie> Read(const Segment& ack, loop::Instant now);
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_SYN_COOKIE_H_
