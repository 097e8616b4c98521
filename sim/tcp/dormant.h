// Dormant: a connection at rest: what is kept of one that has long been quiet,
// in a quarter of its memory, until its program or its peer wants something. It
// stands in the tables in its place, and the Connection that is made of it
// again is what it was: nobody but the memory can tell.
#ifndef SIM_TCP_DORMANT_H_
#define SIM_TCP_DORMANT_H_

#include <cstdint>

#include "loop/instant.h"
#include "sim/copy_on_write.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/past.h"
#include "sim/tcp/port_table.h"
#include "sim/tcp/sequence.h"
#include "sim/tcp/socket_options.h"
#include "sim/tcp/tabled.h"

namespace simloop::sim::tcp {

class Socket;

class Dormant final : public Tabled {
 public:
  // Takes the place of `connection` in the tables of its host, which is then
  // to be destroyed. `owner` is whose it is. REQUIRES: it is quiet.
  Dormant(Connection& connection, Socket& owner);
  // Leaves the tables, unless a Connection has taken its place.
  ~Dormant();

  Socket& owner() const { return owner_; }
  // REQUIRES: it has not awoken.
  Stack& stack() const { return past_->stack; }

 private:
  friend class Connection;

  static Past PastOf(const Connection& connection);
  void Restore(Connection* connection) const;

  PortUse port_use_;
  uint32_t origin_number_;
  Sequence iss_;
  Sequence irs_;
  loop::Instant heard_at_;
  CopyOnWrite<SocketOptions> options_;
  SharedPast* past_;  // null: it has awoken
  Socket& owner_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_DORMANT_H_
