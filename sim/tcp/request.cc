#include "sim/tcp/request.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/host.h"
#include "sim/tcp/listener.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_stamp.h"
#include "sim/world.h"

namespace simloop::sim::tcp {

Request::Request(Listener& listener, const Segment& syn, Sequence iss)
    : Tabled({syn.to, syn.from}, Kind::kRequest),
      listener_(listener),
      iss_(iss),
      irs_(syn.seq),
      mss_(syn.mss),
      stamp_(syn.stamp),
      origin_(stack().NextArrival()),
      sack_(syn.sack_permitted) {
  stack().connections().Insert(*this);
  Answer(/*again=*/false);
}

Request::~Request() {
  stack().host().world().queue().Cancel(*this);
  if (in_table_) stack().connections().Erase(*this);
}

Stack& Request::stack() const { return listener_.stack(); }

bool Request::Receive(const Segment& segment) {
  const bool ack = segment.has(kAck);
  const bool old = OldStamp(segment);
  if (segment.seq == irs_ && segment.has(kSyn) && !ack && !segment.has(kRst) &&
      !old) {
    if (MayAnswer()) Answer(/*again=*/true);
    return true;
  }
  if (ack && segment.ack != iss_ + 1) return segment.has(kRst);
  if (old || !InWindow(segment)) {
    if (!segment.has(kRst) && MayAnswer()) Tell();
    return true;
  }
  if (segment.stamp != 0 && AtOrBefore(segment.seq, irs_ + 1)) {
    stamp_ = segment.stamp;
  }
  if (segment.has(kRst) || segment.has(kSyn)) {
    listener_.Remove(*this);
    return segment.has(kRst);
  }
  if (!ack || Defers(segment)) return true;
  return listener_.Complete(*this, segment);
}

void Request::ReceiveError(const Icmp& icmp) {
  const bool ends = icmp.code == Icmp::Code::kNetUnreachable ||
                    icmp.code == Icmp::Code::kHostUnreachable ||
                    icmp.code == Icmp::Code::kTimeExceeded;
  if (ends && icmp.sequence == iss_) listener_.Remove(*this);
}

bool Request::InWindow(const Segment& segment) const {
  const Sequence next = irs_ + 1;
  const Sequence edge = next + listener_.Window();
  return segment.seq == next ||
         (Before(next, segment.end()) && Before(segment.seq, edge)) ||
         (segment.seq == edge && segment.length() == 0);
}

bool Request::MayAnswer() {
  const uint32_t now = TimeStamp(stack().host().world().Now());
  if (told_ != 0 && now - told_ < 500) return false;
  told_ = now;
  return true;
}

void Request::Tell() {
  Segment ack;
  ack.from = local;
  ack.to = remote;
  ack.flags = kAck;
  ack.seq = iss_ + 1;
  ack.ack = irs_ + 1;
  ack.window = listener_.Window();
  ack.stamp = TimeStamp(stack().host().world().Now());
  ack.echo = stamp_;
  stack().Transmit(
      std::move(ack), iss_, irs_, [&] { return OriginName(); }, "ack",
      ++tellings_,
      /*again=*/false);
}

void Request::Answer(bool again) {
  const loop::Instant now = stack().host().world().Now();
  Segment answer;
  answer.from = local;
  answer.to = remote;
  answer.flags = kSyn | kAck;
  answer.seq = iss_;
  answer.ack = irs_ + 1;
  answer.mss = static_cast<uint16_t>(listener_.Mss(remote));
  answer.sack_permitted = sack_ && stack().host().options().sack != 0;
  answer.stamp = TimeStamp(now);
  answer.echo = stamp_;
  answer.window = listener_.Window();
  stack().Transmit(
      std::move(answer), iss_, irs_, [&] { return OriginName(); }, "synack", 1,
      again);
  answered_at_ = again ? loop::Instant::Infinite() : now;
  Rearm();
}

void Request::Rearm() {
  World& world = stack().host().world();
  world.queue().Schedule(
      *this, world.Now().PlusNanos(Retransmission::kInitialNanos << timeouts_));
}

// syn_ack_recalc(): once the peer has acknowledged, TCP_DEFER_ACCEPT waits for
// its data, and asks once more at the end of its time.
void Request::Fire() {
  Host& host = stack().host();
  const int deferred = listener_.options().defer_accept_retries;
  const bool waits = acked_ && timeouts_ < deferred;
  if (timeouts_ >= host.options().synack_retries && !waits) {
    listener_.Remove(*this);
    return;
  }
  const bool asks = !acked_ || timeouts_ >= deferred - 1;
  ++timeouts_;
  if (asks) {
    Answer(/*again=*/true);
  } else {
    Rearm();
  }
  host.RunSoftirq();
}

bool Request::Defers(const Segment& segment) {
  const int deferred = listener_.options().defer_accept_retries;
  if (timeouts_ >= deferred || segment.length() > 0) return false;
  acked_ = true;
  return true;
}

std::string Request::OriginName() const {
  return absl::StrCat(stack().host().name(), ".accept#", origin_.number);
}

std::string Request::Name() const {
  return absl::StrCat(OriginName(), "/timer");
}

uint32_t Request::HostIndex() const { return stack().host().index(); }

}  // namespace simloop::sim::tcp
