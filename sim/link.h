// Link: a full-duplex line between two hosts or routers: two channels, each
// with its own LinkOptions, which may change while it is in use.
#ifndef SIM_LINK_H_
#define SIM_LINK_H_

#include <cstdint>

#include "sim/channel.h"
#include "sim/delay.h"
#include "sim/link_options.h"
#include "sim/packet.h"

namespace simloop::sim {

class Host;
class World;

class Link final {
 public:
  // Ways a jittered delay can go: 0, 1/7, ... 7/7 of the jitter.
  static constexpr uint32_t kDelaySteps = Delay::kJitterSteps;

  enum class Way : uint8_t { kToB, kToA };
  // What becomes of packets of one way that are sent from now on.
  using State = Channel::State;

  // Its channels are the hosts', who outlive it.
  Link(World& world, Host& a, Host& b, const LinkOptions& to_b,
       const LinkOptions& to_a, uint32_t number);

  // Takes a packet at `from`'s end; see Channel::Send().
  void Send(Host& from, Packet& packet) { ChannelOf(from).Send(from, packet); }

  // From the next packet on.
  void Change(Way way, const LinkOptions& options) {
    channel(way).Change(options);
  }
  void SetState(Way way, State state);
  State state(Way way) const { return channel(way).state(); }

  Host& a() const { return a_; }
  Host& b() const { return b_; }
  // Of the world's links, from 1, in the order in which they were added.
  uint32_t number() const { return number_; }
  // The way that begins at `from`.
  Channel& ChannelOf(const Host& from) const {
    return &from == &a_ ? to_b_ : to_a_;
  }
  // Of that way.
  uint32_t MtuFrom(const Host& from) const { return ChannelOf(from).mtu(); }

 private:
  Channel& channel(Way way) const { return way == Way::kToB ? to_b_ : to_a_; }
  void LoseWhatIsUnderWay(const Host& to);

  World& world_;
  Host& a_;
  Host& b_;
  const uint32_t number_;
  Channel& to_a_;
  Channel& to_b_;
};

}  // namespace simloop::sim

#endif  // SIM_LINK_H_
