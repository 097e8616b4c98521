// Connection's SEGMENT ARRIVES: RFC 9293 section 3.10.7, in the order of its
// checks, with RFC 5961's and Linux's answers.

#include <algorithm>
#include <memory>

#include "loop/abi.h"
#include "sim/host.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/stack.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

constexpr int64_t kMilli = 1'000'000;
// TCP_TIMEOUT_MIN, of a kernel with 250 jiffies a second.
constexpr int64_t kTwoJiffies = 2 * Receiver::kJiffyNanos;

}  // namespace

void Connection::Receive(const Segment& segment) {
  // Nothing has come that any state knows.
  if ((segment.flags & (kAck | kRst | kSyn)) == 0) return;
  if (state_ == State::kSynSent) {
    ReceiveInSynSent(segment);
    return;
  }
  heard_at_ = stack_.host().world().Now();
  if (!CheckStamp(segment) || !CheckSequence(segment) || !CheckReset(segment)) {
    return;
  }
  if (segment.has(kSyn) && state_ != State::kSynReceived) {
    Challenge(segment);  // RFC 5961 section 4
    return;
  }
  const Sequence una = sender_.una();
  const uint32_t window = sender_.window();
  if (!segment.has(kAck) || !CheckAck(segment)) return;
  if (state_ == State::kClosed) return;
  receiver_.TakeStamp(segment);
  TakeText(segment);
  // Nothing came with the acknowledgment of a closed socket's FIN.
  if (orphan_ && state_ == State::kFinWait2) EnterTimeWait(/*fin_seen=*/false);
  if (state_ == State::kClosed) return;
  RepeatLost();
  // Data that acknowledges nothing and leaves the window as it was lets nothing
  // go: what MSG_MORE holds back stays (tcp_rcv_established(), the fast path).
  const bool predicted = !segment.payload.empty() && sender_.una() == una &&
                         sender_.window() == window;
  if (sender_.HasUnsent() && !predicted) Output(hold());
}

void Connection::ReceiveInSynSent(const Segment& segment) {
  const bool acceptable = segment.has(kAck) && segment.ack == sender_.nxt();
  if (segment.has(kAck) && !acceptable) {
    if (!segment.has(kRst)) {
      Segment reset;
      reset.seq = segment.ack;
      reset.flags = kRst;
      Transmit(reset, Kind::kRst, Next(Kind::kRst), /*again=*/false);
    }
    // Whoever stands in the way may be gone then: it need not take a second.
    if (retransmission_.timeouts() == 0) SetTimer(kRetransmit, kTwoJiffies);
    return;
  }
  if (segment.has(kRst)) {
    if (acceptable) BeReset();
    return;
  }
  if (!segment.has(kSyn)) return;
  receiver_.Start(segment.seq);
  receiver_.SetSack(segment.sack_permitted &&
                    stack_.host().options().sack != 0);
  receiver_.SetEcho(segment.stamp);
  sender_.SetMss(Mss(segment.mss));
  sender_.ResetWindow(segment);
  if (acceptable) {
    sender_.Acked(segment.ack);
    BecomeEstablished(segment);
    if (receiver_.interactive() || options->defer_accept_retries != 0) {
      receiver_.LetHandshakeWait(stack_.host().world().Now());
      ack_due_ = true;
      SetTimer(kDelayedAck, Receiver::kMostAckDelayNanos);
    } else {
      SendAck();
    }
  } else {
    // Both opened at once, or one opened to itself.
    state_ = State::kSynReceived;
    SendSyn(/*again=*/false);
  }
}

void Connection::BecomeEstablished(const Segment& segment) {
  state_ = State::kEstablished;
  if (retransmission_.timeouts() == 0) {
    MeasuredSince(sent_at_);
  } else if (segment.echo != 0) {
    MeasuredByEcho(segment.echo);
  }
  // RFC 5681 section 3.1; Linux forgives one (tcp_init_transfer()).
  if (retransmission_.timeouts() > 1) congestion_.window = 1;
  retransmission_.Progressed();
  StopTimer(kRetransmit);
  Wake(0);
}

