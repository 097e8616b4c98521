#include "sim/tcp/time_wait.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/host.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_stamp.h"
#include "sim/world.h"

namespace simloop::sim::tcp {

static_assert(sizeof(TimeWait) <= 128);

TimeWait::TimeWait(const Pair& pair, const Sender& sender,
                   const Receiver& receiver, uint32_t window, bool fin_seen,
                   loop::Instant now)
    : Tabled(pair, Kind::kTimeWait),
      fin_seen_(fin_seen),
      window_(window),
      iss_(sender.iss()),
      irs_(receiver.irs()),
      snd_nxt_(sender.nxt()),
      rcv_nxt_(receiver.nxt()),
      echo_(receiver.echo()),
      began_(now) {}

std::string TimeWait::Name(const Stack& stack) const {
  return absl::StrCat(stack.host().name(), ".time_wait ", local.ToString(), " ",
                      remote.ToString());
}

// tcp_timewait_state_process().
bool TimeWait::Receive(Stack& stack, const Segment& segment) {
  const int32_t newer = segment.stamp == 0 || echo_ == 0
                            ? 0
                            : static_cast<int32_t>(segment.stamp - echo_);
  if (!fin_seen_) {
    ReceiveInFinWait2(stack, segment, newer < 0);
    return true;
  }
  if (newer >= 0 && segment.seq == rcv_nxt_ &&
      (segment.length() == 0 || segment.has(kRst))) {
    if (segment.has(kRst)) {
      stack.death_row().End(*this);
    } else {
      stack.death_row().Delay(*this, kNanos);
    }
    return true;
  }
  if (segment.has(kRst)) return true;
  // RFC 6191: a higher number, or a later time stamp.
  if (segment.has(kSyn) && !segment.has(kAck) && newer >= 0 &&
      (newer > 0 || Before(rcv_nxt_, segment.seq))) {
    stack.death_row().End(*this);
    return false;
  }
  // It may be a new SYN with a lower number: that does not prolong it.
  if (newer < 0 || segment.has(kAck)) stack.death_row().Delay(*this, kNanos);
  Answer(stack, segment);
  return true;
}

void TimeWait::ReceiveInFinWait2(Stack& stack, const Segment& segment,
                                 bool old) {
  const Sequence edge = rcv_nxt_ + window_;
  const bool within =
      segment.seq == rcv_nxt_ ||
      (Before(rcv_nxt_, segment.end()) && Before(segment.seq, edge)) ||
      (segment.seq == edge && segment.length() == 0);
  if (old || !within) {
    if (!segment.has(kRst)) Answer(stack, segment);
    return;
  }
  if (segment.has(kRst)) {
    stack.death_row().End(*this);
    return;
  }
  const bool fresh = Before(rcv_nxt_, segment.end());
  const bool syn = segment.has(kSyn) && !Before(segment.seq, rcv_nxt_);
  if (!syn && (!segment.has(kAck) || !fresh)) return;
  // Data, which nobody will read.
  if (syn || !segment.has(kFin) || segment.end() != rcv_nxt_ + 1) {
    stack.TransmitReset(segment);
    stack.death_row().End(*this);
    return;
  }
  ++rcv_nxt_;
  fin_seen_ = true;
  stack.death_row().Delay(*this, kNanos);
  Reply(stack);
}

// Where it stands; what carries no data is told so twice a second at most, in
// case that is answered in turn (tcp_invalid_ratelimit).
void TimeWait::Answer(Stack& stack, const Segment& segment) {
  if (segment.payload.empty() && !segment.has(kFin)) {
    const uint32_t now = TimeStamp(stack.host().world().Now());
    if (answered_ != 0 && now - answered_ < 500) return;
    answered_ = now;
  }
  Reply(stack);
}

void TimeWait::Reply(Stack& stack) {
  Segment segment;
  segment.from = local;
  segment.to = remote;
  segment.flags = kAck;
  segment.seq = snd_nxt_;
  segment.ack = rcv_nxt_;
  segment.window = window_;
  segment.stamp = TimeStamp(stack.host().world().Now());
  segment.echo = echo_;
  stack.Transmit(
      std::move(segment), iss_, irs_, [&] { return Name(stack); }, "ack",
      ++replies_,
      /*again=*/false);
}

}  // namespace simloop::sim::tcp
