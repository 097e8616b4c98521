// Link: a full-duplex line between two hosts: latency, and a jitter of which a
// Scheduler may let a packet take a share. It keeps the order of packets in
// each direction; it loses, duplicates and limits nothing.
#ifndef SIM_LINK_H_
#define SIM_LINK_H_

#include <cstdint>

#include "absl/time/time.h"
#include "loop/instant.h"
#include "sim/packet.h"

namespace simloop::sim {

class Host;
class World;

struct LinkOptions {
  absl::Duration latency = absl::Milliseconds(1);  // one way, not negative
  absl::Duration jitter = absl::ZeroDuration();    // at most, on top
};

class Link final {
 public:
  // Ways a jittered delay can go: 0, 1/7, ... 7/7 of the jitter.
  static constexpr uint32_t kDelaySteps = 8;

  Link(World& world, Host& a, Host& b, const LinkOptions& options);

  // Takes a packet at `from`'s end; it arrives at the other. Ownership goes to
  // the packet's arrival.
  void Send(const Host& from, Packet& packet);

  Host& a() const { return a_; }
  Host& b() const { return b_; }

 private:
  World& world_;
  Host& a_;
  Host& b_;
  const int64_t latency_nanos_;
  const int64_t jitter_nanos_;
  struct Direction {
    uint32_t lane;
    loop::Instant last_arrival;
  };
  Direction to_a_;
  Direction to_b_;
};

}  // namespace simloop::sim

#endif  // SIM_LINK_H_