// RFC 7323 section 5.3. An acknowledgment that was overtaken is no old
// duplicate (tcp_disordered_ack_check()): if it says what is known it is let
// through, and if it is of an earlier place nobody is told.
bool Connection::CheckStamp(const Segment& segment) {
  if (!receiver_.OldStamp(segment) || segment.has(kRst)) return true;
  if (segment.length() == 0 && segment.has(kAck)) {
    if (Before(segment.seq, receiver_.nxt())) return false;
    const int64_t late_millis = receiver_.echo() - segment.stamp;
    const bool known = segment.seq == receiver_.nxt() &&
                       segment.ack == sender_.una() &&
                       segment.window == sender_.window();
    // tcp_tsval_replay().
    if (known &&
        late_millis * kMilli * 5 <= retransmission_.TimeoutNanos() * 6) {
      return true;
    }
  }
  receiver_.TakeOld(segment);
  Challenge(segment);
  return false;
}

bool Connection::CheckSequence(const Segment& segment) {
  if (receiver_.Acceptable(segment)) return true;
  if (segment.has(kRst)) {
    if (ResetsBehindFin(segment)) BeReset();
    return false;
  }
  receiver_.TakeOld(segment);
  Challenge(segment);
  return false;
}

// A peer that closed may not know that its FIN came: its reset bears the FIN's
// own number (tcp_reset_check()).
bool Connection::ResetsBehindFin(const Segment& segment) const {
  return segment.seq == receiver_.nxt() - 1 &&
         (state_ == State::kCloseWait || state_ == State::kLastAck ||
          state_ == State::kClosing);
}

// RFC 5961 section 3, and behind what came early, as Linux lets it.
bool Connection::CheckReset(const Segment& segment) {
  if (!segment.has(kRst)) return true;
  if (segment.seq == receiver_.nxt() || ResetsBehindFin(segment) ||
      receiver_.BehindEarly(segment.seq)) {
    BeReset();
  } else {
    Challenge(segment);
  }
  return false;
}

bool Connection::CheckAck(const Segment& segment) {
  const Sequence ack = segment.ack;
  if (Before(sender_.nxt(), ack)) {
    // An acknowledgment of what was never sent; established, Linux is silent.
    if (state_ != State::kEstablished) Challenge(segment);
    return false;
  }
  if (state_ == State::kSynReceived) {
    if (!Before(sender_.una(), ack)) {
      SendReset(ack);
      return false;
    }
    sender_.ResetWindow(segment);
    sender_.Acked(ack);
    BecomeEstablished(segment);
    // shutdown(2) before connect(2) took effect (tcp_rcv_state_process()).
    if ((shut_ & kSendShut) != 0) ShutSend();
    return true;
  }
  const Sequence una = sender_.una();
  if (Before(ack, una)) {
    // RFC 5961 section 5.2; else old news, but for the SACK blocks. Nobody
    // acknowledges what was never sent.
    const uint32_t oldest = std::min(
        std::max(sender_.most_window(), sender_.window()), una - sender_.iss());
    if (Before(ack, una - oldest)) {
      Challenge(segment);
      return false;
    }
    if (segment.sack_blocks > 0) Acknowledge(segment, una, /*bare=*/false);
    return true;
  }
  const uint32_t window = sender_.window();
  sender_.UpdateWindow(segment);
  const bool advanced = sender_.Acked(ack);
  const bool bare =
      !advanced && segment.length() == 0 && sender_.window() == window;
  const bool fin_acked =
      advanced && sender_.fin_queued() && sender_.FinAcked();
  // With a closed socket's FIN all is over: nobody asks how long it took.
  if ((!flight_.empty() || segment.sack_blocks > 0) &&
      !(orphan_ && fin_acked)) {
    Acknowledge(segment, una, bare);
  }
  if (!advanced) {
    // On the fast path nobody looks at the probe timer, which also bounds a
    // cork; see Receive().
    if (!segment.payload.empty() && sender_.window() == window) return true;
    AckedProbe();
    return true;
  }
  if (trouble_ != nullptr) trouble_->probes = 0;
  if (fin_acked) FinAcked();
  if (nospace_ && state_ != State::kClosed && Writable()) {
    nospace_ = false;
    Wake(kWritableEvents);
  }
  return state_ != State::kClosed;
}

