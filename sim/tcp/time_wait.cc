#include "sim/tcp/time_wait.h"

#include "absl/strings/str_cat.h"
#include "sim/host.h"
#include "sim/tcp/stack.h"
#include "sim/world.h"

namespace simloop::sim::tcp {

TimeWait::TimeWait(Stack& stack, const Pair& pair, const Sender& sender,
                   const Receiver& receiver, uint32_t window, bool fin_seen,
                   int64_t nanos)
    : Tabled(pair, /*time_wait=*/true),
      stack_(stack),
      iss_(sender.iss()),
      irs_(receiver.irs()),
      snd_nxt_(sender.nxt()),
      rcv_nxt_(receiver.nxt()),
      echo_(receiver.echo()),
      began_(stack.host().world().Now()),
      window_(window),
      fin_seen_(fin_seen) {
  World& world = stack_.host().world();
  world.queue().Schedule(*this, world.Now().PlusNanos(nanos));
}

TimeWait::~TimeWait() {
  stack_.host().world().queue().Cancel(*this);
  stack_.Erase(*this);
  stack_.ports().Remove(port_use_);
}

std::string TimeWait::Name() const {
  return absl::StrCat(stack_.host().name(), ".time_wait ", local.ToString(),
                      " ", remote.ToString());
}

uint32_t TimeWait::HostIndex() const { return stack_.host().index(); }

void TimeWait::Fire() { stack_.End(*this); }

bool TimeWait::Receive(const Segment& segment) {
  World& world = stack_.host().world();
  if (segment.has(kRst)) {
    if (segment.seq == rcv_nxt_) stack_.End(*this);
    return true;
  }
  if (!fin_seen_) {
    // FIN_WAIT2 (tcp_timewait_state_process() of Linux).
    if (segment.has(kSyn) || !AtOrBefore(segment.end(), rcv_nxt_)) {
      const bool just_fin = segment.has(kFin) && segment.end() == rcv_nxt_ + 1;
      if (!just_fin) {
        stack_.TransmitReset(segment);
        stack_.End(*this);
        return true;
      }
      ++rcv_nxt_;
      fin_seen_ = true;
      world.queue().Schedule(*this, world.Now().PlusNanos(kNanos));
      Reply(kAck, snd_nxt_, rcv_nxt_);
    }
    return true;
  }
  // RFC 6191: a higher number, or a later time stamp.
  const bool later = segment.stamp != 0 && echo_ != 0 &&
                     static_cast<int32_t>(segment.stamp - echo_) > 0;
  if (segment.has(kSyn) && !segment.has(kAck) &&
      (later || Before(rcv_nxt_, segment.seq))) {
    stack_.End(*this);
    return false;
  }
  if (segment.length() > 0) {
    world.queue().Schedule(*this, world.Now().PlusNanos(kNanos));
    Reply(kAck, snd_nxt_, rcv_nxt_);
  }
  return true;
}

void TimeWait::Reply(uint8_t flags, Sequence seq, Sequence ack) {
  Segment segment;
  segment.from = local;
  segment.to = remote;
  segment.flags = flags;
  segment.seq = seq;
  segment.ack = ack;
  segment.window = window_;
  stack_.Transmit(
      segment, iss_, irs_, [&] { return Name(); }, "ack", ++replies_,
      /*again=*/false);
}

}  // namespace simloop::sim::tcp
