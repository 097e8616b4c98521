// LossRecovery after a retransmission time-out (RFC 5681 section 3.1), and
// whether that was for nothing (RFC 5682: F-RTO).

#include <algorithm>

#include "sim/tcp/loss_recovery.h"

namespace simloop::sim::tcp {

void LossRecovery::TimedOut(Sequence una, Sequence nxt, bool first,
                            loop::Instant now) {
  const bool fresh = state_ <= State::kDisorder || !Before(una, high_) ||
                     (state_ == State::kLoss && first);
  if (fresh) {
    prior_threshold_ = PresentThreshold();
    prior_window_ = congestion_.window;
    congestion_.threshold = congestion_.control->Lost(congestion_);
    may_undo_ = true;
    undo_from_ = una;
    undo_repeated_ = flight_.again() > 0 ? int64_t{flight_.again()} : -1;
  }
  congestion_.control->TimedOut(congestion_);
  const bool reneged = !flight_.empty() && flight_.first()->sacked;
  if (!sack_) flight_.ForgetEmulated();
  flight_.MarkAllLost(reneged);
  congestion_.window = flight_.InNetwork() + 1;
  congestion_.counted = 0;
  // Waiting for more than the usual was a mistake.
  if (state_ <= State::kDisorder && flight_.sacked() >= least_reordering_) {
    reordering_ = std::min(reordering_, least_reordering_);
  }
  // Only if nothing but this segment's time-outs went before.
  suspects_ = state_ < State::kRecovery || !first;
  state_ = State::kLoss;
  high_ = nxt;
  probe_end_set_ = false;
  reordering_nanos_ = 0;
}

// tcp_process_loss().
void LossRecovery::AlertInLoss(const RecoveryAck& ack) {
  if (ack.advanced() && SentForNothing(ack)) {
    Undo(/*unmark=*/true);
    state_ = State::kOpen;
    return;
  }
  if (suspects_ && FindSpurious(ack)) return;
  if (Before(ack.una, high_)) return;
  if (!sack_) flight_.ForgetEmulated();
  Reopen(ack);
}

// RFC 5682 section 3.1, with SACK as well as without. Answers whether nothing
// more is to be done.
bool LossRecovery::FindSpurious(const RecoveryAck& ack) {
  // Step 3b: something that was sent before, and only once, has come.
  if (!ack.told.oldest.infinite() && AtOrBefore(ack.told.once_end, high_)) {
    Undo(/*unmark=*/true);
    state_ = State::kOpen;
    return true;
  }
  if (Before(high_, ack.nxt)) {
    // Step 3a: new data came, and what was sent before it did not.
    if (ack.told.sacked > 0 || ack.bare) suspects_ = false;
  } else if (ack.advanced() && Before(ack.una, high_)) {
    high_ = ack.nxt;
    suspects_ = new_first_ = ack.unsent;
    return new_first_;
  }
  return false;
}

}  // namespace simloop::sim::tcp
