#include "sim/packet_record.h"

namespace simloop::sim {

void ReportPacket(trace::Recorder& recorder, Packet& packet,
                  trace::Packet::Step step, absl::string_view reason) {
  trace::Packet body;
  body.step = step;
  body.packet = packet.number;
  body.from = loop::Address::Of(packet.from());
  body.to = loop::Address::Of(packet.to_endpoint());
  body.reason = reason;
  body.protocol = static_cast<uint8_t>(packet.protocol);
  if (packet.protocol == Protocol::kTcp) {
    const tcp::Segment& segment = packet.segment;
    body.flags = segment.flags;
    body.seq = segment.seq - packet.seq_base;
    body.ack = segment.has(tcp::kAck) ? segment.ack - packet.ack_base : 0;
    body.window = segment.window;
    body.length = static_cast<uint32_t>(segment.payload.size());
  } else if (packet.protocol == Protocol::kUdp) {
    body.length = static_cast<uint32_t>(packet.datagram.payload.size());
  } else {
    body.length = static_cast<uint32_t>(packet.icmp.quoted.size());
  }
  const bool sent = step == trace::Packet::Step::kSent;
  const trace::RecordId id = recorder.Add(
      trace::kNoProcess, 0, body, sent ? recorder.cause() : packet.record);
  if (sent) packet.record = id;
}

}  // namespace simloop::sim
