#include "sim/tcp/connection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/check.h"
#include "sim/host.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_wait.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

constexpr const char* kKindNames[] = {"syn",  "synack", "ack",
                                      "data", "fin",    "rst"};
// Before a window is told the peer may count on this much at most (a SYN's
// window field is never scaled, RFC 7323 section 2.2).
constexpr uint32_t kSynWindow = 65535;

}  // namespace

Connection::Connection(Stack& stack) : stack_(stack) {
  const HostOptions& options = stack.host().options();
  sender_.SetLimit(options.send_buffer_bytes);
  receiver_.SetLimit(options.receive_buffer_bytes);
}

Connection::~Connection() {
  stack_.host().world().queue().Cancel(*this);
  if (in_table_) stack_.Erase(local, remote);
  stack_.ports().Remove(port_use_);
}

std::string Connection::OriginName() const {
  return absl::StrCat(stack_.host().name(), ".", origin_.what, "#",
                      origin_.number);
}

std::string Connection::Name() const {
  return absl::StrCat(OriginName(), "/timer");
}

// --- The program's calls ---------------------------------------------------

void Connection::Open(Origin origin) {
  origin_ = origin;
  sender_.SetMss(stack_.Mss(remote));
  receiver_.SetMss(stack_.Mss(remote));
  sender_.Start(stack_.NewInitialSequence());
  state_ = State::kSynSent;
  error_ = loop::Errno::kOk;
  stack_.Insert(*this);
  in_table_ = true;
  sender_.SentSyn();
  retransmission_.Sent(sender_.nxt(), stack_.host().world().Now());
  SendSyn(/*again=*/false);
  SetTimer(kRetransmit, retransmission_.TimeoutNanos());
}

void Connection::Establish(Origin origin, Sequence iss, Sequence irs,
                           const Segment& ack, loop::Instant answered_at) {
  origin_ = origin;
  sender_.SetMss(stack_.Mss(remote));
  receiver_.SetMss(stack_.Mss(remote));
  sender_.Start(iss);
  sender_.SentSyn();
  receiver_.Start(irs);
  receiver_.TellWindow();
  state_ = State::kEstablished;
  stack_.Insert(*this);
  in_table_ = true;
  sender_.Acked(iss + 1);
  sender_.ResetWindow(ack);
  if (!answered_at.infinite()) {
    retransmission_.Sent(iss + 1, answered_at);
    retransmission_.Acked(iss + 1, stack_.host().world().Now());
  }
}

size_t Connection::Write(absl::Span<const char> data) {
  const size_t count = sender_.Write(data);
  if (count > 0) Output();
  return count;
}

void Connection::AfterRead() {
  if (state_ != State::kEstablished && state_ != State::kFinWait1 &&
      state_ != State::kFinWait2) {
    return;
  }
  if (receiver_.WindowUpdateDue()) SendAck();
}

void Connection::ShutSend() {
  switch (state_) {
    case State::kEstablished:
    case State::kSynReceived:
      state_ = State::kFinWait1;
      break;
    case State::kCloseWait:
      state_ = State::kLastAck;
      break;
    default:
      return;
  }
  sender_.QueueFin();
  Output();
}

void Connection::Orphan() {
  orphan_ = true;
  shut_ = kReceiveShut | kSendShut;
  if (state_ != State::kClosed) {
    if (receiver_.Readable() > 0) {
      // Nobody will read it: RFC 1122 section 4.2.2.13 wants a reset.
      SendReset(sender_.nxt());
      Done();
    } else if (state_ == State::kSynSent) {
      Done();
    } else {
      ShutSend();
    }
  }
  // A closed socket's FIN_WAIT2 needs no connection (tcp_close()).
  if (state_ == State::kFinWait2) EnterTimeWait(/*fin_seen=*/false);
  if (state_ == State::kClosed) ended_ = true;
}

void Connection::Abort() {
  switch (state_) {
    case State::kEstablished:
    case State::kSynReceived:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kCloseWait:
      SendReset(sender_.nxt());
      break;
    default:
      break;
  }
  Done();
}

void Connection::Reset() {
  SIMLOOP_CHECK(state_ == State::kClosed, "only a closed one is reset");
  const bool nodelay = sender_.nodelay();
  const size_t send_limit = sender_.limit_bytes();
  const size_t receive_limit = receiver_.limit_bytes();
  sender_ = Sender();
  receiver_ = Receiver();
  retransmission_ = Retransmission();
  sender_.SetNodelay(nodelay);
  sender_.SetLimit(send_limit);
  receiver_.SetLimit(receive_limit);
  shut_ = 0;
  done_ = false;
  ack_due_ = false;
}

loop::Errno Connection::TakeError() {
  const loop::Errno error = error_;
  error_ = loop::Errno::kOk;
  return error;
}

uint32_t Connection::Readiness() const {
  using loop::kEpollErr;
  using loop::kEpollHup;
  using loop::kEpollIn;
  using loop::kEpollOut;
  using loop::kEpollRdhup;
  uint32_t bits = 0;
  if (shut_ == (kReceiveShut | kSendShut) || state_ == State::kClosed) {
    bits |= kEpollHup;
  }
  if ((shut_ & kReceiveShut) != 0) bits |= kEpollIn | kEpollRdhup;
  if (state_ != State::kSynSent && state_ != State::kSynReceived) {
    if (receiver_.Readable() > 0) bits |= kEpollIn;
    if ((shut_ & kSendShut) != 0 || sender_.Writable()) bits |= kEpollOut;
  }
  if (error_ != loop::Errno::kOk) bits |= kEpollErr;
  return bits;
}

// --- Ends --------------------------------------------------------------------

