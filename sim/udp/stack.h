// Stack: the UDP of one host: its ports, which socket a datagram is for, and
// the way of datagrams in and out (net/ipv4/udp.c, net/ipv6/udp.c).
#ifndef SIM_UDP_STACK_H_
#define SIM_UDP_STACK_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "loop/address.h"
#include "loop/errno.h"
#include "sim/icmp.h"
#include "sim/udp/datagram.h"

namespace simloop::sim {
class Host;
}  // namespace simloop::sim

namespace simloop::sim::udp {

class Socket;

class Stack final {
 public:
  explicit Stack(Host& host);

  Host& host() const { return host_; }

  // A datagram has come to this host. One that is for nobody is answered with
  // an ICMP error, unless it was for many.
  void Receive(const Datagram& datagram);
  // An ICMP error about a datagram of this host has come.
  void ReceiveError(const Icmp& error);
  // Sends a datagram of `data`; `sender` names it in schedules:
  // "client.udp#1/datagram#2".
  void Transmit(const DatagramHeader& header, absl::Span<const char> data,
                const Socket& sender);

  // Gives `socket` its local port: EADDRINUSE if others hold it and do not
  // share it (udp_lib_lport_inuse()).
  loop::Errno Take(Socket& socket, uint16_t port);
  // The same with a port that nobody holds, of the host's range or the
  // socket's own (IP_LOCAL_PORT_RANGE). EADDRINUSE: none is free.
  loop::Errno TakeEphemeral(Socket& socket);
  // REQUIRES: it holds one.
  void Release(Socket& socket);
  // Its local address changed: of those who share a port, the last is asked
  // first (udp_lib_rehash()).
  void Rehash(Socket& socket);

  // Numbers sockets, and knows all that are open.
  uint32_t Add(Socket& socket) {
    all_.push_back(&socket);
    return ++sockets_;
  }
  void Remove(Socket& socket);

 private:
  bool Conflicts(const Socket& socket, uint16_t port) const;
  // The socket that a datagram between the two is for; null if none is.
  Socket* Find(const loop::Endpoint& local, const loop::Endpoint& remote) const;
  // Those that hold `port`; null if none does.
  const std::vector<Socket*>* HoldersOf(uint16_t port) const {
    if (port != asked_port_ || holders_ == nullptr) LookUp(port);
    return holders_;
  }
  void LookUp(uint16_t port) const;
  // The same, to be changed.
  std::vector<Socket*>& ListOf(uint16_t port) {
    holders_ = nullptr;
    return ports_[port];
  }
  // SO_REUSEPORT: one of those who share `first`'s address and port, by the
  // endpoints alone (reuseport_select_sock()).
  Socket* Share(Socket& first, const loop::Endpoint& local,
                const loop::Endpoint& remote) const;
  void ReceiveForMany(const Datagram& datagram);
  void Refuse(const Datagram& datagram);

  Host& host_;
  // By port, in the order in which they came. Looked up only, never walked:
  // its order is salted.
  absl::flat_hash_map<uint16_t, std::vector<Socket*>> ports_;
  // What HoldersOf() answered last: many datagrams come for few ports. Null:
  // ask again.
  mutable const std::vector<Socket*>* holders_ = nullptr;
  mutable uint16_t asked_port_ = 0;
  std::vector<Socket*> all_;
  uint32_t sockets_ = 0;
  uint32_t refusals_ = 0;
  uint32_t port_picks_ = 0;
  uint32_t next_port_ = 0;
};

}  // namespace simloop::sim::udp

#endif  // SIM_UDP_STACK_H_
