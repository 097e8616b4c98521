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

}  // namespace

void Connection::SetTimer(Timer timer, int64_t after_nanos) {
  deadlines_[timer] = stack_.host().world().Now().PlusNanos(after_nanos);
  ArmTimer();
}

void Connection::StopTimer(Timer timer) {
  // The queue's entry stays: it is lazy (Live()), and most are set again soon.
  deadlines_[timer] = loop::Instant::Infinite();
}

loop::Instant Connection::NextDeadline() const {
  loop::Instant earliest = loop::Instant::Infinite();
  for (const loop::Instant deadline : deadlines_) {
    earliest = std::min(earliest, deadline);
  }
  return earliest;
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
    if (ack_due_) SendAck();
  }
  if (deadlines_[kRetransmit] <= now) RetransmitTimeout();
  if (deadlines_[kProbe] <= now) ProbeTimeout();
  if (deadlines_[kKeepalive] <= now) KeepaliveTimeout();
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
  if (options.user_timeout_millis == 0) return nanos;
  const int64_t passed = stack_.host().world().Now().nanos() - since.nanos();
  const int64_t left = options.user_timeout_millis * kMilli - passed;
  return std::min(nanos, std::max(left, kMilli));
}

bool Connection::UserTimeoutPassed(loop::Instant since) const {
  return options.user_timeout_millis != 0 &&
         stack_.host().world().Now().nanos() - since.nanos() >=
             options.user_timeout_millis * kMilli;
}

// tcp_write_timeout(): SYNs are counted by the time that as many doublings
// would have taken.
bool Connection::RetransmittedTooLong() const {
  const HostOptions& host = stack_.host().options();
  if (UserTimeoutPassed(flight_began_at_)) return true;
  if (state_ == State::kSynSent || state_ == State::kSynReceived) {
    const int most =
        options.syn_retries > 0 ? options.syn_retries : host.syn_retries;
    const int64_t passed =
        stack_.host().world().Now().nanos() - flight_began_at_.nanos();
    return passed >= ((int64_t{2} << most) - 1) * Retransmission::kInitialNanos;
  }
  return options.user_timeout_millis == 0 &&
         retransmission_.timeouts() >= host.data_retries;
}

void Connection::RetransmitTimeout() {
  StopTimer(kRetransmit);
  if (!sender_.InFlight()) return;
  const bool syn = state_ == State::kSynSent || state_ == State::kSynReceived;
  if (RetransmittedTooLong()) {
    Fail(loop::Errno::kETIMEDOUT);
    return;
  }
  retransmission_.TimedOut(/*doubles=*/state_ != State::kSynSent ||
                           retransmission_.timeouts() >= kLinearSyns);
  if (syn) {
    SendSyn(/*again=*/true);
  } else {
    Segment segment;
    sender_.Again(&segment);
    Transmit(segment, segment.has(kFin) ? Kind::kFin : Kind::kData,
             /*again=*/true);
  }
  SetTimer(kRetransmit,
           WithinUserTimeout(retransmission_.TimeoutNanos(), flight_began_at_));
}

// --- Probes (tcp_send_probe0(), tcp_keepalive_timer() of Linux)
// ----------------

void Connection::ArmProbe() {
  if (sender_.InFlight() || !sender_.HasUnsent()) {
    StopTimer(kProbe);
    return;
  }
  if (!deadlines_[kProbe].infinite()) return;
  const int64_t nanos = std::min(
      Retransmission::kMostNanos,
      std::max(retransmission_.BaseNanos(), Retransmission::kLeastNanos)
          << probe_backoff_);
  SetTimer(kProbe, probing_since_.infinite()
                       ? nanos
                       : WithinUserTimeout(nanos, probing_since_));
}

void Connection::ProbeTimeout() {
  StopTimer(kProbe);
  const loop::Instant now = stack_.host().world().Now();
  if (sender_.InFlight() || !sender_.HasUnsent()) {
    probes_ = 0;
    probing_since_ = loop::Instant::Infinite();
    return;
  }
  if (probing_since_.infinite()) {
    probing_since_ = now;
  } else if (UserTimeoutPassed(probing_since_)) {
    Fail(loop::Errno::kETIMEDOUT);
    return;
  }
  if (probes_ >= stack_.host().options().data_retries) {
    Fail(loop::Errno::kETIMEDOUT);
    return;
  }
  Probe();
  if (sender_.InFlight() || !sender_.HasUnsent()) {
    probes_ = 0;
    probe_backoff_ = 0;
    return;
  }
  ++probes_;
  if (probe_backoff_ < kMostDoublings) ++probe_backoff_;
  ArmProbe();
}

void Connection::KeepaliveTimeout() {
  StopTimer(kKeepalive);
  if (!options.keepalive || state_ == State::kClosed) return;
  const int64_t idle = options.keep_idle_seconds * kSecond;
  const loop::Instant now = stack_.host().world().Now();
  if (sender_.InFlight() || sender_.HasUnsent()) {
    SetTimer(kKeepalive, idle);
    return;
  }
  const int64_t silent = now.nanos() - heard_at_.nanos();
  if (silent < idle) {
    SetTimer(kKeepalive, idle - silent);
    return;
  }
  const bool timed_out = options.user_timeout_millis != 0
                             ? UserTimeoutPassed(heard_at_) && probes_ > 0
                             : probes_ >= options.keep_probes;
  if (timed_out) {
    SendReset(sender_.nxt());
    Fail(loop::Errno::kETIMEDOUT);
    return;
  }
  Probe();
  ++probes_;
  SetTimer(kKeepalive, options.keep_interval_seconds * kSecond);
}

void Connection::Probe() {
  if (sender_.HasUnsent()) {
    Output(Sender::Hold::kNothing);
    if (sender_.InFlight()) return;
  }
  Segment segment;
  segment.seq = sender_.una() - 1;
  segment.flags = kAck;
  Transmit(segment, Kind::kProbe, /*again=*/false);
}

}  // namespace simloop::sim::tcp
