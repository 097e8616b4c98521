// Connection's timers: retransmission (RFC 6298), delayed ACKs, probes of a
// shut window (RFC 9293 section 3.8.6.1) and of an idle peer (RFC 1122 section
// 4.2.3.6), and TCP_USER_TIMEOUT.

#include <algorithm>

#include "sim/host.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/stack.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMilli = 1'000'000;
// The first so many SYNs are repeated each second, the others at double the
// time of the last (net.ipv4.tcp_syn_linear_timeouts).
constexpr int kLinearSyns = 4;
// Nobody doubles more often: the time is then the most anyway.
constexpr int kMostDoublings = 10;
// tcp_orphan_retries(): nobody waits for what a closed socket sends.
constexpr int kOrphanRetries = 8;

}  // namespace

void Connection::SetTimer(Timer timer, int64_t after_nanos) {
  World& world = stack_.host().world();
  const loop::Instant deadline = world.Now().PlusNanos(after_nanos);
  if (timer < kProbe) {
    deadlines_[timer] = deadline;
  } else {
    DeadlineInTrouble(timer) = deadline;
  }
  // The others are armed already: its entry comes no later than any of them.
  if (!scheduled() || deadline < at()) world.queue().Schedule(*this, deadline);
}

Trouble& Connection::trouble() {
  if (trouble_ == nullptr) trouble_ = std::make_unique<Trouble>();
  return *trouble_;
}

loop::Instant& Connection::DeadlineInTrouble(Timer timer) {
  return timer == kProbe ? trouble().probe_at : trouble().keepalive_at;
}

loop::Instant Connection::NextDeadline() const {
  const loop::Instant earliest =
      std::min(deadlines_[kRetransmit], deadlines_[kDelayedAck]);
  if (trouble_ == nullptr) return earliest;
  return std::min({earliest, trouble_->probe_at, trouble_->keepalive_at});
}

void Connection::ArmTimer() {
  const loop::Instant earliest = NextDeadline();
  if (earliest.infinite()) return;
  if (!scheduled() || earliest < at()) {
    stack_.host().world().queue().Schedule(*this, earliest);
  }
}

bool Connection::Live() const { return NextDeadline() <= at(); }

void Connection::Fire() {
  const loop::Instant now = stack_.host().world().Now();
  if (deadlines_[kDelayedAck] <= now) {
    StopTimer(kDelayedAck);
    if (ack_due_) {
      // No data went out to carry it (tcp_delack_timer_handler()).
      receiver_.SetInteractive(false);
      SendAck();
    }
  }
  if (deadlines_[kRetransmit] <= now) RetransmitFires();
  if (trouble_ != nullptr && trouble_->probe_at <= now) ProbeTimeout();
  if (trouble_ != nullptr && trouble_->keepalive_at <= now) KeepaliveTimeout();
  Host& host = stack_.host();
  if (ended_) {
    stack_.EndOrphan(*this);
  } else {
    ArmTimer();
  }
  host.RunSoftirq();
}

int64_t Connection::WithinUserTimeout(int64_t nanos,
                                      loop::Instant since) const {
  if (options->user_timeout_millis == 0) return nanos;
  const int64_t passed = stack_.host().world().Now().nanos() - since.nanos();
  const int64_t left = options->user_timeout_millis * kMilli - passed;
  return std::min(nanos, std::max(left, kMilli));
}

bool Connection::UserTimeoutPassed(loop::Instant since) const {
  return options->user_timeout_millis != 0 &&
         stack_.host().world().Now().nanos() - since.nanos() >=
             options->user_timeout_millis * kMilli;
}

// tcp_write_err(): an error of ICMP says more.
void Connection::GiveUp() {
  const bool told =
      trouble_ != nullptr && trouble_->soft_error != loop::Errno::kOk;
  Fail(told ? trouble_->soft_error : loop::Errno::kETIMEDOUT);
}

loop::Instant Connection::TroubleBegan() const {
  const bool syn = state_ == State::kSynSent || state_ == State::kSynReceived;
  if (syn || recovery() == nullptr || recovery()->repeated_at().infinite()) {
    return sent_at_;
  }
  return recovery()->repeated_at();
}

