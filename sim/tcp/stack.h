// Stack: the TCP of one host: its ports, its connections by address pair, and
// the way of segments in and out.
#ifndef SIM_TCP_STACK_H_
#define SIM_TCP_STACK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/functional/function_ref.h"
#include "loop/address.h"
#include "loop/result.h"
#include "sim/block_pool.h"
#include "sim/icmp.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/connection_table.h"
#include "sim/tcp/death_row.h"
#include "sim/tcp/past.h"
#include "sim/tcp/port_table.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/tabled.h"
#include "sim/tcp/wakeful_queue.h"

namespace simloop::sim {
class Host;
class Packet;
}  // namespace simloop::sim

namespace simloop::sim::tcp {

class Listener;
class Socket;

class Stack final {
 public:
  explicit Stack(Host& host);
  ~Stack();

  Host& host() const { return host_; }
  PortTable& ports() { return ports_; }
  SentPool& sent_pool() { return sent_pool_; }
  BlockPool& connection_memory() { return connection_memory_; }
  PastTable& pasts() { return pasts_; }

  // A segment has come to this host.
  void Receive(const Segment& segment);
  // An ICMP error about a segment of this host (RFC 1122 section 4.2.3.9).
  void ReceiveError(const Icmp& icmp);

  // What a fresh socket of `family` starts with, as the host's settings are.
  const CopyOnWrite<SocketOptions>& FreshOptions(loop::Family family);
  const CongestionControl* FreshCongestionControl();
  void SettingsChanged() {
    fresh_ = fresh6_ = std::nullopt;
    fresh_control_ = nullptr;
  }

  // Gives `use` a port for bind(2) with port 0, or for connect(2) to `remote`
  // when that is given, for which it ends a TIME-WAIT in the way. EADDRINUSE,
  // EADDRNOTAVAIL: none is free.
  loop::Errno TakeEphemeralPort(PortUse& use, const loop::Endpoint* remote);

  // Ends a TIME-WAIT between the two, so that a new connection may follow it:
  // what connect(2) from a bound port does (__inet_check_established()).
  void ReuseTimeWait(const loop::Endpoint& local, const loop::Endpoint& remote);

  // Whether there is a connection between the two, or what is left of one.
  bool Taken(const loop::Endpoint& local, const loop::Endpoint& remote) {
    return connections_.Find({local, remote}) != nullptr;
  }
  ConnectionTable& connections() { return connections_; }
  // Keeps a connection that its program has closed, until it ends.
  void Adopt(std::unique_ptr<Connection> orphan);
  void EndOrphan(Connection& connection);
  DeathRow& death_row() { return death_row_; }
  // All that no program has any more is gone, without a word to anybody: the
  // host has crashed.
  void Forget();

  void AddListener(Listener& listener);
  void RemoveListener(Listener& listener);

  // `socket` has a connection that is not at rest, until Unwatch(); while it
  // sleeps the stack knows it by its Dormant.
  void Watch(Socket& socket);
  void Unwatch(Connection& connection);
  // Puts those to rest that have long been quiet, if their time has come: a few
  // at a time. To be called where no Connection is at work.
  void LetRest() {
    if (wakeful_.due() <= Now()) wakeful_.LetRest(Now());
  }

  // Sends `segment`. `origin` makes the name of the connection in schedules;
  // `kind` and `count` complete it: "client.connect#1/data#2". Not compiled
  // into its callers (ARCHITECTURE.md).
  ABSL_ATTRIBUTE_NOINLINE void Transmit(Segment&& segment, Sequence seq_base,
                                        Sequence ack_base,
                                        absl::FunctionRef<std::string()> origin,
                                        const char* kind, uint32_t count,
                                        bool again);
  // An RST in answer to a segment that belongs to nothing (RFC 9293 section
  // 3.10.7.1).
  void TransmitReset(const Segment& cause);

  Sequence NewInitialSequence() { return next_initial_ += 64'000; }
  Connection::Origin NextConnect() { return {true, ++connects_}; }
  Connection::Origin NextArrival() { return {false, ++arrivals_}; }
  // The largest payload of a packet to `remote`: tcp(7), "path MTU".
  uint32_t Mss(const loop::Endpoint& remote) const;

 private:
  loop::Instant Now() const;
  // Awake, if it was at rest.
  static Connection& ConnectionOf(Tabled& entry);
  // `segment` is between the two that `entry` names. False: that was a
  // TIME-WAIT, and is gone: a new connection begins.
  bool ReceiveFor(Tabled& entry, const Segment& segment);
  // `before` as a TIME-WAIT; null if it is none.
  static TimeWait* TimeWaitOf(Tabled* before);
  // Whether connect(2) may take a port whose last connection is in TIME-WAIT
  // (tcp_twsk_unique(), net.ipv4.tcp_tw_reuse).
  bool Reusable(const TimeWait& time_wait) const;
  void Reuse(TimeWait& time_wait);
  Listener* FindListener(const loop::Endpoint& local) const;

  Host& host_;
  // Made when they are first asked for.
  std::optional<CopyOnWrite<SocketOptions>> fresh_;
  std::optional<CopyOnWrite<SocketOptions>> fresh6_;
  const CongestionControl* fresh_control_ = nullptr;
  PortTable ports_;
  SentPool sent_pool_;
  BlockPool connection_memory_{sizeof(Connection)};
  PastTable pasts_{*this};
  WakefulQueue wakeful_;
  ConnectionTable connections_;
  std::vector<Listener*> listeners_;
  // What goes later looks itself up in the tables: these stand there.
  DeathRow death_row_{*this};
  // Owned; each knows its place.
  std::vector<std::unique_ptr<Connection>> orphans_;
  Sequence next_initial_ = 0;
  uint32_t connects_ = 0;
  uint32_t arrivals_ = 0;
  uint32_t resets_ = 0;
  uint32_t port_picks_ = 0;
  uint32_t next_port_ = 0;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_STACK_H_
