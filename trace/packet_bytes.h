// PacketBytes: the packets of the wire that a packet of a trace stands for.
// Give it every sending and every arrival, in order: headers depend on what
// went before.
#ifndef TRACE_PACKET_BYTES_H_
#define TRACE_PACKET_BYTES_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "trace/tcp_conversations.h"
#include "trace/trace.h"
#include "trace/wire_format.h"

namespace simloop::trace {

// What is sent, by whom, over what.
struct Sending {
  const Record* record = nullptr;  // of its kSent
  std::string host;
  bool loopback = false;

  const Packet& packet() const { return std::get<Packet>(record->body); }
};

// One packet of the wire, with the part of the payload that it has; a fragment
// stands for the whole.
struct Piece {
  Octets octets;
  uint32_t offset = 0;
  uint32_t length = 0;
};

class PacketBytes final {
 public:
  struct Result {
    std::vector<Piece> packets;
    std::string connection;  // TcpConversations::Headers
    bool probe = false;
  };

  // `trace` must outlive it.
  explicit PacketBytes(const Trace& trace);

  Result Sent(const Sending& sending);
  void Delivered(const Packet& packet) { conversations_.Delivered(packet); }

 private:
  Result Tcp(const Sending& sending);
  Result Udp(const Sending& sending);
  Result Icmp(const Sending& sending);
  IpHeader Header(const Packet& packet);
  // The packet that an ICMP error is about; 0: nobody knows.
  uint64_t About(const Record& sent) const;
  // Keeps what an error will quote of `packet`.
  void Quote(const Packet& packet, const IpHeader& ip, const Octets& payload);

  const Trace& trace_;
  TcpConversations conversations_;
  // Identifications (RFC 6864), by source, destination and protocol.
  std::map<std::tuple<loop::Ip, loop::Ip, uint8_t>, uint16_t> ids_;
  std::set<uint64_t> quoted_;          // packets that errors are about
  std::map<uint64_t, Octets> quotes_;  // their beginnings
};

}  // namespace simloop::trace

#endif  // TRACE_PACKET_BYTES_H_
