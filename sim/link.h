// Link: a full-duplex line between two hosts or routers: two channels, each
// with its own LinkOptions, which may change while it is in use.
#ifndef SIM_LINK_H_
#define SIM_LINK_H_

#include <cstdint>
#include <memory>

#include "loop/instant.h"
#include "sim/delay.h"
#include "sim/link_options.h"
#include "sim/packet.h"

namespace simloop::sim {

class Host;
class Impairment;
class World;

class Link final {
 public:
  // Ways a jittered delay can go: 0, 1/7, ... 7/7 of the jitter.
  static constexpr uint32_t kDelaySteps = Delay::kJitterSteps;

  enum class Way : uint8_t { kToB, kToA };
  // What becomes of packets of one way that are sent from now on.
  enum class State : uint8_t {
    kUp,
    kBlackHole,        // dropped without a word: a partition
    kHostUnreachable,  // dropped, and answered with that ICMP error
    kNetUnreachable,   // the same
    kProhibited,       // the same, as by a packet filter
    kDown,             // no carrier: what is on the line is lost as well
  };

  Link(World& world, Host& a, Host& b, const LinkOptions& to_b,
       const LinkOptions& to_a, uint32_t number);
  ~Link();

  // Takes a packet at `from`'s end; it arrives at the other, or is lost.
  // Ownership goes to the packet's arrival.
  void Send(Host& from, Packet& packet);

  // From the next packet on.
  void Change(Way way, const LinkOptions& options);
  void SetState(Way way, State state);
  State state(Way way) const { return channel(way).state; }

  Host& a() const { return a_; }
  Host& b() const { return b_; }
  // Of the world's links, from 1, in the order in which they were added.
  uint32_t number() const { return number_; }
  // Of the way that begins at `from`.
  uint32_t MtuFrom(const Host& from) const {
    return &from == &a_ ? to_b_.mtu : to_a_.mtu;
  }

 private:
  friend class Impairment;

  struct Channel {
    Channel();
    ~Channel();

    uint32_t lane = 0;
    uint32_t mtu = LinkOptions::kEthernetMtu;
    loop::Instant last_arrival;
    int64_t latency_nanos = 0;
    int64_t jitter_nanos = 0;
    // It is up and plain(): the two above are all there is to know.
    bool simple = true;
    State state = State::kUp;
    std::unique_ptr<Impairment> impairment;  // null where plain
  };

  const Channel& channel(Way way) const {
    return way == Way::kToB ? to_b_ : to_a_;
  }
  void Apply(Channel& channel, const LinkOptions& options);
  void LoseWhatIsUnderWay(const Host& to);
  // Where time is in any order: it arrives from `earliest` to `latest`, in the
  // calm run at `calm`, and never before those that were sent before it.
  void SendLoosely(Channel& channel, Packet& packet, loop::Instant earliest,
                   loop::Instant latest, loop::Instant calm);
  void Refuse(Host& from, Packet& packet, State state);

  World& world_;
  Host& a_;
  Host& b_;
  const uint32_t number_;
  Channel to_a_;
  Channel to_b_;
};

}  // namespace simloop::sim

#endif  // SIM_LINK_H_
