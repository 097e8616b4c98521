// ReportPacket: a packet of the simulated network as a record of the trace.
#ifndef SIM_PACKET_RECORD_H_
#define SIM_PACKET_RECORD_H_

#include "absl/strings/string_view.h"
#include "sim/packet.h"
#include "trace/recorder.h"

namespace simloop::sim {

class Host;
class Link;

// Records that `host` sends `packet`, by `link` or, where that is null, to
// itself or to nowhere. It is caused by what happens now, and is itself the
// cause of what comes of the packet: it is remembered in packet.record.
void ReportSent(trace::Recorder& recorder, Packet& packet, const Host& host,
                const Link* link);
// Records what comes of a packet; `reason` is a constant (trace::Packet).
// `step` may be kSent, of who knows nothing of hosts and links.
void ReportPacket(trace::Recorder& recorder, Packet& packet,
                  trace::Packet::Step step, absl::string_view reason);

}  // namespace simloop::sim

#endif  // SIM_PACKET_RECORD_H_
