// Router: what makes a host one (RFC 1812): it passes packets on from link to
// link. It keeps no queue: each link has its own.
#ifndef SIM_ROUTER_H_
#define SIM_ROUTER_H_

#include <memory>

#include "sim/nat.h"
#include "sim/packet.h"

namespace simloop::sim {

class Host;

class Router final {
 public:
  explicit Router(Host& host) : host_(host) {}

  // Translates addresses from now on.
  void SetNat(const NatOptions& options) {
    nat_ = std::make_unique<Nat>(host_, options);
  }
  // Null if it does not.
  Nat* nat() const { return nat_.get(); }

  // A packet has come over a link. Passes it on, or drops it with the ICMP
  // error that is due: time exceeded, net unreachable, fragmentation needed.
  // Answers false if it is for the router itself.
  bool Take(Packet& packet);

 private:
  void Forward(Packet& packet);
  // Answers false if the packet is gone.
  bool Obey(Nat::Verdict verdict, Packet& packet);

  Host& host_;
  std::unique_ptr<Nat> nat_;
};

}  // namespace simloop::sim

#endif  // SIM_ROUTER_H_