void Connection::Done() {
  StopTimer(kRetransmit);
  StopTimer(kDelayedAck);
  if (in_table_) stack_.Erase(local, remote);
  in_table_ = false;
  if (!port_use_.locked) stack_.ports().Remove(port_use_);
  state_ = State::kClosed;
  shut_ = kReceiveShut | kSendShut;
  sender_.Clear();
  if (orphan_) ended_ = true;
  Wake(0);
}

void Connection::Fail(loop::Errno error) {
  error_ = error;
  Wake(loop::kEpollErr);
  Done();
}

void Connection::BeReset() {
  switch (state_) {
    case State::kSynSent:
      error_ = loop::Errno::kECONNREFUSED;
      break;
    case State::kCloseWait:
      error_ = loop::Errno::kEPIPE;
      break;
    default:
      error_ = loop::Errno::kECONNRESET;
  }
  Done();
  Wake(loop::kEpollErr);
}

void Connection::EnterTimeWait(bool fin_seen) {
  auto wait =
      std::make_unique<TimeWait>(stack_, local, remote, sender_, receiver_,
                                 receiver_.TellWindow(), fin_seen);
  PortUse& use = wait->port_use();
  use.ip = local.ip;
  use.port = local.port;
  use.reuse = port_use_.reuse;
  use.reuse_port = port_use_.reuse_port;
  use.automatic = port_use_.automatic;
  stack_.ports().Add(use);
  done_ = true;
  Done();
  stack_.Insert(*wait, local, remote);
  stack_.Keep(std::move(wait));
}

// --- Timers ------------------------------------------------------------------

void Connection::SetTimer(Timer timer, int64_t after_nanos) {
  deadlines_[timer] = stack_.host().world().Now().PlusNanos(after_nanos);
  ArmTimer();
}

void Connection::StopTimer(Timer timer) {
  // The queue's entry stays: it is lazy (Live()), and most are set again soon.
  deadlines_[timer] = loop::Instant::Infinite();
}

void Connection::ArmTimer() {
  const loop::Instant earliest =
      std::min(deadlines_[kRetransmit], deadlines_[kDelayedAck]);
  if (earliest.infinite()) return;
  if (!scheduled() || earliest < at()) {
    stack_.host().world().queue().Schedule(*this, earliest);
  }
}

bool Connection::Live() const {
  return deadlines_[kRetransmit] <= at() || deadlines_[kDelayedAck] <= at();
}

void Connection::Fire() {
  const loop::Instant now = stack_.host().world().Now();
  if (deadlines_[kDelayedAck] <= now) {
    StopTimer(kDelayedAck);
    if (ack_due_) SendAck();
  }
  if (deadlines_[kRetransmit] <= now) RetransmitTimeout();
  Host& host = stack_.host();
  if (ended_) {
    stack_.EndOrphan(*this);
  } else {
    ArmTimer();
  }
  host.RunSoftirq();
}

void Connection::RetransmitTimeout() {
  StopTimer(kRetransmit);
  if (!sender_.InFlight()) return;
  const HostOptions& options = stack_.host().options();
  const bool syn = state_ == State::kSynSent || state_ == State::kSynReceived;
  const int most = syn ? options.syn_retries : options.data_retries;
  if (retransmission_.timeouts() >= most) {
    Fail(loop::Errno::kETIMEDOUT);
    return;
  }
  retransmission_.TimedOut();
  if (syn) {
    SendSyn(/*again=*/true);
  } else {
    Segment segment;
    sender_.Again(&segment);
    Transmit(segment, segment.has(kFin) ? Kind::kFin : Kind::kData,
             /*again=*/true);
  }
  SetTimer(kRetransmit, retransmission_.TimeoutNanos());
}

// --- Segments out
// --------------------------------------------------------------

void Connection::Output() {
  const loop::Instant now = stack_.host().world().Now();
  bool sent = false;
  while (true) {
    Segment segment;
    if (!sender_.Next(&segment)) break;
    retransmission_.Sent(sender_.nxt(), now);
    Transmit(segment, segment.payload.empty() ? Kind::kFin : Kind::kData,
             /*again=*/false);
    receiver_.SentData(now);
    sent = true;
  }
  if (sent && deadlines_[kRetransmit].infinite()) {
    SetTimer(kRetransmit, retransmission_.TimeoutNanos());
  }
}

void Connection::SendSyn(bool again) {
  Segment segment;
  segment.seq = sender_.iss();
  segment.flags = kSyn;
  const bool answer = state_ == State::kSynReceived;
  if (answer) segment.flags |= kAck;
  Transmit(segment, answer ? Kind::kSynAck : Kind::kSyn, again);
}

void Connection::SendAck() {
  Segment segment;
  segment.seq = sender_.nxt();
  segment.flags = kAck;
  Transmit(segment, Kind::kAck, /*again=*/false);
}

void Connection::SendReset(Sequence seq) {
  Segment segment;
  segment.seq = seq;
  segment.flags = kRst | kAck;
  Transmit(segment, Kind::kRst, /*again=*/false);
}

void Connection::Transmit(Segment& segment, Kind kind, bool again) {
  segment.from = local;
  segment.to = remote;
  if (segment.has(kSyn)) {
    segment.window = std::min<uint32_t>(
        kSynWindow, static_cast<uint32_t>(receiver_.limit_bytes()));
  } else if (!segment.has(kRst)) {
    segment.window = receiver_.TellWindow();
  }
  if (segment.has(kAck)) {
    segment.ack = receiver_.nxt();
    ack_due_ = false;
    StopTimer(kDelayedAck);
  }
  const int index = static_cast<int>(kind);
  stack_.Transmit(
      segment, sender_.iss(), receiver_.irs(), [&] { return OriginName(); },
      kKindNames[index], again ? sent_[index] : ++sent_[index], again);
}

}  // namespace simloop::sim::tcp
