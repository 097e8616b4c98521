// Wire: what a packet has on the line beyond what a record's readers need: it
// is in the record of its sending, for captures alone (trace/capture_view.h).
// No hash covers it and no comparison looks at it: runs that differ in it
// differ elsewhere, or nobody can tell.
#ifndef TRACE_WIRE_H_
#define TRACE_WIRE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace simloop::trace {

struct Wire {
  // The hosts at the ends of the link it was put on; the same twice is that
  // host's loopback. The second is empty where no way led on. Both are empty
  // where nobody said.
  absl::string_view link_a = {};
  absl::string_view link_b = {};
  bool from_b = false;  // put on it by the second
  // The initial sequence numbers that the record's are relative to.
  uint32_t seq_base = 0;
  uint32_t ack_base = 0;
  // The time stamps (RFC 7323), where the run has some; 0: a capture makes its
  // own, of virtual time.
  uint32_t stamp = 0;
  uint32_t echo = 0;
  bool sack_permitted = true;  // the option of a SYN (RFC 2018 section 2)
  uint16_t mss = 0;     // the option of a SYN (RFC 9293 section 3.7.1); 0: none
  uint16_t urgent = 0;  // the urgent pointer (RFC 9293 section 3.1)
  // Payload of the packets it is cut into by the network card (UDP_SEGMENT of
  // udp(7), TCP segmentation offload); 0: for UDP it is one, for TCP the SYNs'
  // options say.
  uint16_t segment_bytes = 0;
  // ip(7): IP_TTL, IP_TOS. 0 stands for 64 of the first.
  uint8_t ttl = 0;
  uint8_t tos = 0;
  // Of an ICMP error: in the low byte the code (RFC 792, RFC 1812; 4 is
  // "fragmentation needed"), in the high one the type where that is not
  // destination unreachable; the next hop's MTU that goes with 4 (RFC 1191).
  uint16_t icmp_code = 0;
  uint16_t icmp_mtu = 0;
  // Its bytes; kept where the sink wants them (Sink::WantsPayloads()). Of an
  // ICMP error it is the payload that is quoted.
  absl::string_view payload = {};
};

}  // namespace simloop::trace

#endif  // TRACE_WIRE_H_
