// LossRecovery: what a connection believes about losses and does about them:
// RACK (RFC 8985) where the peer tells by SACK what it has, NewReno (RFC 6582)
// where it does not, proportional rate reduction (RFC 6937), the loss state
// after a retransmission time-out (RFC 5681), tail loss probes (RFC 8985
// section 7), and taking a reduction back that was for nothing (RFC 3522, RFC
// 3708, RFC 5682). As Linux has them (net/ipv4/tcp_input.c, tcp_recovery.c). A
// connection makes one when the first sign of a loss comes.
//
// It marks segments of the Flight and moves the Congestion window; segments are
// sent by the Connection.
#ifndef SIM_TCP_LOSS_RECOVERY_H_
#define SIM_TCP_LOSS_RECOVERY_H_

#include <cstdint>
#include <utility>

#include "loop/instant.h"
#include "sim/tcp/congestion.h"
#include "sim/tcp/flight.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

// An acknowledgment as recovery looks at it.
struct RecoveryAck {
  Delivery told;
  Sequence una_before = 0;
  Sequence una = 0;
  Sequence nxt = 0;
  // It acknowledges nothing, carries nothing and changes no window.
  bool bare = false;
  // There is new data, and the window lets it go.
  bool unsent = false;
  // The pieces that came twice (RFC 2883), and behind the last of them.
  uint32_t twice = 0;
  Sequence twice_end = 0;
  // The time stamp that it echoes, in ms as ours are.
  uint32_t echo_millis = 0;
  uint32_t mss = 0;
  loop::Instant now;
  int64_t smooth_nanos = 0;  // SRTT
  int64_t least_nanos = 0;   // the least round trip

  bool advanced() const { return una != una_before; }
};

class LossRecovery final {
 public:
  // tcp_ca_state. Nothing here reduces without a loss, so there is no CWR.
  enum class State : uint8_t { kOpen, kDisorder, kRecovery, kLoss };

  struct Settings {
    bool sack = true;  // the peer permits it
    // net.ipv4.tcp_reordering: so many duplicates are a loss.
    uint32_t reordering = 3;
  };

  LossRecovery(Flight& flight, SentPool& pool, Congestion& congestion,
               Settings settings)
      : flight_(flight),
        pool_(pool),
        congestion_(congestion),
        sack_(settings.sack),
        least_reordering_(settings.reordering),
        reordering_(settings.reordering) {}

  State state() const { return state_; }
  bool reducing() const { return state_ == State::kRecovery; }
  // Whether it sees reordering, so that duplicates need not be a loss.
  bool reorders() const { return reordering_ > least_reordering_; }
  // When something was sent again first, since all was well; Infinite() if
  // nothing was.
  loop::Instant repeated_at() const { return repeated_at_; }
  // Whether the next acknowledgment is to be shown to Acked() though it brings
  // nothing unusual.
  bool attentive() const {
    return state_ != State::kOpen || probe_end_set_ || flight_.sacked() > 0;
  }

  // tcp_ack() from the scoreboard on.
  void Acked(const RecoveryAck& ack);
  // The retransmission timer ran out: tcp_enter_loss(). `first` is false for
  // the time-outs after it in a row.
  void TimedOut(Sequence una, Sequence nxt, bool first, loop::Instant now);
  // What stood in the way of being called lost was reordering, and the time
  // for that is over: tcp_rack_reo_timeout().
  void ReorderingOver(const RecoveryAck& as_of);
  // How long to wait for that; 0: nothing to wait for.
  int64_t reordering_nanos() const { return reordering_nanos_; }
  // Segments were too large for the path and are to go again, without a word of
  // congestion: tcp_simple_retransmit().
  void PathShrank(uint32_t mss, Sequence nxt);

  // A tail loss probe goes out; `repeated`: it is no new data.
  void Probed(Sequence nxt, bool repeated) {
    probe_end_ = nxt;
    probe_end_set_ = true;
    probe_repeated_ = repeated;
  }
  bool probing() const { return probe_end_set_; }
  // New data is to go instead of what is lost (RFC 5682 section 3.1, step 2b):
  // what comes of it tells whether the time-out was for nothing. Told once.
  bool TakeNewFirst() { return std::exchange(new_first_, false); }
  // None could go.
  void NoNewData() { suspects_ = false; }

  // `sent` goes out again.
  void Repeated(const Sent& sent, loop::Instant now);
  // New data goes out.
  void SentNew(uint32_t pieces) {
    if (reducing()) reduced_out_ += pieces;
  }

 private:
  void TakeReordering(const RecoveryAck& ack);
  void TakeLatest(const RecoveryAck& ack);
  void AdvanceRack(loop::Instant sent, Sequence end);
  void TakeDuplicates(const RecoveryAck& ack);
  void TakeProbeAnswer(const RecoveryAck& ack);
  uint32_t CountEmulated(const RecoveryAck& ack);
  void Alert(const RecoveryAck& ack);
  bool AlertInRecovery(const RecoveryAck& ack);
  void AlertInLoss(const RecoveryAck& ack);
  bool FindSpurious(const RecoveryAck& ack);
  void DetectLoss(const RecoveryAck& ack);
  void DetectByTime(const RecoveryAck& ack);
  int64_t ReorderingWindow(const RecoveryAck& ack) const;
  void MarkFirstLost(uint32_t mss);

  void EnterRecovery(const RecoveryAck& ack);
  void EnterReduction();
  void EndReduction();
  void Reduce(uint32_t delivered, bool advanced_cleanly);
  bool SentForNothing(const RecoveryAck& ack) const;
  void Undo(bool unmark);
  bool Reopen(const RecoveryAck& ack);
  void KeepOpen();
  uint32_t PresentThreshold() const;

  Flight& flight_;
  SentPool& pool_;
  Congestion& congestion_;
  State state_ = State::kOpen;
  const bool sack_;
  const uint32_t least_reordering_;
  uint32_t reordering_;
  bool reorders_ = false;  // it was seen
  uint8_t window_steps_ = 1;
  uint8_t steps_kept_ = 0;
  Sequence high_ = 0;  // what was sent when the present state began

  // RACK: the segment sent last of those that came.
  bool rack_any_ = false;
  bool rack_news_ = false;
  Sequence rack_end_ = 0;
  loop::Instant rack_sent_;
  int64_t rack_rtt_nanos_ = 0;
  int64_t reordering_nanos_ = 0;
  Sequence steps_until_ = 0;

  // RFC 6937.
  uint32_t prior_window_ = 0;
  uint32_t reduced_delivered_ = 0;
  uint32_t reduced_out_ = 0;
  uint32_t lost_before_ = 0;

  // Taking it back.
  bool may_undo_ = false;
  Sequence undo_from_ = 0;
  int64_t undo_repeated_ = -1;  // pieces sent again and not known for nothing
  uint32_t prior_threshold_ = 0;
  loop::Instant repeated_at_ = loop::Instant::Infinite();

  // RFC 5682: the time-out may have been for nothing (tp->frto).
  bool suspects_ = false;
  bool new_first_ = false;

  Sequence probe_end_ = 0;
  bool probe_end_set_ = false;
  bool probe_repeated_ = false;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_LOSS_RECOVERY_H_
