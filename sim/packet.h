// Packet: one datagram of the network layer on its way to a host.
#ifndef SIM_PACKET_H_
#define SIM_PACKET_H_

#include <cstdint>
#include <string>

#include "sim/event.h"
#include "sim/icmp.h"
#include "sim/tcp/segment.h"
#include "sim/udp/datagram.h"
#include "trace/record.h"

namespace simloop::sim {

class Host;
class Link;

// Many may be under way at once, and none is in a cache when it arrives: what
// goes with every packet comes first, and what it carries behind it, in four
// lines of the cache in all.
class alignas(64) Packet final : public Event {
 public:
  // It carries a blank segment.
  Packet() : segment() {}
  ~Packet() { DropBody(); }

  // Arrives at `to`.
  void Fire() override;
  std::string Name() const override { return name; }
  // As a link names it: see Impairment::NameOf().
  std::string TimeName() const override;
  uint32_t HostIndex() const override;

  // Which of the three below it carries.
  Protocol protocol() const { return protocol_; }
  // It carries a blank one from now on, if it was another.
  void Carry(Protocol protocol) {
    if (protocol_ != protocol) ChangeBody(protocol);
  }
  const loop::Endpoint& from() const;
  const loop::Endpoint& to_endpoint() const;
  // Makes it the same packet as `other`, number and all, but not scheduled.
  void CopyFrom(const Packet& other);
  // Lets go of what it carries by reference.
  void Blank();

 private:
  void DropBody();
  void ChangeBody(Protocol protocol);

  Protocol protocol_ = Protocol::kTcp;

 public:
  bool again = false;      // a retransmission
  bool corrupted = false;  // its checksum is wrong
  uint8_t ttl = 64;        // or hop limit
  uint8_t hops = 0;        // routers that it has passed
  Host* to = nullptr;
  Link* link = nullptr;        // it is on, or came over; null: loopback
  uint64_t number = 0;         // of this world, from 1
  trace::RecordId record = 0;  // of its sending
  // Between the arrivals of the pieces that it stands for (sim/train.h), the
  // last of which is its own.
  int64_t spacing_nanos = 0;
  uint32_t first_piece = 0;  // of those that it was when it was sent
  // Sequence numbers that the trace counts from: the initial ones.
  tcp::Sequence seq_base = 0;
  tcp::Sequence ack_base = 0;
  // Only made where a Scheduler may ask: "client.connect#1/syn".
  std::string name;
  union {
    tcp::Segment segment;
    udp::Datagram datagram;
    Icmp icmp;
  };
};

}  // namespace simloop::sim

#endif  // SIM_PACKET_H_
