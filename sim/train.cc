#include "sim/train.h"

#include <algorithm>

#include "loop/check.h"
#include "sim/link_options.h"

namespace simloop::sim {
namespace {

constexpr uint32_t kInetHeader = 20;
constexpr uint32_t kInet6Header = 40;
constexpr uint32_t kTcpHeader = 20 + tcp::kTimestampBytes;
constexpr uint32_t kUdpHeader = 8;
constexpr uint32_t kIcmpHeader = 8;
// IPv6's fragment header (RFC 8200 section 4.5).
constexpr uint32_t kFragmentHeader = 8;

uint32_t IpHeader(const Packet& packet) {
  return packet.to_endpoint().ip.is_v4() ? kInetHeader : kInet6Header;
}

uint32_t PayloadBytes(const Packet& packet) {
  switch (packet.protocol()) {
    case Protocol::kTcp:
      return static_cast<uint32_t>(packet.segment.payload.size());
    case Protocol::kUdp:
      return static_cast<uint32_t>(packet.datagram.payload.size());
    case Protocol::kIcmp:
      break;
  }
  return static_cast<uint32_t>(packet.icmp.quoted.size());
}

uint32_t PieceBytes(const Packet& packet) {
  if (packet.protocol() == Protocol::kTcp) return packet.segment.piece;
  return packet.protocol() == Protocol::kUdp ? packet.datagram.segment_bytes
                                             : 0;
}

}  // namespace

uint32_t Train::HeaderBytes(const Packet& packet) {
  const uint32_t ip = IpHeader(packet);
  switch (packet.protocol()) {
    case Protocol::kTcp:
      return ip + kTcpHeader;
    case Protocol::kUdp:
      return ip + kUdpHeader;
    case Protocol::kIcmp:
      break;
  }
  // An error quotes the headers of what it is about, IP and UDP or as much of
  // TCP (RFC 792).
  return ip + kIcmpHeader + ip + kUdpHeader;
}

uint32_t Train::LeastMtu(const Packet& packet) {
  const bool udp = packet.protocol() == Protocol::kUdp;
  if (packet.protocol() == Protocol::kIcmp || (udp && !packet.datagram.whole)) {
    return 0;
  }
  const uint32_t header = HeaderBytes(packet);
  uint32_t piece = PieceBytes(packet);
  if (piece == 0) {
    piece = udp ? PayloadBytes(packet) : LinkOptions::kEthernetMtu - header;
  }
  return header + std::min(piece, PayloadBytes(packet));
}

uint32_t Train::OnlyPieceBytes(const Packet& packet, uint32_t mtu) {
  const uint32_t payload = PayloadBytes(packet);
  const uint32_t piece = PieceBytes(packet);
  const uint32_t bytes = HeaderBytes(packet) + payload;
  return bytes > mtu || (piece != 0 && payload > piece) ? 0 : bytes;
}

Train::Train(const Packet& packet, uint32_t mtu)
    : payload_(PayloadBytes(packet)), header_(HeaderBytes(packet)) {
  piece_bytes_ = PieceBytes(packet);
  if (piece_bytes_ == 0) piece_bytes_ = payload_;
  if (header_ + std::min(piece_bytes_, payload_) > mtu) {
    if (packet.protocol() == Protocol::kTcp) {
      piece_bytes_ = mtu - header_;
    } else {
      // Of a datagram the first fragment carries the header of UDP or ICMP.
      divisible_ = false;
      const uint32_t ip = IpHeader(packet);
      payload_ += header_ - ip;
      header_ = ip == kInetHeader ? ip : ip + kFragmentHeader;
      piece_bytes_ = (mtu - header_) / 8 * 8;
    }
  }
  if (payload_ > piece_bytes_) {
    pieces_ = (payload_ + piece_bytes_ - 1) / piece_bytes_;
  }
}

uint32_t Train::WireBytes(uint32_t index) const {
  const uint32_t before = index * piece_bytes_;
  return header_ + std::min(piece_bytes_, payload_ - before);
}

void Train::Cut(const Packet& packet, uint32_t first, uint32_t count,
                Packet* part) const {
  SIMLOOP_CHECK(divisible_, "a fragment is no packet of its own");
  const uint32_t offset = first * piece_bytes_;
  const uint32_t size = std::min(count * piece_bytes_, payload_ - offset);
  part->CopyFrom(packet);
  part->first_piece += first;
  if (offset == 0 && size == payload_) return;
  if (packet.protocol() == Protocol::kTcp) {
    part->segment = packet.segment.Part(offset, size);
  } else if (packet.protocol() == Protocol::kUdp) {
    part->datagram.payload =
        udp::DatagramPayload(packet.datagram.payload.Part(offset, size));
    if (count == 1) part->datagram.segment_bytes = 0;
  }
}

}  // namespace simloop::sim
