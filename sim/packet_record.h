// ReportPacket: a packet of the simulated network as a record of the trace.
#ifndef SIM_PACKET_RECORD_H_
#define SIM_PACKET_RECORD_H_

#include "absl/strings/string_view.h"
#include "sim/packet.h"
#include "trace/recorder.h"

namespace simloop::sim {

// Records a step of `packet`; `reason` is a constant (trace::Packet). The
// sending is caused by what happens now, and is itself the cause of what comes
// of the packet; it is remembered in packet.record.
void ReportPacket(trace::Recorder& recorder, Packet& packet,
                  trace::Packet::Step step, absl::string_view reason);

}  // namespace simloop::sim

#endif  // SIM_PACKET_RECORD_H_
