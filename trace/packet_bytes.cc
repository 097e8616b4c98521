// Segments are cut by the MSS, datagrams by UDP_SEGMENT and the MTU.
#include "trace/packet_bytes.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace simloop::trace {
namespace {

constexpr uint8_t kFin = 1, kPsh = 8, kUrg = 32;
constexpr uint8_t kIcmp6 = 58;
constexpr uint8_t kDefaultTtl = 64;
constexpr uint32_t kLinkMtu = 1500, kLoopbackMtu = 65'536;
constexpr uint8_t kUnreachable = 3, kTimeExceeded = 11;
constexpr uint16_t kFragmentationNeeded = 4;
// Of a packet that an error is about: RFC 1812 section 4.3.2.3, RFC 4443
// section 2.4.
constexpr uint32_t kQuoted4 = 576 - 20 - 8, kQuoted6 = 1280 - 40 - 8;

Octets PayloadPart(const Packet& packet, uint32_t offset, uint32_t length) {
  Octets part;
  part.length = length;
  const absl::string_view bytes = packet.wire.payload;
  if (offset < bytes.size()) {
    part.bytes = std::string(bytes.substr(offset, length));
  }
  return part;
}

// Calls `take(offset, length)` for each `step` bytes of `length`, once if there
// are none.
template <typename Take>
void ForEachPart(uint32_t length, uint32_t step, Take take) {
  uint32_t offset = 0;
  do {
    const uint32_t part = std::min(step, length - offset);
    take(offset, part);
    offset += part;
  } while (offset < length);
}

struct IcmpKind {
  uint8_t type;
  uint8_t code;
};

// What RFC 792 and RFC 4443 have for Wire::icmp_code.
IcmpKind KindOf(bool v4, uint16_t icmp_code) {
  const auto code = static_cast<uint8_t>(icmp_code);
  const auto type = static_cast<uint8_t>(icmp_code >> 8);
  if (v4) return {type == 0 ? kUnreachable : type, code};
  if (type == kTimeExceeded) return {3, code};
  switch (code) {
    case 0:
      return {1, 0};  // no route
    case 1:
      return {1, 3};  // address unreachable
    case kFragmentationNeeded:
      return {2, 0};  // packet too big
    case 9:
    case 10:
    case 13:
      return {1, 1};  // administratively prohibited
    default:
      return {1, 4};  // port unreachable
  }
}

}  // namespace

PacketBytes::PacketBytes(const Trace& trace) : trace_(trace) {
  for (RecordId id = 1; id <= trace.size(); ++id) {
    const auto* packet = std::get_if<Packet>(&trace.Get(id).body);
    if (packet != nullptr && packet->step == Packet::Step::kSent &&
        packet->protocol == loop::kIpprotoIcmp) {
      quoted_.insert(About(trace.Get(id)));
    }
  }
}

uint64_t PacketBytes::About(const Record& sent) const {
  for (RecordId id = sent.cause; id != 0; id = trace_.Get(id).cause) {
    const auto* packet = std::get_if<Packet>(&trace_.Get(id).body);
    if (packet != nullptr) return packet->packet;
  }
  return 0;
}

PacketBytes::Result PacketBytes::Sent(const Sending& sending) {
  switch (sending.packet().protocol) {
    case loop::kIpprotoTcp:
      return Tcp(sending);
    case loop::kIpprotoUdp:
      return Udp(sending);
    case loop::kIpprotoIcmp:
      return Icmp(sending);
    default:
      return {};
  }
}

IpHeader PacketBytes::Header(const Packet& packet) {
  IpHeader ip;
  ip.from = packet.from.ip;
  ip.to = packet.to.ip;
  ip.protocol = packet.protocol;
  ip.ttl = packet.wire.ttl == 0 ? kDefaultTtl : packet.wire.ttl;
  ip.tos = packet.wire.tos;
  ip.dont_fragment = packet.protocol != loop::kIpprotoIcmp;
  ip.id = ++ids_[{ip.from, ip.to, ip.protocol}];
  return ip;
}

void PacketBytes::Quote(const Packet& packet, const IpHeader& ip,
                        const Octets& payload) {
  if (quoted_.count(packet.packet) == 0) return;
  Octets quote = IpPacket(ip, payload);
  const uint32_t most = ip.v4() ? kQuoted4 : kQuoted6;
  quote.length = std::min(quote.length, most);
  if (quote.bytes.size() > most) quote.bytes.resize(most);
  quotes_.emplace(packet.packet, std::move(quote));
}

PacketBytes::Result PacketBytes::Tcp(const Sending& sending) {
  const Packet& packet = sending.packet();
  const TcpConversations::Headers headers = conversations_.Sent(
      packet, sending.record->time, sending.host, sending.loopback);
  Result result;
  result.connection = headers.name;
  result.probe = headers.probe;
  const uint32_t step = packet.wire.segment_bytes != 0
                            ? packet.wire.segment_bytes
                            : headers.payload_bytes;
  ForEachPart(packet.length, step, [&](uint32_t offset, uint32_t length) {
    TcpHeader tcp;
    tcp.from = packet.from.port;
    tcp.to = packet.to.port;
    tcp.seq = packet.wire.seq_base + packet.seq + offset;
    tcp.ack = (packet.flags & 16) != 0 ? packet.wire.ack_base + packet.ack : 0;
    tcp.flags = packet.flags;
    if (offset + length < packet.length) tcp.flags &= ~(kFin | kPsh);
    if (packet.wire.urgent > offset) {
      tcp.urgent = static_cast<uint16_t>(packet.wire.urgent - offset);
    } else {
      tcp.flags &= ~kUrg;
    }
    tcp.window = headers.window;
    tcp.options = headers.options;
    const IpHeader ip = Header(packet);
    const Octets segment =
        TcpSegment(ip, tcp, PayloadPart(packet, offset, length));
    Quote(packet, ip, segment);
    result.packets.push_back({IpPacket(ip, segment), offset, length});
  });
  return result;
}

PacketBytes::Result PacketBytes::Udp(const Sending& sending) {
  const Packet& packet = sending.packet();
  Result result;
  const uint32_t mtu = sending.loopback ? kLoopbackMtu : kLinkMtu;
  const uint32_t step = packet.wire.segment_bytes != 0
                            ? packet.wire.segment_bytes
                            : std::max<uint32_t>(packet.length, 1);
  ForEachPart(packet.length, step, [&](uint32_t offset, uint32_t length) {
    const IpHeader ip = Header(packet);
    const Octets datagram = UdpDatagram(ip, packet.from.port, packet.to.port,
                                        PayloadPart(packet, offset, length));
    Quote(packet, ip, datagram);
    for (Octets& fragment : IpFragments(ip, datagram, mtu)) {
      result.packets.push_back({std::move(fragment), 0, packet.length});
    }
  });
  return result;
}

PacketBytes::Result PacketBytes::Icmp(const Sending& sending) {
  const Packet& packet = sending.packet();
  IpHeader ip = Header(packet);
  if (!ip.v4()) ip.protocol = kIcmp6;
  const auto quote = quotes_.find(About(*sending.record));
  Octets quoted;
  if (quote != quotes_.end()) quoted = quote->second;
  const IcmpKind kind = KindOf(ip.v4(), packet.wire.icmp_code);
  const uint32_t rest =
      packet.wire.icmp_code == kFragmentationNeeded ? packet.wire.icmp_mtu : 0;
  Result result;
  result.packets.push_back(
      {IpPacket(ip, IcmpMessage(ip, kind.type, kind.code, rest, quoted)), 0,
       packet.length});
  return result;
}

}  // namespace simloop::trace
