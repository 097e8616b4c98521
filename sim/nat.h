// Nat: network address and port translation of a router (RFC 3022): what comes
// from inside goes out under the router's own address, and answers find their
// way back as long as the mapping is in use. A mapping is of one pair of ends;
// it keeps the port number where that is free, as Linux's masquerading does.
#ifndef SIM_NAT_H_
#define SIM_NAT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "loop/address.h"
#include "loop/instant.h"
#include "sim/packet.h"

namespace simloop::sim {

class Host;
class Link;

struct NatOptions {
  // How long a mapping lives without a packet: of an established connection
  // and of one that opens or closes (RFC 5382 section 5, REQ-5: not less than
  // 2 hours 4 minutes, 4 minutes); of datagrams (RFC 4787 section 4.3, REQ-5:
  // 5 minutes or more recommended).
  absl::Duration tcp_established = absl::Minutes(124);
  absl::Duration tcp_transitory = absl::Minutes(4);
  absl::Duration udp = absl::Minutes(5);
  // What has no mapping and cannot make one is answered with a RST, if it is
  // TCP; else it is dropped without a word.
  bool reset_unmapped = false;
};

class Nat final {
 public:
  enum class Verdict : uint8_t { kPass, kDrop, kReset };

  Nat(Host& router, const NatOptions& options)
      : router_(router), options_(options) {}

  // Whoever is at the other end of `link` is inside.
  void AddInside(const Link& link) { inside_.push_back(&link); }
  bool Inside(const Link* link) const;

  // A packet from inside goes out: gives it the router's address, and a
  // mapping. TCP makes a new one only with a SYN (RFC 5382 section 4.3).
  Verdict TranslateOut(Packet* packet);
  // A packet to the router's address has come from outside.
  Verdict TranslateIn(Packet* packet);
  // That are in use.
  size_t mappings() const;

 private:
  // Protocol, and two ends: inside and remote, or public and remote.
  using Key = std::tuple<Protocol, loop::Endpoint, loop::Endpoint>;
  struct Mapping {
    loop::Endpoint inside;
    loop::Endpoint outside;  // the router's address and port
    loop::Endpoint remote;
    loop::Instant expires;
    bool answered = false;     // something came back
    bool established = false;  // and was acknowledged
    bool fin_out = false;
    bool fin_in = false;
    bool reset = false;
  };

  // Null if there is none in use.
  Mapping* FindOut(Protocol protocol, const loop::Endpoint& inside,
                   const loop::Endpoint& remote);
  Mapping* FindIn(Protocol protocol, const loop::Endpoint& outside,
                  const loop::Endpoint& remote);
  // Null if every port is taken.
  Mapping* Make(Protocol protocol, const loop::Endpoint& inside,
                const loop::Endpoint& remote);
  void Use(Protocol protocol, const Packet& packet, bool out, Mapping* mapping);
  Verdict Unmapped() const {
    return options_.reset_unmapped ? Verdict::kReset : Verdict::kDrop;
  }
  Verdict ErrorOut(Packet* packet);
  Verdict ErrorIn(Packet* packet);

  Host& router_;
  const NatOptions options_;
  std::vector<const Link*> inside_;
  std::map<Key, Mapping> by_inside_;
  std::map<Key, loop::Endpoint> by_outside_;  // the inside end
};

}  // namespace simloop::sim

#endif  // SIM_NAT_H_