// tcp_write_timeout(), retransmits_timed_out(): what counts is the time that as
// many doublings would have taken, not how many there were.
bool Connection::RetransmittedTooLong() const {
  const HostOptions& host = stack_.host().options();
  const bool syn = state_ == State::kSynSent || state_ == State::kSynReceived;
  if (!syn && retransmission_.timeouts() == 0) return false;
  const loop::Instant began = TroubleBegan();
  if (UserTimeoutPassed(began)) return true;
  if (!syn && !orphan_ && sender_.window() == 0) return Unheard(began);
  if (!syn && options->user_timeout_millis != 0 && !orphan_) return false;
  const int64_t passed = stack_.host().world().Now().nanos() - began.nanos();
  if (syn) {
    const int most =
        options->syn_retries > 0 ? options->syn_retries : host.syn_retries;
    return passed >= ((int64_t{2} << most) - 1) * Retransmission::kInitialNanos;
  }
  return passed >= Retransmission::GivesUpNanos(orphan_ ? kOrphanRetries
                                                        : host.data_retries);
}

// A peer that has taken its window back is waited for as long as it answers
// (tcp_rtx_probe0_timed_out()).
bool Connection::Unheard(loop::Instant began) const {
  int64_t most = 2 * Retransmission::kMostNanos;
  if (options->user_timeout_millis != 0) {
    most = std::min(most, options->user_timeout_millis * kMilli);
  }
  const loop::Instant now = stack_.host().world().Now();
  return now.nanos() - heard_at_.nanos() > most &&
         now.nanos() - began.nanos() > most;
}

void Connection::RetransmitFires() {
  StopTimer(kRetransmit);
  switch (wait_) {
    case Wait::kTimeout:
      RetransmitTimeout();
      break;
    case Wait::kLossProbe:
      SendLossProbe();
      break;
    case Wait::kReordering:
      wait_ = Wait::kTimeout;
      if (flight_.empty()) break;
      Recovery().ReorderingOver(AsOfNow());
      RepeatLost();
      if (deadlines_[kRetransmit].infinite()) RearmTimeout();
      break;
  }
}

void Connection::RetransmitTimeout() {
  if (!sender_.InFlight()) return;
  const bool syn = state_ == State::kSynSent || state_ == State::kSynReceived;
  if (RetransmittedTooLong()) {
    GiveUp();
    return;
  }
  const bool first = retransmission_.timeouts() == 0;
  retransmission_.TimedOut(/*doubles=*/state_ != State::kSynSent ||
                           retransmission_.timeouts() >= kLinearSyns);
  if (syn) {
    SendSyn(/*again=*/true);
  } else {
    const loop::Instant now = stack_.host().world().Now();
    Recovery().TimedOut(sender_.una(), sender_.nxt(), first, now);
    Sent& oldest = *flight_.first();
    if (SendAgain(oldest, 1)) {
      flight_.Repeat(oldest, now);
      recovery()->Repeated(oldest, now);
    }
  }
  wait_ = Wait::kTimeout;
  SetTimer(kRetransmit,
           WithinUserTimeout(retransmission_.TimeoutNanos(), TroubleBegan()));
}

void Connection::RearmTimeout() {
  int64_t nanos = retransmission_.TimeoutNanos();
  if (wait_ != Wait::kTimeout && !flight_.empty()) {
    const int64_t passed =
        stack_.host().world().Now().nanos() - flight_.first()->at.nanos();
    nanos = std::max(nanos - passed, kMilli);
  }
  wait_ = Wait::kTimeout;
  SetTimer(kRetransmit, nanos);
}

bool Connection::ScheduleLossProbe(bool advancing) {
  const bool open = recovery() == nullptr ||
                    recovery()->state() == LossRecovery::State::kOpen;
  if (stack_.host().options().early_retransmit == 0 || !receiver_.sack() ||
      !open || flight_.empty() || flight_.sacked() > 0) {
    return false;
  }
  int64_t nanos = Retransmission::kInitialNanos;
  if (retransmission_.smooth_nanos() > 0) {
    // A lone segment's acknowledgment may have been delayed.
    nanos = 2 * retransmission_.smooth_nanos() +
            (flight_.out() == 1 ? Retransmission::kLeastNanos : 2 * kMilli);
  }
  int64_t timeout = retransmission_.TimeoutNanos();
  if (!advancing) {
    timeout -=
        stack_.host().world().Now().nanos() - flight_.first()->at.nanos();
  }
  if (timeout > 0) nanos = std::min(nanos, timeout);
  wait_ = Wait::kLossProbe;
  SetTimer(kRetransmit, nanos);
  return true;
}

