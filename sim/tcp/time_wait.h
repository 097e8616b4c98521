// TimeWait: what is left of a connection that its program has done with
// (RFC 9293 section 3.6): TIME-WAIT, and Linux's FIN_WAIT2 of a closed socket,
// 60 seconds each (TCP_TIMEWAIT_LEN, tcp_fin_timeout). When it ends, its
// stack's DeathRow knows.
#ifndef SIM_TCP_TIME_WAIT_H_
#define SIM_TCP_TIME_WAIT_H_

#include <cstdint>
#include <string>

#include "loop/instant.h"
#include "sim/tcp/port_table.h"
#include "sim/tcp/receiver.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sender.h"
#include "sim/tcp/sequence.h"
#include "sim/tcp/tabled.h"

namespace simloop::sim::tcp {

class Stack;

class TimeWait final : public Tabled {
 public:
  static constexpr int64_t kNanos = 60'000'000'000;

  // Begins at `now`.
  TimeWait(const Pair& pair, const Sender& sender, const Receiver& receiver,
           uint32_t window, bool fin_seen, loop::Instant now);

  // Acknowledges what comes again, ends at a reset, takes the FIN it waits
  // for. Answers false if `segment` opens a new connection instead (RFC 9293
  // section 3.10.7.4, RFC 6191): it is then gone. `stack` is its own.
  bool Receive(Stack& stack, const Segment& segment);

  PortUse& port_use() { return port_use_; }
  Sequence snd_nxt() const { return snd_nxt_; }
  loop::Instant began() const { return began_; }
  // "client.time_wait 10.0.0.1:32768 10.0.0.2:80".
  std::string Name(const Stack& stack) const;

 private:
  friend class DeathRow;
  // The peer's FIN has not come.
  void ReceiveInFinWait2(Stack& stack, const Segment& segment, bool old);
  void Answer(Stack& stack, const Segment& segment);
  void Reply(Stack& stack);

  // There may be hundreds of thousands: each is two lines of the cache.
  bool fin_seen_;
  uint16_t replies_ = 0;
  const uint32_t window_;
  TimeWait* previous_ = nullptr;  // in the row
  TimeWait* next_ = nullptr;
  const Sequence iss_;  // the traces count from the initial numbers
  const Sequence irs_;
  const Sequence snd_nxt_;
  Sequence rcv_nxt_;
  const uint32_t echo_;    // the peer's last time stamp
  uint32_t answered_ = 0;  // when, as a time stamp; 0: never
  const loop::Instant began_;
  loop::Instant ends_at_;
  PortUse port_use_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_TIME_WAIT_H_
