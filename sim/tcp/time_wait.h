// TimeWait: what is left of a connection that its program has done with
// (RFC 9293 section 3.6): TIME-WAIT, and Linux's FIN_WAIT2 of a closed socket,
// 60 seconds each (TCP_TIMEWAIT_LEN, tcp_fin_timeout).
#ifndef SIM_TCP_TIME_WAIT_H_
#define SIM_TCP_TIME_WAIT_H_

#include <string>

#include "loop/address.h"
#include "sim/event.h"
#include "sim/tcp/port_table.h"
#include "sim/tcp/receiver.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sender.h"
#include "sim/tcp/sequence.h"
#include "sim/tcp/tabled.h"

namespace simloop::sim::tcp {

class Stack;

class TimeWait final : public Event, public Tabled {
 public:
  static constexpr int64_t kNanos = 60'000'000'000;

  TimeWait(Stack& stack, const Pair& pair, const Sender& sender,
           const Receiver& receiver, uint32_t window, bool fin_seen,
           int64_t nanos);
  ~TimeWait();

  // Acknowledges what comes again, ends at a reset, takes the FIN it waits
  // for. Answers false if `segment` opens a new connection instead (RFC 9293
  // section 3.10.7.4, RFC 6191): it is then gone.
  bool Receive(const Segment& segment);
  // The wait is over; destroys itself.
  void Fire() override;
  bool Live() const override { return ends_at_ <= at(); }
  void Refresh() override;
  loop::Instant Due() const override { return ends_at_; }
  std::string Name() const override;
  uint32_t HostIndex() const override;

  PortUse& port_use() { return port_use_; }
  Sequence snd_nxt() const { return snd_nxt_; }
  loop::Instant began() const { return began_; }

 private:
  friend class Stack;
  // The peer's FIN has not come.
  void ReceiveInFinWait2(const Segment& segment, bool old);
  void Wait(int64_t nanos);
  void Answer(const Segment& segment);
  void Reply();

  Stack& stack_;
  const Sequence iss_;  // the traces count from the initial numbers
  const Sequence irs_;
  const Sequence snd_nxt_;
  Sequence rcv_nxt_;
  const uint32_t echo_;    // the peer's last time stamp
  uint32_t answered_ = 0;  // when, as a time stamp; 0: never
  loop::Instant began_;
  loop::Instant ends_at_;
  const uint32_t window_;
  bool fin_seen_;
  PortUse port_use_;
  uint32_t replies_ = 0;
  uint32_t place_ = 0;  // among the stack's
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_TIME_WAIT_H_
