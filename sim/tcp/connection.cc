#include "sim/tcp/connection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/check.h"
#include "sim/host.h"
#include "sim/tcp/cubic.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_wait.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

}  // namespace

Connection::Connection(Stack& stack, const CopyOnWrite<SocketOptions>& options)
    : Tabled({}, Tabled::Kind::kConnection), options(options), stack_(stack) {
  const HostOptions& host = stack.host().options();
  sender_.SetLimit(host.send_buffer_bytes);
  receiver_.SetLimit(host.receive_buffer_bytes);
  congestion_.control = stack.FreshCongestionControl();
}

Connection::~Connection() {
  stack_.host().world().queue().Cancel(*this);
  if (in_table_) stack_.connections().Erase(*this);
  stack_.ports().Remove(port_use_);
  flight_.Clear(stack_.sent_pool());
}

void* Connection::operator new(size_t, Stack& stack) {
  return stack.connection_memory().New();
}

void Connection::operator delete(void* memory, Stack& stack) {
  stack.connection_memory().Release(memory);
}

void Connection::operator delete(Connection* connection,
                                 std::destroying_delete_t) {
  Stack& stack = connection->stack_;
  connection->~Connection();
  stack.connection_memory().Release(connection);
}

std::string Connection::OriginName() const {
  return absl::StrCat(stack_.host().name(),
                      by_connect_ ? ".connect#" : ".accept#", origin_number_);
}

std::string Connection::Name() const {
  return absl::StrCat(OriginName(), "/timer");
}

uint32_t Connection::HostIndex() const { return stack_.host().index(); }

// --- The program's calls ---------------------------------------------------

void Connection::Open(Origin origin) {
  by_connect_ = origin.connect;
  origin_number_ = origin.number;
  receiver_.SetMss(stack_.Mss(remote));
  sender_.Start(stack_.NewInitialSequence());
  state_ = State::kSynSent;
  error_ = loop::Errno::kOk;
  stack_.connections().Insert(*this);
  in_table_ = true;
  sender_.SentSyn();
  sent_at_ = stack_.host().world().Now();
  heard_at_ = sent_at_;
  SendSyn(/*again=*/false);
  SetTimer(kRetransmit,
           WithinUserTimeout(retransmission_.TimeoutNanos(), sent_at_));
}

void Connection::Establish(const Handshake& handshake, const Segment& ack) {
  const loop::Instant now = stack_.host().world().Now();
  by_connect_ = handshake.origin.connect;
  origin_number_ = handshake.origin.number;
  sender_.SetMss(Mss(handshake.peers_mss));
  receiver_.SetMss(stack_.Mss(remote));
  sender_.Start(handshake.iss);
  sender_.SentSyn();
  receiver_.Start(handshake.irs);
  receiver_.SetSack(handshake.sack && stack_.host().options().sack != 0);
  receiver_.SetEcho(handshake.stamp);
  receiver_.TellWindow();
  state_ = State::kEstablished;
  stack_.connections().Insert(*this);
  in_table_ = true;
  sender_.Acked(handshake.iss + 1);
  sender_.ResetWindow(ack);
  heard_at_ = sent_at_ = now;
  if (options->keepalive) KeepaliveChanged();
  if (!handshake.answered_at.infinite()) {
    MeasuredSince(handshake.answered_at);
  } else if (ack.echo != 0) {
    // It was sent more than once, but time stamps tell (tcp_synack_rtt_meas()).
    MeasuredByEcho(ack.echo);
  }
}

size_t Connection::Write(absl::Span<const char> data, bool more, bool urgent) {
  if (flight_.empty()) RestartAfterIdle();
  const size_t count = sender_.Write(data);
  if (count == 0) return 0;
  if (urgent && count == data.size()) sender_.MarkUrgent();
  Output(more ? Sender::Hold::kCork : hold());
  return count;
}

void Connection::Push(bool all) {
  if (state_ != State::kEstablished && state_ != State::kCloseWait) return;
  Output(all ? Sender::Hold::kNothing : hold());
}

void Connection::KeepaliveChanged() {
  if (state_ == State::kClosed || state_ == State::kSynSent) return;
  if (!options->keepalive) {
    StopTimer(kKeepalive);
    return;
  }
  const int64_t silent =
      stack_.host().world().Now().nanos() - heard_at_.nanos();
  SetTimer(kKeepalive,
           std::max<int64_t>(0, options->keep_idle_seconds * kSecond - silent));
}

void Connection::AfterRead() {
  const bool receives = state_ == State::kEstablished ||
                        state_ == State::kFinWait1 ||
                        state_ == State::kFinWait2;
  if ((receives && receiver_.WindowUpdateDue()) ||
      (ack_due_ && receiver_.AckOnRead())) {
    SendAck();
  }
}

// __tcp_sock_set_quickack().
void Connection::SetQuickAck(int mode) {
  receiver_.SetInteractive(mode == 0);
  const bool open =
      state_ == State::kEstablished || state_ == State::kCloseWait;
  if (mode == 0 || !open || !ack_due_) return;
  if (receiver_.AckOnRequest()) SendAck();
  if ((mode & 1) == 0) receiver_.SetInteractive(true);
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
  // tcp_send_fin() pushes: nothing is held back for more.
  Output(Sender::Hold::kNothing);
}

