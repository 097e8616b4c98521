#include "sim/tcp/socket.h"

#include <algorithm>
#include <utility>

#include "sim/host.h"
#include "sim/tcp/stack.h"

namespace simloop::sim::tcp {

using loop::Errno;

Socket::Socket(Stack& stack)
    : stack_(stack), connection_(std::make_unique<Connection>(stack)) {}

Socket::Socket(Stack& stack, std::unique_ptr<Connection> connection)
    : stack_(stack),
      connection_(std::move(connection)),
      phase_(Phase::kConnected) {}

Socket::~Socket() = default;

Errno Socket::ErrorOr(Errno otherwise) {
  const Errno error = connection_->TakeError();
  return error != Errno::kOk ? error : otherwise;
}

uint32_t Socket::Readiness() {
  if (listener_ != nullptr) return listener_->empty() ? 0 : loop::kEpollIn;
  const uint32_t bits = connection_->Readiness();
  if ((bits & loop::kEpollOut) == 0) connection_->WantSpace();
  return bits;
}

// inet_bind(): EINVAL twice, EADDRNOTAVAIL elsewhere, EADDRINUSE taken.
loop::Result<void> Socket::Bind(const loop::Address& address) {
  const bool inet =
      address.family == loop::Family::kInet ||
      (address.family == loop::Family::kUnspecified && address.ip.is_any());
  if (!inet) return Errno::kEAFNOSUPPORT;
  if (!address.ip.is_any() && !stack_.host().IsLocal(address.ip)) {
    return Errno::kEADDRNOTAVAIL;
  }
  PortUse& use = connection_->port_use();
  if (state() != State::kClosed || use.held()) return Errno::kEINVAL;
  use.ip = address.ip;
  use.automatic = false;
  use.locked = address.port != 0;
  if (address.port == 0) {
    const Errno error = stack_.TakeEphemeralPort(use, nullptr);
    if (error != Errno::kOk) return error;
  } else {
    use.port = address.port;
    if (stack_.ports().Conflicts(use)) {
      use.port = 0;
      return Errno::kEADDRINUSE;
    }
    stack_.ports().Add(use);
  }
  connection_->options.address_bound = !address.ip.is_any();
  connection_->local = loop::Address::Inet(address.ip, use.port);
  return {};
}

// inet_listen(): again on a listener only changes the backlog.
loop::Result<void> Socket::Listen(int backlog) {
  const int most = stack_.host().options().somaxconn;
  if (backlog < 0 || backlog > most) backlog = most;
  if (listener_ != nullptr) {
    listener_->SetBacklog(backlog);
    return {};
  }
  if (phase_ != Phase::kUnconnected || state() != State::kClosed) {
    return Errno::kEINVAL;
  }
  PortUse& use = connection_->port_use();
  if (!use.held()) {
    use.ip = loop::Ipv4::Any();
    const Errno error = stack_.TakeEphemeralPort(use, nullptr);
    if (error != Errno::kOk) return error;
    connection_->local = loop::Address::Inet(use.ip, use.port);
  }
  if (stack_.ports().Conflicts(use)) return Errno::kEADDRINUSE;
  use.listening = true;
  listener_ = std::make_unique<Listener>(stack_, connection_->local,
                                         *connection_, waiters());
  listener_->SetBacklog(backlog);
  return {};
}

loop::Result<void> Socket::Accept(Accepted* accepted) {
  if (listener_ == nullptr) return Errno::kEINVAL;
  std::unique_ptr<Connection> connection = listener_->Accept();
  if (connection == nullptr) return Errno::kEAGAIN;
  accepted->peer = connection->remote;
  accepted->socket = std::make_unique<Socket>(stack_, std::move(connection));
  return {};
}

// __inet_stream_connect(), with its second and third calls: a connection that
// is made in the meantime answers 0 once, then EISCONN.
loop::Result<void> Socket::Connect(const loop::Address& address) {
  if (address.family == loop::Family::kUnspecified) {
    Disconnect();
    phase_ = Phase::kUnconnected;
    return {};
  }
  Errno error = Errno::kOk;
  switch (phase_) {
    case Phase::kConnected:
      return Errno::kEISCONN;
    case Phase::kDisconnecting:
      return Errno::kEINVAL;
    case Phase::kConnecting:
      error = Errno::kEALREADY;
      break;
    case Phase::kUnconnected:
      if (state() != State::kClosed) return Errno::kEISCONN;
      error = StartConnect(address);
      if (error != Errno::kOk) return error;
      phase_ = Phase::kConnecting;
      error = Errno::kEINPROGRESS;
      break;
  }
  if (state() == State::kSynSent || state() == State::kSynReceived) {
    return error;
  }
  if (state() == State::kClosed) {
    // Refused, timed out or reset since.
    error = ErrorOr(Errno::kECONNABORTED);
    phase_ = Phase::kUnconnected;
    Disconnect();
    return error;
  }
  phase_ = Phase::kConnected;
  return {};
}

// tcp_v4_connect().
Errno Socket::StartConnect(const loop::Address& address) {
  if (address.family != loop::Family::kInet) return Errno::kEAFNOSUPPORT;
  loop::Address remote = address;
  if (remote.ip.is_any()) remote.ip = loop::Ipv4::Loopback();
  if (!stack_.host().Routes(remote.ip)) return Errno::kENETUNREACH;
  PortUse& use = connection_->port_use();
  loop::Ipv4 source = use.held() ? use.ip : loop::Ipv4::Any();
  if (connection_->options.address_bound) source = connection_->local.ip;
  if (source.is_any()) source = stack_.host().SourceFor(remote.ip);
  if (use.held()) {
    const loop::Address local = loop::Address::Inet(source, use.port);
    stack_.ReuseTimeWait(local, remote);
    if (stack_.Taken(local, remote)) return Errno::kEADDRNOTAVAIL;
  } else {
    use.ip = source;
    const Errno error = stack_.TakeEphemeralPort(use, &remote);
    if (error != Errno::kOk) return error;
  }
  connection_->local = loop::Address::Inet(source, use.port);
  connection_->remote = remote;
  connection_->Open(stack_.NextConnect());
  return Errno::kOk;
}

// tcp_disconnect(): back to a fresh socket that keeps its bound port.
void Socket::Disconnect() {
  const State before = state();
  if (listener_ != nullptr) {
    listener_.reset();
    PortUse& use = connection_->port_use();
    use.listening = false;
    if (!use.locked) stack_.ports().Remove(use);
  } else if (before != State::kClosed) {
    connection_->Abort();
    if (before != State::kClosing && before != State::kLastAck) {
      connection_->SetError(Errno::kECONNRESET);
    }
  }
  connection_->Reset();
  if (!connection_->options.address_bound) {
    connection_->local.ip = loop::Ipv4::Any();
  }
  connection_->remote = loop::Address();
  connection_->waiters().Wake(loop::kEpollErr);
}

// tcp_recvmsg_locked(): data first, then the error, then the end.
loop::Result<size_t> Socket::Recv(absl::Span<char> buffer, int flags) {
  if ((flags & ~(loop::kMsgPeek | loop::kMsgTrunc | loop::kMsgDontwait)) != 0) {
    return Errno::kEOPNOTSUPP;
  }
  if (listener_ != nullptr) return Errno::kENOTCONN;
  Receiver& receiver = connection_->receiver();
  if (receiver.Readable() > 0) {
    const bool peek = (flags & loop::kMsgPeek) != 0;
    if ((flags & loop::kMsgTrunc) != 0) {
      // tcp(7): the bytes are thrown away, not copied.
      const size_t count = std::min(buffer.size(), receiver.Readable());
      if (peek) return count;
      receiver.Discard(count);
      connection_->AfterRead();
      return count;
    }
    if (peek) return receiver.Peek(buffer);
    const size_t count = receiver.Read(buffer);
    connection_->AfterRead();
    return count;
  }
  if (connection_->done()) return size_t{0};
  if (connection_->error() != Errno::kOk) return connection_->TakeError();
  if ((connection_->shut() & Connection::kReceiveShut) != 0) return size_t{0};
  if (state() == State::kClosed) return Errno::kENOTCONN;
  return Errno::kEAGAIN;
}

// tcp_sendmsg_locked().
loop::Result<size_t> Socket::Send(absl::Span<const char> data, int flags) {
  if ((flags & ~(loop::kMsgNosignal | loop::kMsgDontwait)) != 0) {
    return Errno::kEOPNOTSUPP;
  }
  if (listener_ != nullptr) return Errno::kEPIPE;
  if (state() != State::kEstablished && state() != State::kCloseWait) {
    if (connection_->error() != Errno::kOk) return connection_->TakeError();
    if (state() != State::kSynSent && state() != State::kSynReceived) {
      return Errno::kEPIPE;
    }
    connection_->WantSpace();
    return Errno::kEAGAIN;
  }
  const bool shut = (connection_->shut() & Connection::kSendShut) != 0;
  if (connection_->error() != Errno::kOk || shut) {
    return ErrorOr(Errno::kEPIPE);
  }
  if (data.empty()) return size_t{0};
  const size_t count = connection_->Write(data);
  if (count < data.size()) connection_->WantSpace();
  if (count == 0) return Errno::kEAGAIN;
  return count;
}

// inet_shutdown(), tcp_shutdown().
loop::Result<void> Socket::Shutdown(int how) {
  if (how < loop::kShutRd || how > loop::kShutRdwr) return Errno::kEINVAL;
  const uint8_t bits = static_cast<uint8_t>(how + 1);
  if (phase_ == Phase::kConnecting) {
    const bool open = state() != State::kSynSent &&
                      state() != State::kSynReceived &&
                      state() != State::kClosed;
    phase_ = open ? Phase::kConnected : Phase::kDisconnecting;
  }
  loop::Result<void> result;
  switch (state()) {
    case State::kListen:
      if ((bits & Connection::kReceiveShut) == 0) break;
      [[fallthrough]];
    case State::kSynSent:
      Disconnect();
      phase_ = Phase::kUnconnected;
      break;
    case State::kClosed:
      // Linux answers the error and shuts all the same.
      result = Errno::kENOTCONN;
      [[fallthrough]];
    default:
      connection_->Shut(bits);
      if ((bits & Connection::kSendShut) != 0) connection_->ShutSend();
  }
  connection_->waiters().Wake(0);
  return result;
}

void Socket::Release() {
  listener_.reset();
  const loop::Linger& linger = connection_->options.linger;
  const bool linger_zero = linger.onoff != 0 && linger.seconds == 0;
  if (linger_zero && connection_->receiver().Readable() == 0) {
    connection_->Abort();
  }
  connection_->Orphan();
  if (!connection_->ended()) stack_.Adopt(std::move(connection_));
}

loop::Result<loop::Address> Socket::Getsockname() {
  loop::Address local = connection_->local;
  local.family = loop::Family::kInet;
  return local;
}

loop::Result<loop::Address> Socket::Getpeername() {
  if (listener_ != nullptr || state() == State::kClosed ||
      state() == State::kSynSent) {
    return Errno::kENOTCONN;
  }
  return connection_->remote;
}

}  // namespace simloop::sim::tcp
