#include "sim/packet_record.h"

#include "sim/host.h"
#include "sim/link.h"

namespace simloop::sim {
namespace {

trace::Packet BodyOf(const Packet& packet, trace::Packet::Step step) {
  trace::Packet body;
  body.step = step;
  body.packet = packet.number;
  body.from = loop::Address::Of(packet.from());
  body.to = loop::Address::Of(packet.to_endpoint());
  body.protocol = static_cast<uint8_t>(packet.protocol());
  if (packet.protocol() == Protocol::kTcp) {
    const tcp::Segment& segment = packet.segment;
    body.flags = segment.flags;
    body.seq = segment.seq - packet.seq_base;
    body.ack = segment.has(tcp::kAck) ? segment.ack - packet.ack_base : 0;
    body.window = segment.window;
    body.length = static_cast<uint32_t>(segment.payload.size());
    body.sack_count = segment.sack_blocks;
    for (int i = 0; i < segment.sack_blocks; ++i) {
      body.sack[i] = {segment.sack[i].left - packet.ack_base,
                      segment.sack[i].right - packet.ack_base};
    }
  } else if (packet.protocol() == Protocol::kUdp) {
    body.length = static_cast<uint32_t>(packet.datagram.payload.size());
  } else {
    body.length = static_cast<uint32_t>(packet.icmp.quoted.size());
  }
  return body;
}

absl::string_view Text(absl::Span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

trace::Wire WireOf(const Packet& packet, bool with_payload) {
  trace::Wire wire;
  absl::Span<const char> payload;
  switch (packet.protocol()) {
    case Protocol::kTcp:
      wire.seq_base = packet.seq_base;
      wire.ack_base = packet.ack_base;
      wire.mss = packet.segment.mss;
      wire.stamp = packet.segment.stamp;
      wire.echo = packet.segment.echo;
      wire.sack_permitted = packet.segment.sack_permitted;
      wire.segment_bytes = static_cast<uint16_t>(packet.segment.piece);
      if (packet.segment.has(tcp::kUrg)) wire.urgent = packet.segment.urgent;
      payload = packet.segment.payload.bytes();
      break;
    case Protocol::kUdp:
      wire.ttl = packet.datagram.ttl;
      wire.tos = packet.datagram.tos;
      wire.segment_bytes = packet.datagram.segment_bytes;
      payload = packet.datagram.payload.bytes();
      break;
    case Protocol::kIcmp:
      wire.icmp_code = static_cast<uint16_t>(packet.icmp.code);
      wire.icmp_mtu = static_cast<uint16_t>(packet.icmp.mtu);
      payload = packet.icmp.quoted.bytes();
      break;
  }
  if (with_payload) wire.payload = Text(payload);
  return wire;
}

void AddSent(trace::Recorder& recorder, Packet& packet,
             const trace::Packet& body) {
  packet.record = recorder.Add(trace::kNoProcess, 0, body, recorder.cause());
}

}  // namespace

void ReportSent(trace::Recorder& recorder, Packet& packet, const Host& host,
                const Link* link) {
  trace::Packet body = BodyOf(packet, trace::Packet::Step::kSent);
  if (packet.again) body.reason = "retransmission";
  body.wire = WireOf(packet, recorder.keeps_payloads());
  if (packet.protocol() == Protocol::kTcp) {
    body.wire.ttl = static_cast<uint8_t>(host.options().default_ttl);
  }
  const loop::Ip to = packet.to_endpoint().ip;
  if (link != nullptr) {
    body.wire.link_a = link->a().name();
    body.wire.link_b = link->b().name();
    body.wire.from_b = &host == &link->b();
  } else {
    body.wire.link_a = host.name();
    if (host.KeepsToItself(to)) body.wire.link_b = host.name();
  }
  AddSent(recorder, packet, body);
}

void ReportPacket(trace::Recorder& recorder, Packet& packet,
                  trace::Packet::Step step, absl::string_view reason) {
  trace::Packet body = BodyOf(packet, step);
  body.reason = reason;
  if (step == trace::Packet::Step::kSent) {
    body.wire = WireOf(packet, recorder.keeps_payloads());
    AddSent(recorder, packet, body);
  } else {
    recorder.Add(trace::kNoProcess, 0, body, packet.record);
  }
}

}  // namespace simloop::sim