void Connection::Orphan() {
  orphan_ = true;
  waiters_ = nullptr;
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
  if (state_ == State::kFinWait2 && options->fin_wait2_seconds < 0) {
    SendReset(sender_.nxt());
    Done();
  } else if (state_ == State::kFinWait2) {
    EnterTimeWait(/*fin_seen=*/false);
  }
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
      // A peer on this host hears of it before the caller's own waiters do.
      stack_.host().RunSoftirq();
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
  const uint32_t most_window = sender_.most_window();
  sender_ = Sender();
  sender_.Disconnected(most_window);
  receiver_ = Receiver();
  retransmission_ = Retransmission();
  flight_.Clear(stack_.sent_pool());
  const CongestionControl* const control = congestion_.control;
  congestion_ = Congestion();
  congestion_.control = control;
  wait_ = Wait::kTimeout;
  sender_.SetNodelay(nodelay);
  sender_.SetLimit(send_limit);
  receiver_.SetLimit(receive_limit);
  shut_ = 0;
  done_ = false;
  ack_due_ = false;
  if (trouble_ != nullptr) {
    trouble_->recovery = nullptr;
    trouble_->probes = 0;
    trouble_->backoff = 0;
    trouble_->probing_since = loop::Instant::Infinite();
  }
}

void Connection::SetCongestionControl(const CongestionControl& control) {
  congestion_.control = &control;
  congestion_.cubic.reset();
}

loop::Errno Connection::TakeError() {
  const loop::Errno error = error_;
  error_ = loop::Errno::kOk;
  return error;
}

// tcp_poll().
uint32_t Connection::Readiness() const {
  constexpr uint32_t kIn = loop::kEpollIn | loop::kEpollRdnorm;
  constexpr uint32_t kOut = loop::kEpollOut | loop::kEpollWrnorm;
  uint32_t bits = 0;
  if (shut_ == (kReceiveShut | kSendShut) || state_ == State::kClosed) {
    bits |= loop::kEpollHup;
  }
  if ((shut_ & kReceiveShut) != 0) bits |= kIn | loop::kEpollRdhup;
  if (state_ != State::kSynSent && state_ != State::kSynReceived) {
    const Urgent& urgent = receiver_.urgent();
    size_t target = static_cast<size_t>(options->receive_low_water);
    if (urgent.pending() && urgent.at() == receiver_.copied() &&
        !options->oob_inline) {
      ++target;
    }
    if (ReadableFrom(target)) bits |= kIn;
    if ((shut_ & kSendShut) != 0 || Writable()) bits |= kOut;
    if (urgent.state() == Urgent::State::kHere) bits |= loop::kEpollPri;
  }
  if (error_ != loop::Errno::kOk) bits |= loop::kEpollErr;
  return bits;
}

// tcp_epollin_ready(): a window that is nearly shut counts as enough, since no
// more would come.
bool Connection::ReadableFrom(size_t target) const {
  const size_t available = receiver_.Available();
  if (available == 0) return false;
  return available >= target || receiver_.NearlyShut();
}

bool Connection::Writable() const {
  // Half of TCP_NOTSENT_LOWAT, to be told of (tcp_stream_memory_free()).
  return sender_.Writable() &&
         (options->unsent_low_water == 0 ||
          2 * sender_.Unsent() < options->unsent_low_water);
}

void Connection::DataReady() {
  if (ReadableFrom(static_cast<size_t>(options->receive_low_water)) || done_) {
    Wake(kReadableEvents);
  }
}

// --- Ends --------------------------------------------------------------------

void Connection::Done() {
  for (const Timer timer : {kRetransmit, kDelayedAck, kProbe, kKeepalive}) {
    StopTimer(timer);
  }
  if (in_table_) stack_.connections().Erase(*this);
  in_table_ = false;
  if (!port_use_.locked) stack_.ports().Remove(port_use_);
  state_ = State::kClosed;
  shut_ = kReceiveShut | kSendShut;
  sender_.Clear();
  flight_.Clear(stack_.sent_pool());
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
  // TCP_LINGER2 bounds FIN_WAIT2 alone.
  int64_t nanos = TimeWait::kNanos;
  if (!fin_seen) {
    const int host = stack_.host().options().fin_timeout_seconds;
    const int own = options->fin_wait2_seconds;
    nanos = (own > 0 ? own : host) * kSecond;
  }
  auto wait = std::make_unique<TimeWait>(*this, sender_, receiver_,
                                         receiver_.TellWindow(), fin_seen,
                                         stack_.host().world().Now());
  PortUse& use = wait->port_use();
  use.ip = local.ip;
  use.port = local.port;
  use.reuse = port_use_.reuse;
  use.reuse_port = port_use_.reuse_port;
  use.automatic = port_use_.automatic;
  if (port_use_.locked) {
    stack_.ports().Add(use);
  } else {
    use.index = port_use_.index;
    stack_.ports().Replace(port_use_, use);
    port_use_.port = 0;
  }
  stack_.connections().Insert(*wait);
  in_table_ = false;
  done_ = true;
  Done();
  stack_.death_row().Add(std::move(wait), nanos);
}

}  // namespace simloop::sim::tcp
