#include "sim/tcp/loss_recovery.h"

#include <algorithm>

#include "sim/tcp/time_stamp.h"

namespace simloop::sim::tcp {
namespace {

// What RACK waits for at least, beyond its window (TCP_TIMEOUT_MIN).
constexpr int64_t kTimerSlackNanos = 2'000'000;

}  // namespace

void LossRecovery::Acked(const RecoveryAck& ack) {
  lost_before_ = flight_.lost();
  TakeReordering(ack);
  TakeDuplicates(ack);
  new_first_ = false;
  TakeLatest(ack);
  if (probe_end_set_) TakeProbeAnswer(ack);
  const Delivery& told = ack.told;
  const uint32_t delivered = sack_ ? told.delivered : CountEmulated(ack);
  const bool dubious = ack.bare || told.sacked > 0 || ack.twice > 0 ||
                       state_ != State::kOpen || flight_.sacked() > 0;
  if (dubious) Alert(ack);
  if (reducing()) {
    const bool newly_lost = flight_.lost() > lost_before_;
    Reduce(delivered, ack.advanced() && !newly_lost);
  }
}

// tcp_rack_advance(). The round trip that counts is that of the segment told of
// last, and not of the one sent last.
void LossRecovery::TakeLatest(const RecoveryAck& ack) {
  const Delivery& told = ack.told;
  if (!told.any) return;
  const int64_t newest = ack.now.nanos() - told.newest.nanos();
  const int64_t last = ack.now.nanos() - told.last.nanos();
  // Sooner than any round trip: it was the first one that came.
  const bool newest_counts = !told.newest_repeated || newest >= ack.least_nanos;
  const bool last_counts = !told.last_repeated || last >= ack.least_nanos;
  if (!newest_counts && !last_counts) return;
  rack_news_ = true;
  rack_rtt_nanos_ = last_counts ? last : newest;
  if (newest_counts) {
    AdvanceRack(told.newest, told.newest_end);
  } else {
    AdvanceRack(told.last, told.last_end);
  }
}

void LossRecovery::AdvanceRack(loop::Instant sent, Sequence end) {
  if (rack_any_ &&
      (sent < rack_sent_ || (sent == rack_sent_ && !Before(rack_end_, end)))) {
    return;
  }
  rack_any_ = true;
  rack_sent_ = sent;
  rack_end_ = end;
}

// Without SACK each duplicate says that one more has come. Answers how many
// pieces are known to have arrived by `ack` alone.
uint32_t LossRecovery::CountEmulated(const RecoveryAck& ack) {
  if (!ack.advanced()) {
    // After a time-out only those of new data count (tcp_process_loss()).
    if (state_ == State::kLoss && !Before(high_, ack.nxt)) return 0;
    return ack.bare ? flight_.EmulateSack(1) : 0;
  }
  const uint32_t before = flight_.sacked();
  if (state_ == State::kRecovery) {
    flight_.AckEmulated(ack.told.acked);
  } else {
    flight_.ForgetEmulated();
  }
  // Of what is acknowledged now, those had been counted.
  const uint32_t counted = before - flight_.sacked();
  return ack.told.acked > counted ? ack.told.acked - counted : 1;
}

void LossRecovery::TakeReordering(const RecoveryAck& ack) {
  if (!ack.told.reordered) return;
  // How far behind the highest it came (tcp_check_sack_reordering()).
  const uint32_t distance = flight_.highest_sacked() - ack.told.reordered_seq;
  const uint32_t pieces = (distance + ack.mss - 1) / ack.mss;
  reordering_ = std::min<uint32_t>(std::max(reordering_, pieces), 300);
  reorders_ = true;
}

void LossRecovery::TakeDuplicates(const RecoveryAck& ack) {
  if (ack.twice == 0) return;
  if (may_undo_ && undo_repeated_ > 0 && Before(undo_from_, ack.twice_end)) {
    undo_repeated_ = std::max<int64_t>(0, undo_repeated_ - ack.twice);
  }
  // The reordering window was too small: wider, once a round trip, and for the
  // next 16 recoveries (tcp_rack_update_reo_wnd()).
  if (Before(ack.una, steps_until_)) return;
  if (window_steps_ < 255) ++window_steps_;
  steps_kept_ = 16;
  steps_until_ = ack.nxt;
}

// tcp_process_tlp_ack().
void LossRecovery::TakeProbeAnswer(const RecoveryAck& ack) {
  if (Before(ack.una, probe_end_)) return;
  if (!probe_repeated_ || ack.twice > 0) {
    probe_end_set_ = false;  // nothing had been lost
  } else if (Before(probe_end_, ack.una)) {
    // The probe mended a loss, which is to be answered as any other.
    EnterReduction();
    EndReduction();
  } else if (ack.bare) {
    probe_end_set_ = false;  // it was for nothing: the peer had it all
  }
}

// tcp_fastretrans_alert().
void LossRecovery::Alert(const RecoveryAck& ack) {
  if (state_ == State::kOpen) repeated_at_ = loop::Instant::Infinite();
  if (state_ == State::kRecovery && AlertInRecovery(ack)) return;
  if (state_ == State::kLoss) {
    AlertInLoss(ack);
    const uint32_t again = flight_.again();
    DetectLoss(ack);
    // A repetition that is lost as well is answered as any other loss.
    if (state_ == State::kLoss && flight_.again() == again) return;
  } else {
    if (may_undo_ && undo_repeated_ == 0) Undo(/*unmark=*/false);
    DetectLoss(ack);
  }
  if (flight_.lost() > 0) {
    EnterRecovery(ack);
  } else {
    KeepOpen();
  }
}

// Answers whether nothing more is to be done; else it is over.
bool LossRecovery::AlertInRecovery(const RecoveryAck& ack) {
  if (!Before(ack.una, high_)) {
    if (!sack_) flight_.ForgetEmulated();
    if (!Reopen(ack)) return true;
    if (may_undo_) EndReduction();
    return false;
  }
  // What is acknowledged in part was sent before the repetition
  // (tcp_try_undo_partial()).
  if (ack.advanced() && may_undo_ && !repeated_at_.infinite() &&
      EchoBefore(ack.echo_millis, repeated_at_)) {
    if (flight_.again() > 0) return true;
    repeated_at_ = loop::Instant::Infinite();
    Undo(/*unmark=*/true);
    KeepOpen();
    return false;
  }
  if (may_undo_ && undo_repeated_ == 0) {
    Undo(/*unmark=*/false);
    KeepOpen();
    return false;
  }
  DetectLoss(ack);
  return true;
}

// tcp_identify_packet_loss().
void LossRecovery::DetectLoss(const RecoveryAck& ack) {
  if (flight_.empty()) return;
  if (sack_) {
    DetectByTime(ack);
    return;
  }
  // tcp_newreno_mark_lost().
  const bool begins =
      state_ < State::kRecovery && flight_.sacked() >= reordering_;
  if (begins || (state_ == State::kRecovery && ack.advanced())) {
    MarkFirstLost(ack.mss);
  }
}

void LossRecovery::MarkFirstLost(uint32_t mss) {
  Sent& first = *flight_.first();
  flight_.Cut(pool_, first, mss, mss);
  flight_.MarkLost(first);
}

int64_t LossRecovery::ReorderingWindow(const RecoveryAck& ack) const {
  if (!reorders_) {
    if (state_ >= State::kRecovery) return 0;
    if (flight_.sacked() >= reordering_) return 0;
  }
  return std::min(ack.least_nanos / 4 * window_steps_, ack.smooth_nanos);
}

// RFC 8985 section 6.2, step 5: whoever was sent before one that came, and has
// had the time of its round trip and of some reordering, is lost.
void LossRecovery::DetectByTime(const RecoveryAck& ack) {
  reordering_nanos_ = 0;
  if (!rack_news_ || !rack_any_) return;
  rack_news_ = false;
  const int64_t patience = rack_rtt_nanos_ + ReorderingWindow(ack);
  for (Sent* sent = flight_.first(); sent != nullptr; sent = sent->next) {
    if (sent->sacked || (sent->lost && !sent->again)) continue;
    const bool earlier =
        sent->at < rack_sent_ ||
        (sent->at == rack_sent_ && Before(sent->end, rack_end_));
    if (!earlier) continue;
    const int64_t left = patience - (ack.now.nanos() - sent->at.nanos());
    if (left <= 0) {
      flight_.MarkLost(*sent);
    } else {
      reordering_nanos_ = std::max(reordering_nanos_, left + kTimerSlackNanos);
    }
  }
}

void LossRecovery::ReorderingOver(const RecoveryAck& as_of) {
  const uint32_t lost = flight_.lost();
  rack_news_ = true;
  DetectByTime(as_of);
  if (flight_.lost() == lost) return;
  if (state_ == State::kRecovery) return;
  EnterRecovery(as_of);
  if (reducing()) Reduce(1, /*advanced_cleanly=*/false);
}

uint32_t LossRecovery::PresentThreshold() const {
  if (reducing()) return congestion_.threshold;
  return std::max(congestion_.threshold, congestion_.window * 3 / 4);
}

void LossRecovery::EnterRecovery(const RecoveryAck& ack) {
  prior_threshold_ = 0;
  may_undo_ = true;
  undo_from_ = ack.una;
  undo_repeated_ = flight_.again() > 0 ? int64_t{flight_.again()} : -1;
  if (!reducing()) {
    prior_threshold_ = PresentThreshold();
    EnterReduction();
  }
  high_ = ack.nxt;
  state_ = State::kRecovery;
}

// tcp_init_cwnd_reduction().
void LossRecovery::EnterReduction() {
  probe_end_set_ = false;
  congestion_.counted = 0;
  prior_window_ = congestion_.window;
  reduced_delivered_ = 0;
  reduced_out_ = 0;
  congestion_.threshold = congestion_.control->Lost(congestion_);
}

// tcp_end_cwnd_reduction().
void LossRecovery::EndReduction() {
  if (congestion_.threshold < Congestion::kUnbounded) {
    congestion_.window = congestion_.threshold;
  }
}

// RFC 6937, with slow start below the threshold only while it goes well.
void LossRecovery::Reduce(uint32_t delivered, bool advanced_cleanly) {
  if (delivered == 0 || prior_window_ == 0) return;
  const uint32_t pipe = flight_.InNetwork();
  const int64_t room = int64_t{congestion_.threshold} - pipe;
  reduced_delivered_ += delivered;
  int64_t send = 0;
  if (room < 0) {
    const uint64_t share =
        (uint64_t{congestion_.threshold} * reduced_delivered_ + prior_window_ -
         1) /
        prior_window_;
    send = static_cast<int64_t>(share) - reduced_out_;
  } else {
    send = std::max<int64_t>(int64_t{reduced_delivered_} - reduced_out_,
                             delivered);
    if (advanced_cleanly) ++send;
    send = std::min(send, room);
  }
  // The first repetition goes in any case.
  send = std::max<int64_t>(send, reduced_out_ > 0 ? 0 : 1);
  congestion_.window = pipe + static_cast<uint32_t>(send);
}

// tcp_may_undo(): nothing that was sent again was needed; or what is
// acknowledged was sent before it was sent again (RFC 3522).
bool LossRecovery::SentForNothing(const RecoveryAck& ack) const {
  if (!may_undo_) return false;
  if (undo_repeated_ == 0) return true;
  return !repeated_at_.infinite() && EchoBefore(ack.echo_millis, repeated_at_);
}

void LossRecovery::Undo(bool unmark) {
  if (unmark) flight_.MarkNotLost();
  if (prior_threshold_ > 0) {
    congestion_.window = std::max(congestion_.window, prior_window_);
    congestion_.threshold = std::max(congestion_.threshold, prior_threshold_);
  }
  may_undo_ = false;
  rack_news_ = true;
}

// tcp_try_undo_recovery(). Answers false if the state stays as it is: without
// SACK, duplicates of what was repeated may still come, and are no loss.
bool LossRecovery::Reopen(const RecoveryAck& ack) {
  if (SentForNothing(ack)) Undo(/*unmark=*/false);
  if (ack.una == high_ && !sack_) {
    if (flight_.again() == 0) repeated_at_ = loop::Instant::Infinite();
    return false;
  }
  state_ = State::kOpen;
  if (steps_kept_ > 0 && --steps_kept_ == 0) window_steps_ = 1;
  return true;
}

// tcp_try_keep_open().
void LossRecovery::KeepOpen() {
  if (flight_.again() == 0) repeated_at_ = loop::Instant::Infinite();
  // tcp_left_out(), tcp_any_retrans_done().
  const bool doubts = flight_.sacked() + flight_.lost() + flight_.again() > 0 ||
                      (!flight_.empty() && flight_.first()->ever);
  state_ = doubts ? State::kDisorder : State::kOpen;
}

void LossRecovery::PathShrank(uint32_t mss, Sequence nxt) {
  flight_.MarkOversized(mss);
  if (flight_.lost() == 0 || state_ == State::kLoss) return;
  high_ = nxt;
  congestion_.threshold = PresentThreshold();
  prior_threshold_ = 0;
  may_undo_ = false;
  state_ = State::kLoss;
}

void LossRecovery::Repeated(const Sent& sent, loop::Instant now) {
  if (repeated_at_.infinite()) repeated_at_ = now;
  if (undo_repeated_ < 0) undo_repeated_ = 0;
  undo_repeated_ += sent.pieces;
  if (reducing()) reduced_out_ += sent.pieces;
}

}  // namespace simloop::sim::tcp
