// CaptureView: the packets of a trace as a capture file, for tshark(1) and
// Wireshark: pcapng (draft-ietf-opsawg-pcapng), with virtual times in
// nanoseconds. Equal traces make equal bytes.
//
// 1. A packet is captured once, as it is put on its link, at its sender's end.
//    One that the network doubles is captured again where the copy arrives.
// 2. Each link is an interface "a -- b": packets of a are outbound, those of b
//    inbound. Each host's loopback is one: "a lo"; what has no way is on one
//    more: "a nowhere".
// 3. A comment says which call, packet or timer made the packet, and another
//    why it did not arrive.
// 4. Segments larger than the MSS are the packets that they stand for, as
//    tcp(7) and the network card make them; datagrams larger than the link's
//    1500 bytes are fragments.
// 5. Where the trace has no payloads (Trace::KeepPayloads()), packets end
// behind
//    their headers and tell their whole length.
#ifndef TRACE_CAPTURE_VIEW_H_
#define TRACE_CAPTURE_VIEW_H_

#include <string>

#include "absl/status/status.h"
#include "trace/trace.h"

namespace simloop::trace {

// The bytes of the file.
std::string CaptureView(const Trace& trace);

// Writes them to `path`. NotFound or Unavailable: it cannot be written.
absl::Status SaveCapture(const Trace& trace, const std::string& path);

}  // namespace simloop::trace

#endif  // TRACE_CAPTURE_VIEW_H_
