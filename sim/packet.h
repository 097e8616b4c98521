// Packet: one datagram of the network layer on its way to a host, and
// PacketPool, which keeps the spent ones for the next.
#ifndef SIM_PACKET_H_
#define SIM_PACKET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/event.h"
#include "sim/icmp.h"
#include "sim/tcp/segment.h"
#include "sim/udp/datagram.h"
#include "trace/record.h"

namespace simloop::sim {

class Host;
class Link;

class Packet final : public Event {
 public:
  // Arrives at `to`.
  void Fire() override;
  std::string Name() const override { return name; }
  // As a link names it: see Impairment::NameOf().
  std::string TimeName() const override;
  uint32_t HostIndex() const override;

  const loop::Endpoint& from() const;
  const loop::Endpoint& to_endpoint() const;

  // What TCP's have comes first: of many packets under way each keeps few lines
  // of the cache.
  tcp::Segment segment;
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
  // Which of the three it carries.
  Protocol protocol = Protocol::kTcp;
  bool again = false;      // a retransmission
  bool corrupted = false;  // its checksum is wrong
  uint8_t ttl = 64;        // or hop limit
  uint8_t hops = 0;        // routers that it has passed
  udp::Datagram datagram;
  Icmp icmp;
  // Only made where a Scheduler may ask: "client.connect#1/syn".
  std::string name;
  // Makes it the same packet as `other`, number and all, but not scheduled.
  void CopyFrom(const Packet& other);
};

class PacketPool final {
 public:
  // A blank packet. It goes back with Release(), or with the pool.
  Packet& New();
  void Release(Packet& packet);
  // A copy of `packet`, or what Train::Cut() makes of one: it has the same
  // number.
  Packet& NewPart();
  // All there are, the spent ones too, in the order they were made.
  const std::vector<std::unique_ptr<Packet>>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<Packet>> all_;
  std::vector<Packet*> free_;
  uint64_t last_number_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_PACKET_H_
