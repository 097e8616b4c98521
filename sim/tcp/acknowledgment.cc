// Connection's acknowledgments that come in: what they tell of the segments in
// flight, of the round trip, of losses and of the congestion window (tcp_ack()
// of Linux).

#include <algorithm>

#include "sim/host.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_stamp.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

constexpr int64_t kMilli = 1'000'000;

}  // namespace

LossRecovery& Connection::Recovery() {
  std::unique_ptr<LossRecovery>& recovery = trouble().recovery;
  if (recovery == nullptr) {
    LossRecovery::Settings settings;
    settings.sack = receiver_.sack();
    settings.reordering =
        static_cast<uint32_t>(stack_.host().options().reordering);
    recovery = std::make_unique<LossRecovery>(flight_, stack_.sent_pool(),
                                              congestion_, settings);
  }
  return *recovery;
}

RecoveryAck Connection::AsOfNow() const {
  RecoveryAck ack;
  ack.una_before = ack.una = sender_.una();
  ack.nxt = sender_.nxt();
  ack.mss = sender_.EffectiveMss();
  ack.now = stack_.host().world().Now();
  ack.smooth_nanos = retransmission_.smooth_nanos();
  ack.least_nanos = retransmission_.least_nanos();
  return ack;
}

SackBlock Connection::TakeSack(const Segment& segment, Sequence una_before,
                               Delivery* told) {
  if (segment.sack_blocks == 0 || !receiver_.sack()) return {};
  // The first block may tell of what came twice (RFC 2883 section 4).
  const SackBlock& block = segment.sack[0];
  const bool within = segment.sack_blocks > 1 &&
                      AtOrBefore(segment.sack[1].left, block.left) &&
                      AtOrBefore(block.right, segment.sack[1].right);
  const bool twice = Before(block.left, segment.ack) || within;
  // In order, or what is new in a lower one would seem to be overtaken.
  SackBlock blocks[Segment::kMostSackBlocks];
  int count = 0;
  for (int i = twice ? 1 : 0; i < segment.sack_blocks; ++i) {
    int at = count++;
    for (; at > 0 && Before(segment.sack[i].left, blocks[at - 1].left); --at) {
      blocks[at] = blocks[at - 1];
    }
    blocks[at] = segment.sack[i];
  }
  const uint32_t mss = sender_.EffectiveMss();
  for (const SackBlock* sack = blocks; sack != blocks + count; ++sack) {
    if (!Before(sack->left, sack->right) ||
        Before(sender_.nxt(), sack->right) || Before(sack->left, una_before)) {
      continue;
    }
    flight_.Sack(stack_.sent_pool(), *sack, mss, told);
  }
  return twice ? block : SackBlock();
}

void Connection::Acknowledge(const Segment& segment, Sequence una_before,
                             bool bare) {
  const loop::Instant now = stack_.host().world().Now();
  const uint32_t mss = sender_.EffectiveMss();
  const Sequence una = sender_.una();
  const bool advanced = una != una_before;
  const Sequence sacked_before =
      receiver_.sack() ? flight_.SackedBefore() : una_before;
  Delivery told;
  const SackBlock twice = TakeSack(segment, una_before, &told);
  if (advanced) {
    flight_.Acknowledge(stack_.sent_pool(), una, mss, sacked_before, &told);
  }
  MeasureRoundTrip(segment, told, advanced);
  const bool duplicate = bare && !advanced && !flight_.empty();
  const bool sign = told.sacked > 0 || (duplicate && !receiver_.sack());
  if (recovery() != nullptr
          ? recovery()->attentive() || sign || twice.left != twice.right
          : sign) {
    RecoveryAck ack = AsOfNow();
    ack.told = told;
    ack.una_before = una_before;
    ack.bare = duplicate;
    ack.unsent = sender_.HasUnsent() && sender_.WindowOpen();
    ack.echo_millis = segment.echo;
    ack.twice = (twice.right - twice.left + mss - 1) / mss;
    ack.twice_end = twice.right;
    Recovery().Acked(ack);
  }
  const bool reducing = recovery() != nullptr && recovery()->reducing();
  const bool reorders = recovery() != nullptr && recovery()->reorders();
  Acknowledgment news;
  news.pieces = told.delivered;
  news.una = una;
  news.nxt = sender_.nxt();
  news.now = now;
  if (told.any && !told.newest_repeated) {
    news.round_trip_nanos = now.nanos() - told.newest.nanos();
  }
  if (told.delivered > 0) congestion_.control->Measured(congestion_, news);
  const bool forward = advanced || (reorders && told.delivered > 0);
  if (!reducing && forward && told.delivered > 0 && congestion_.Limited()) {
    congestion_.control->Acked(congestion_, news);
  }
  if (recovery() != nullptr && recovery()->reordering_nanos() > 0 &&
      !flight_.empty()) {
    wait_ = Wait::kReordering;
    SetTimer(kRetransmit, recovery()->reordering_nanos());
  } else if (advanced) {
    if (flight_.empty()) {
      StopTimer(kRetransmit);
      wait_ = Wait::kTimeout;
    } else if (!ScheduleLossProbe(/*advancing=*/true)) {
      RearmTimeout();
    }
  }
}

// tcp_ack_update_rtt().
void Connection::MeasureRoundTrip(const Segment& segment, const Delivery& told,
                                  bool advanced) {
  if (advanced) retransmission_.Progressed();
  if (!told.repeated && !told.oldest.infinite()) {
    MeasuredSince(told.oldest);
  } else if (advanced && segment.echo != 0) {
    MeasuredByEcho(segment.echo);
  }
}

void Connection::MeasuredSince(loop::Instant sent) {
  const loop::Instant now = stack_.host().world().Now();
  retransmission_.Measured(now.nanos() - sent.nanos(), now, sender_.una(),
                           sender_.nxt());
}

void Connection::MeasuredByEcho(uint32_t echo) {
  const loop::Instant now = stack_.host().world().Now();
  const uint32_t millis = TimeStamp(now) - echo;
  retransmission_.Measured(std::max<int64_t>(millis, 1) * kMilli, now,
                           sender_.una(), sender_.nxt());
}

}  // namespace simloop::sim::tcp
