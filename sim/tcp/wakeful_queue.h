// WakefulQueue: the sockets of a host whose connections are not at rest, in the
// order in which they were looked at last; those that are found quiet are put
// to rest (sim/tcp/dormant.h).
#ifndef SIM_TCP_WAKEFUL_QUEUE_H_
#define SIM_TCP_WAKEFUL_QUEUE_H_

#include <cstdint>

#include "loop/instant.h"
#include "sim/ring.h"

namespace simloop::sim::tcp {

class Socket;

class WakefulQueue final {
 public:
  // How long after that a connection is looked at.
  static constexpr int64_t kPauseNanos = 25'000'000;

  // Answers a number by which it can be taken out.
  uint32_t Add(Socket& socket, loop::Instant now) {
    entries_.Add(&socket, now.PlusNanos(kPauseNanos));
    return first_ + static_cast<uint32_t>(entries_.size()) - 1;
  }
  // REQUIRES: `number` stands there.
  void Remove(uint32_t number);
  // When the first is to be looked at; Infinite() if there is none.
  loop::Instant due() const {
    return entries_.empty() ? loop::Instant::Infinite() : entries_.front().due;
  }
  // Looks at the first two, if their time has come: they go to rest, or behind
  // the others; after one that is in use it leaves the second. So each that
  // comes makes room for itself, and no call is long.
  void LetRest(loop::Instant now);

 private:
  struct Entry {
    Socket* socket;  // null: it was taken out
    loop::Instant due;
  };

  Ring<Entry> entries_;
  uint32_t first_ = 0;  // the number of the first
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_WAKEFUL_QUEUE_H_