// tcp_send_loss_probe(): new data if there is some, else the last segment.
void Connection::SendLossProbe() {
  if (flight_.empty()) {
    wait_ = Wait::kTimeout;
    return;
  }
  LossRecovery& recovery = Recovery();
  if (!recovery.probing()) {
    Segment segment;
    if (sender_.HasUnsent() &&
        sender_.Next(&segment, Sender::Hold::kNothing, 1)) {
      SendNew(segment);
      recovery.Probed(sender_.nxt(), /*repeated=*/false);
    } else {
      Sent* last = flight_.last();
      const uint32_t mss = sender_.EffectiveMss();
      if (last->pieces > 1) {
        flight_.Cut(stack_.sent_pool(), *last, (last->pieces - 1) * mss, mss);
        last = flight_.last();
      }
      if (SendAgain(*last, 1)) recovery.Probed(sender_.nxt(), true);
    }
  }
  RearmTimeoutFromNow();
}

void Connection::RearmTimeoutFromNow() {
  wait_ = Wait::kTimeout;
  SetTimer(kRetransmit, retransmission_.TimeoutNanos());
}

// --- Probes (tcp_send_probe0(), tcp_keepalive_timer() of Linux)
// ----------------

void Connection::ArmProbe() {
  if (sender_.InFlight() || !sender_.HasUnsent()) {
    StopTimer(kProbe);
    return;
  }
  Trouble& trouble = this->trouble();
  if (!trouble.probe_at.infinite()) return;
  const int64_t nanos = std::min(
      Retransmission::kMostNanos,
      std::max(retransmission_.BaseNanos(), Retransmission::kLeastNanos)
          << trouble.backoff);
  SetTimer(kProbe, trouble.probing_since.infinite()
                       ? nanos
                       : WithinUserTimeout(nanos, trouble.probing_since));
}

void Connection::ProbeTimeout() {
  StopTimer(kProbe);
  const loop::Instant now = stack_.host().world().Now();
  Trouble& trouble = this->trouble();
  if (sender_.InFlight() || !sender_.HasUnsent()) {
    trouble.probes = 0;
    trouble.probing_since = loop::Instant::Infinite();
    return;
  }
  if (trouble.probing_since.infinite()) {
    trouble.probing_since = now;
  } else if (UserTimeoutPassed(trouble.probing_since)) {
    GiveUp();
    return;
  }
  int most = stack_.host().options().data_retries;
  if (orphan_) {
    // Nobody waits for what a closed socket still has, though its peer answers:
    // not longer than the time between probes grows.
    const bool alive = (retransmission_.BaseNanos() << trouble.backoff) <
                       Retransmission::kMostNanos;
    most = alive ? kOrphanRetries : 0;
  }
  if (trouble.probes >= most) {
    GiveUp();
    return;
  }
  Probe();
  if (sender_.InFlight() || !sender_.HasUnsent()) {
    trouble.probes = 0;
    trouble.backoff = 0;
    return;
  }
  ++trouble.probes;
  if (trouble.backoff < kMostDoublings) ++trouble.backoff;
  // Output() may have set it, for the first time as it thought.
  StopTimer(kProbe);
  ArmProbe();
}

void Connection::KeepaliveTimeout() {
  StopTimer(kKeepalive);
  if (!options->keepalive || state_ == State::kClosed) return;
  const int64_t idle = options->keep_idle_seconds * kSecond;
  const loop::Instant now = stack_.host().world().Now();
  if (sender_.InFlight() || sender_.HasUnsent()) {
    SetTimer(kKeepalive, idle);
    return;
  }
  uint8_t& probes = trouble().probes;
  const int64_t silent = now.nanos() - heard_at_.nanos();
  if (silent < idle) {
    SetTimer(kKeepalive, idle - silent);
    return;
  }
  const bool timed_out = options->user_timeout_millis != 0
                             ? UserTimeoutPassed(heard_at_) && probes > 0
                             : probes >= options->keep_probes;
  if (timed_out) {
    SendReset(sender_.nxt());
    GiveUp();
    return;
  }
  Probe();
  ++probes;
  SetTimer(kKeepalive, options->keep_interval_seconds * kSecond);
}

void Connection::Probe() {
  if (sender_.HasUnsent()) {
    Output(Sender::Hold::kNothing);
    if (sender_.InFlight()) return;
  }
  Segment segment;
  segment.seq = sender_.una() - 1;
  segment.flags = kAck;
  Transmit(segment, Kind::kProbe, Next(Kind::kProbe), /*again=*/false);
}

}  // namespace simloop::sim::tcp
