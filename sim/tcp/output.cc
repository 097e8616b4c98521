// Connection's segments out: new data as window, congestion window, Nagle and
// cork let it, what is lost once more, and what carries no data.

#include <algorithm>
#include <utility>

#include "sim/host.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_stamp.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

constexpr const char* kKindNames[] = {"ack",    "data", "probe", "syn",
                                      "synack", "fin",  "rst"};
// Before a window is told the peer may count on this much at most (a SYN's
// window field is never scaled, RFC 7323 section 2.2).
constexpr uint32_t kSynWindow = 65495;
// tcp_min_tso_segs, and the most that one segment carries.
constexpr uint32_t kLeastBurst = 2;
constexpr int64_t kSecond = 1'000'000'000;

}  // namespace

void Connection::Output(Sender::Hold hold) {
  if (!sender_.HasUnsent()) return;
  const uint32_t out_before = flight_.out();
  if (out_before == 0) {
    // CUBIC's curve stood meanwhile (CA_EVENT_TX_START).
    const loop::Instant now = stack_.host().world().Now();
    congestion_.control->Resumed(congestion_, now.nanos() - sent_at_.nanos(),
                                 now);
  }
  bool sent = false;
  while (sender_.HasUnsent()) {
    const uint32_t quota = Quota();
    if (quota == 0) break;
    Segment segment;
    if (!sender_.Next(&segment, hold, quota)) break;
    SendNew(segment);
    sent = true;
  }
  if (sent) {
    // tcp_cwnd_validate().
    const bool limited = flight_.InNetwork() >= congestion_.window;
    if (AtOrBefore(congestion_.most_out_end, sender_.una()) || limited ||
        (!congestion_.limited && flight_.out() > congestion_.most_out)) {
      congestion_.limited = limited;
      congestion_.most_out = flight_.out();
      congestion_.most_out_end = sender_.nxt();
    }
    if (out_before == 0 || wait_ == Wait::kLossProbe) RearmTimeout();
    ScheduleLossProbe(/*advancing=*/false);
  }
  ArmProbe();
}

// tcp_cwnd_test(): a FIN alone goes in any case.
uint32_t Connection::Quota() const {
  const uint32_t pipe = flight_.InNetwork();
  const uint32_t window = congestion_.window;
  if (pipe >= window) return sender_.OnlyFinUnsent() ? 1 : 0;
  const uint32_t half = std::max<uint32_t>(window / 2, 1);
  return std::min({window - pipe, half, BurstPieces()});
}

// As much as goes out in a millisecond at the rate that window and round trip
// give, and more where the round trip is short.
uint32_t Connection::BurstPieces() const {
  const uint32_t mss = sender_.EffectiveMss();
  if (sender_.Unsent() <= kLeastBurst * mss) return kLeastBurst;
  const int64_t smooth = retransmission_.smooth_nanos();
  const uint32_t most =
      static_cast<uint32_t>(std::max<size_t>(Slice::kMaxBytes / mss, 1));
  if (smooth == 0) return most;
  // net.ipv4.tcp_pacing_ss_ratio, tcp_pacing_ca_ratio, in percent.
  const uint64_t percent =
      congestion_.window < congestion_.threshold / 2 ? 200 : 120;
  const uint64_t rate = percent * congestion_.window * mss / 100 * kSecond /
                        static_cast<uint64_t>(smooth);
  uint64_t bytes = rate >> 10;
  // net.ipv4.tcp_tso_rtt_log.
  const uint64_t micros =
      static_cast<uint64_t>(retransmission_.least_nanos()) / 1000;
  const uint64_t halvings = micros >> 9;
  if (halvings < 32) bytes += Slice::kMaxBytes >> halvings;
  return static_cast<uint32_t>(
      std::min<uint64_t>(most, std::max<uint64_t>(bytes / mss, kLeastBurst)));
}

void Connection::SendNew(Segment& segment) {
  const loop::Instant now = stack_.host().world().Now();
  const bool data = !segment.payload.empty();
  const Kind kind = data ? Kind::kData : Kind::kFin;
  const uint32_t mss = segment.piece;
  const auto bytes = static_cast<uint32_t>(segment.payload.size());
  const uint32_t pieces = bytes <= mss ? 1 : (bytes + mss - 1) / mss;
  Sent& sent =
      flight_.Push(stack_.sent_pool(), segment.seq, segment.end(), pieces, now);
  sent.number = Next(kind);
  if (recovery() != nullptr) recovery()->SentNew(pieces);
  sent_at_ = now;
  if (data) receiver_.SentData(now);
  Transmit(segment, kind, sent.number, /*again=*/false);
}

bool Connection::SendAgain(Sent& sent, uint32_t pieces) {
  // Nothing goes beyond a window that has shrunk, but for the first.
  const Sequence edge = sender_.una() + sender_.window();
  if (!Before(sent.seq, edge) && sent.seq != sender_.una()) return false;
  const uint32_t mss = sender_.EffectiveMss();
  uint32_t room = std::max<uint32_t>(pieces, 1) * mss;
  if (Before(sent.seq, edge)) room = std::min(room, edge - sent.seq);
  flight_.Cut(stack_.sent_pool(), sent, std::max<uint32_t>(room, 1), mss);
  Segment segment;
  sender_.Again(sent.seq, sent.end, &segment);
  const loop::Instant now = stack_.host().world().Now();
  sent.ever = true;
  sent.at = now;
  sent_at_ = now;
  const bool data = !segment.payload.empty();
  Transmit(segment, data ? Kind::kData : Kind::kFin, sent.number,
           /*again=*/true);
  return true;
}