// tcp_ack_probe(): an answer to a probe opened the window, or did not.
void Connection::AckedProbe() {
  if (trouble_ == nullptr) return;
  trouble_->probes = 0;
  if (trouble_->probe_at.infinite() && trouble_->probing_since.infinite()) {
    return;
  }
  if (sender_.WindowOpen()) {
    StopTimer(kProbe);
    trouble_->backoff = 0;
    trouble_->probing_since = loop::Instant::Infinite();
  } else {
    StopTimer(kProbe);
    ArmProbe();
  }
}

void Connection::FinAcked() {
  switch (state_) {
    case State::kFinWait1:
      state_ = State::kFinWait2;
      Wake(0);
      if (orphan_ && options->fin_wait2_seconds < 0) {
        SendReset(sender_.nxt());
        Done();
      }
      break;
    case State::kClosing:
      EnterTimeWait(/*fin_seen=*/true);
      break;
    case State::kLastAck:
      Done();
      break;
    default:
      break;
  }
}

void Connection::TakeText(const Segment& segment) {
  if (receiver_.TakeUrgent(segment, options->oob_inline)) Wake(kReadableEvents);
  const bool waiting_for_more =
      state_ == State::kFinWait1 || state_ == State::kFinWait2;
  if (waiting_for_more && (shut_ & kReceiveShut) != 0 && segment.length() > 0 &&
      Before(receiver_.nxt(), segment.end() - (segment.has(kFin) ? 1 : 0))) {
    // Nobody will read it, or what a FIN that came early stands behind: RFC
    // 1122 section 4.2.2.13.
    BeReset();
    stack_.TransmitReset(segment);
    return;
  }
  const bool receives = state_ == State::kEstablished ||
                        state_ == State::kFinWait1 ||
                        state_ == State::kFinWait2;
  if (!receives) {
    // What is behind the FIN is ignored, what came twice is told of.
    if (segment.length() > 0 && Before(segment.seq, receiver_.nxt())) {
      receiver_.TakeOld(segment);
      SendAck();
    }
    return;
  }
  bool ack_now = false;
  bool data_came = false;
  if (!segment.payload.empty()) {
    const Receiver::Arrival arrival = receiver_.Take(segment);
    ack_due_ = true;
    data_came = arrival >= Receiver::Arrival::kInOrder;
    // A gap that is filled is told of at once (RFC 5681 section 4.2).
    ack_now = arrival != Receiver::Arrival::kInOrder;
    if (data_came) {
      receiver_.ReceivedData(stack_.host().world().Now(),
                             retransmission_.TimeoutNanos());
    }
  }
  if (segment.has(kFin)) receiver_.NoteFin(segment.end() - 1);
  const bool fin_due = receiver_.FinDue();
  if (fin_due) {
    TakeFin();
    if (state_ == State::kClosed) return;
    ack_due_ = true;
  }
  // A FIN that came early, is not in order yet, or crossed ours does not wait.
  if (segment.has(kFin) != fin_due || state_ == State::kClosing) ack_now = true;
  if (data_came) DataReady();
  if (ack_now || ((data_came || fin_due) && receiver_.AckAtOnce())) {
    SendAck();
  } else if (ack_due_ && deadlines_[kDelayedAck].infinite()) {
    SetTimer(kDelayedAck, receiver_.AckDelayNanos());
  }
}

void Connection::TakeFin() {
  receiver_.TakeFin();
  shut_ |= kReceiveShut;
  done_ = true;
  switch (state_) {
    case State::kEstablished:
      state_ = State::kCloseWait;
      // Its acknowledgment waits for our own FIN, as if that were an answer.
      receiver_.SetInteractive(true);
      break;
    case State::kFinWait1:
      state_ = State::kClosing;
      break;
    case State::kFinWait2:
      SendAck();
      EnterTimeWait(/*fin_seen=*/true);
      break;
    default:
      break;
  }
  Wake(0);
}

}  // namespace simloop::sim::tcp
