// Channel: one way of a link: what its packets go through from the sender to
// the other end. It belongs to the host that sends, whose channels stand one
// behind the other: who sends to many goes through them in order.
#ifndef SIM_CHANNEL_H_
#define SIM_CHANNEL_H_

#include <cstdint>
#include <memory>

#include "loop/instant.h"
#include "sim/event_queue.h"
#include "sim/link_options.h"
#include "sim/rate_queue.h"

namespace simloop::sim {

class Host;
class Impairment;
class Link;
class Packet;
class World;

class Channel final {
 public:
  // What becomes of packets that are sent from now on.
  enum class State : uint8_t {
    kUp,
    kBlackHole,        // dropped without a word: a partition
    kHostUnreachable,  // dropped, and answered with that ICMP error
    kNetUnreachable,   // the same
    kProhibited,       // the same, as by a packet filter
    kDown,             // no carrier: what is on the line is lost as well
  };

  // Packets on it keep the order of `lane` (sim/event.h).
  Channel(Link& link, Host& to, uint32_t lane, const LinkOptions& options);
  ~Channel();

  Link& link() const { return link_; }
  Host& to() const { return to_; }
  uint32_t mtu() const { return mtu_; }
  State state() const { return state_; }

  // Takes a packet of `from`, whose channel this is: it arrives at the other
  // end, or is lost. Ownership goes to the packet's arrival.
  void Send(Host& from, Packet& packet);
  // From the next packet on.
  void Change(const LinkOptions& options);
  // kDown: what is under way is not its to lose.
  void SetState(State state);

 private:
  friend class Impairment;

  // What there is to do for a packet.
  enum class Kind : uint8_t {
    kDelay,    // it takes its latency: that is all
    kSteady,   // the same, behind those before it: a rate, a queue, an MTU
    kJittery,  // plain(), with a jitter
    kOther,    // it is down, or all that Impairment does
  };

  void Classify();
  // Only made where it is needed.
  Impairment& impairment();
  // It arrives at `at`, or right behind the one before it.
  void Schedule(World& world, Packet& packet, loop::Instant at);
  // Where time is in any order: it arrives from `earliest` to `latest`, in the
  // calm run at `calm`, and never before those that were sent before it.
  void ScheduleLoosely(World& world, Packet& packet, loop::Instant earliest,
                       loop::Instant latest, loop::Instant calm);
  void SendSteadily(Host& from, Packet& packet, uint32_t wire_bytes);
  void SendJittery(Host& from, Packet& packet);
  void Refuse(Host& from, Packet& packet);

  Link& link_;
  Host& to_;
  loop::Instant last_arrival_;
  int64_t latency_nanos_ = 0;
  RateQueue queue_;
  uint32_t lane_;
  uint32_t mtu_ = LinkOptions::kEthernetMtu;
  Kind kind_ = Kind::kDelay;
  State state_ = State::kUp;
  uint8_t home_ = EventQueue::kHeap;  // of its packets in the event queue
  bool steady_ = true;  // LinkOptions::steady()
  bool plain_ = true;   // LinkOptions::plain()
  int64_t jitter_nanos_ = 0;
  std::unique_ptr<Impairment> impairment_;  // null: it is steady or plain
};

}  // namespace simloop::sim

#endif  // SIM_CHANNEL_H_