void Connection::RepeatLost() {
  if (recovery() == nullptr || flight_.lost() == flight_.again()) return;
  if (recovery()->TakeNewFirst()) {
    const Sequence before = sender_.nxt();
    Output(Sender::Hold::kNothing);
    if (sender_.nxt() != before) return;
    recovery()->NoNewData();
  }
  const loop::Instant now = stack_.host().world().Now();
  for (Sent* sent = flight_.first(); sent != nullptr; sent = sent->next) {
    if (!sent->lost || sent->again || sent->sacked) continue;
    const uint32_t pipe = flight_.InNetwork();
    if (pipe >= congestion_.window) return;
    const uint32_t room = std::min(congestion_.window - pipe, BurstPieces());
    if (!SendAgain(*sent, room)) return;
    flight_.Repeat(*sent, now);
    recovery()->Repeated(*sent, now);
    if (sent == flight_.first() && wait_ != Wait::kReordering) {
      RearmTimeoutFromNow();
    }
  }
}

// tcp_slow_start_after_idle_check(), when data is queued: what then waits for a
// window is not idle.
void Connection::RestartAfterIdle() {
  int64_t idle = stack_.host().world().Now().nanos() - sent_at_.nanos();
  const int64_t timeout = retransmission_.TimeoutNanos();
  if (idle <= timeout || stack_.host().options().slow_start_after_idle == 0) {
    return;
  }
  congestion_.threshold =
      std::max(congestion_.threshold, congestion_.window * 3 / 4);
  const uint32_t least =
      std::min(Congestion::kInitialWindow, congestion_.window);
  while ((idle -= timeout) > 0 && congestion_.window > least) {
    congestion_.window /= 2;
  }
  congestion_.window = std::max(congestion_.window, least);
  congestion_.most_out = 0;
}

uint32_t Connection::Mss(uint32_t peers) const {
  uint32_t mss = stack_.Mss(remote);
  if (peers > 0) mss = std::min(mss, peers - kTimestampBytes);
  if (options->max_segment > 0) {
    mss = std::min(
        mss, static_cast<uint32_t>(options->max_segment) - kTimestampBytes);
  }
  return mss;
}

void Connection::SendSyn(bool again) {
  Segment segment;
  segment.seq = sender_.iss();
  segment.flags = kSyn;
  segment.mss = static_cast<uint16_t>(Mss(0) + kTimestampBytes);
  const bool answer = state_ == State::kSynReceived;
  segment.sack_permitted =
      stack_.host().options().sack != 0 && (!answer || receiver_.sack());
  if (answer) segment.flags |= kAck;
  const Kind kind = answer ? Kind::kSynAck : Kind::kSyn;
  const uint16_t number = again ? Counted(kind) : Next(kind);
  Transmit(segment, kind, number, again);
}

void Connection::SendAck() {
  Segment segment;
  segment.seq = sender_.nxt();
  segment.flags = kAck;
  receiver_.TellSack(&segment);
  Transmit(segment, Kind::kAck, Next(Kind::kAck), /*again=*/false);
}

void Connection::Challenge(const Segment& segment) {
  // Data is no part of a loop of acknowledgments (tcp_oow_rate_limited()).
  const bool limited = segment.payload.empty() || segment.has(kSyn);
  const loop::Instant now = stack_.host().world().Now();
  if (limited) {
    loop::Instant& last = trouble().challenged_at;
    if (!last.infinite() && now.nanos() - last.nanos() < kSecond / 2) return;
    last = now;
  }
  SendAck();
}

void Connection::SendReset(Sequence seq) {
  Segment segment;
  segment.seq = seq;
  segment.flags = kRst | kAck;
  Transmit(segment, Kind::kRst, Next(Kind::kRst), /*again=*/false);
}

void Connection::Transmit(Segment& segment, Kind kind, uint16_t number,
                          bool again) {
  segment.from = local;
  segment.to = remote;
  if (segment.has(kSyn)) {
    segment.window = std::min<uint32_t>(
        kSynWindow, static_cast<uint32_t>(receiver_.limit_bytes()));
  } else if (!segment.has(kRst)) {
    segment.window = receiver_.TellWindow();
  }
  segment.stamp = TimeStamp(stack_.host().world().Now());
  if (segment.has(kAck)) {
    segment.ack = receiver_.nxt();
    segment.echo = receiver_.echo();
    ack_due_ = false;
    receiver_.Acknowledged();
    StopTimer(kDelayedAck);
  }
  if (mute_) return;
  stack_.Transmit(
      std::move(segment), sender_.iss(), receiver_.irs(),
      [&] { return OriginName(); }, kKindNames[static_cast<int>(kind)], number,
      again);
}

}  // namespace simloop::sim::tcp
