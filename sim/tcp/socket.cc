#include "sim/tcp/socket.h"

#include <utility>

#include "sim/host.h"
#include "sim/inet_address.h"
#include "sim/tcp/dormant.h"
#include "sim/tcp/stack.h"

namespace simloop::sim::tcp {

using loop::Errno;

Socket::Socket(Stack& stack, loop::Family family)
    : inet6_(family == loop::Family::kInet6),
      held_(new (stack) Connection(stack, stack.FreshOptions(family))) {
  connection().SetWaiters(&waiters_);
  connection().local.ip = any();
  connection().port_use().ip = any();
  connection().port_use().v6only = stack.host().options().bind_v6_only;
}

Socket::Socket(loop::Family family, std::unique_ptr<Connection> connection)
    : inet6_(family == loop::Family::kInet6),
      phase_(Phase::kConnected),
      accepted_(true),
      held_(connection.release()) {
  this->connection().SetWaiters(&waiters_);
  stack().LetRest();
  stack().Watch(*this);
}

Socket::~Socket() {
  if (held_ != nullptr && held_->kind == Tabled::Kind::kConnection) {
    stack().Unwatch(connection());
  }
}

Errno Socket::ErrorOr(Errno otherwise) {
  const Errno error = connection().TakeError();
  return error != Errno::kOk ? error : otherwise;
}

uint32_t Socket::Readiness() {
  if (listener_ != nullptr)
    return listener_->empty() ? 0 : loop::kEpollIn | loop::kEpollRdnorm;
  const uint32_t bits = connection().Readiness();
  if ((bits & loop::kEpollOut) == 0) connection().WantSpace();
  return bits;
}

loop::Address Socket::Shown(const loop::Endpoint& endpoint) const {
  return inet6() ? loop::Address::Inet6(endpoint.ip, endpoint.port)
                 : loop::Address::Inet(endpoint.ip.v4(), endpoint.port);
}

// inet_bind(), inet6_bind(): EINVAL twice, EADDRNOTAVAIL elsewhere,
// EADDRINUSE taken.
loop::Result<void> Socket::Bind(const loop::Address& address) {
  PortUse& use = connection().port_use();
  const InetOptions& inet = connection().options->inet;
  const Errno wrong =
      CheckBindable({.family = family(),
                     .v6only = use.v6only,
                     .settled = state() != State::kClosed || use.held(),
                     .nonlocal = inet.free_bind()},
                    stack().host(), address);
  if (wrong != Errno::kOk) return wrong;
  const loop::Ip before = use.ip;
  use.ip = inet6() ? address.ip : loop::Ip(address.ip.v4());
  use.automatic = false;
  Errno error = Errno::kOk;
  // IP_BIND_ADDRESS_NO_PORT (ip(7)): connect(2) or listen(2) picks the port.
  if (address.port != 0) {
    use.port = address.port;
    if (stack().ports().Conflicts(use)) {
      use.port = 0;
      error = Errno::kEADDRINUSE;
    } else {
      stack().ports().Add(use);
    }
  } else if (!inet.bind_address_no_port()) {
    error = stack().TakeEphemeralPort(use, nullptr);
  }
  if (error != Errno::kOk) {
    use.ip = before;
    return error;
  }
  if (use.held()) stack().ports().Settle(use);
  use.locked = address.port != 0;
  if (BindsV6only(address)) {
    connection().options.Own().inet.SetV6only(true);
    use.v6only = true;
  }
  if (connection().options->address_bound == use.ip.is_any()) {
    connection().options.Own().address_bound = !use.ip.is_any();
  }
  connection().local = {use.ip, use.port};
  return {};
}

// inet_listen(): again on a listener only changes the backlog.
loop::Result<void> Socket::Listen(int backlog) {
  const int most = stack().host().options().somaxconn;
  if (backlog < 0 || backlog > most) backlog = most;
  if (listener_ != nullptr) {
    listener_->SetBacklog(backlog);
    return {};
  }
  if (phase_ != Phase::kUnconnected || state() != State::kClosed) {
    return Errno::kEINVAL;
  }
  PortUse& use = connection().port_use();
  if (!use.held()) {
    use.ip =
        connection().options->address_bound ? connection().local.ip : any();
    const Errno error = stack().TakeEphemeralPort(use, nullptr);
    if (error != Errno::kOk) return error;
    connection().local = {use.ip, use.port};
  }
  if (stack().ports().Conflicts(use)) return Errno::kEADDRINUSE;
  use.listening = true;
  stack().ports().Settle(use);
  connection().receiver().SetInteractive(false);  // inet_csk_delack_init()
  listener_ = std::make_unique<Listener>(stack(), connection().local,
                                         connection(), waiters_);
  listener_->SetBacklog(backlog);
  return {};
}

loop::Result<void> Socket::Accept(Accepted* accepted) {
  if (listener_ == nullptr) return Errno::kEINVAL;
  std::unique_ptr<Connection> connection = listener_->Accept();
  if (connection == nullptr) return Errno::kEAGAIN;
  accepted->peer = Shown(connection->remote);
  accepted->socket = std::make_unique<Socket>(family(), std::move(connection));
  return {};
}

// __inet_stream_connect(), with its second and third calls: a connection that
// is made in the meantime answers 0 once, then EISCONN.
loop::Result<void> Socket::Connect(const loop::Address& address) {
  if (address.size() < sizeof(loop::Family)) return Errno::kEINVAL;
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

// tcp_v4_connect(), tcp_v6_connect().
Errno Socket::StartConnect(const loop::Address& address) {
  loop::Endpoint remote;
  PortUse& use = connection().port_use();
  const Errno wrong =
      CheckConnectable(family(), address, use.v6only, &remote.ip);
  if (wrong != Errno::kOk) return wrong;
  remote.port = address.port;
  if (!stack().host().Routes(remote.ip)) return Errno::kENETUNREACH;
  loop::Ip source = use.held() ? use.ip : any();
  if (connection().options->address_bound) source = connection().local.ip;
  if (source.is_any()) source = stack().host().SourceFor(remote.ip);
  if (source.is_v4() != remote.ip.is_v4()) {
    return source.is_v4() ? Errno::kEAFNOSUPPORT : Errno::kENETUNREACH;
  }
  // A socket that once spoke IPv4 keeps its operations (tcp_v6_connect()): what
  // it sends to an IPv6 address then is never seen again.
  if (inet6()) {
    was_mapped_ = was_mapped_ || remote.ip.is_v4();
    connection().SetMute(was_mapped_ && !remote.ip.is_v4());
  }
  if (use.held()) {
    const loop::Endpoint local{source, use.port};
    stack().ReuseTimeWait(local, remote);
    if (stack().Taken(local, remote)) return Errno::kEADDRNOTAVAIL;
  } else {
    use.ip = source;
    const Errno error = stack().TakeEphemeralPort(use, &remote);
    if (error != Errno::kOk) return error;
  }
  stack().LetRest();
  stack().Unwatch(connection());
  stack().Watch(*this);
  connection().local = {source, use.port};
  connection().remote = remote;
  connection().Open(stack().NextConnect());
  return Errno::kOk;
}

// tcp_disconnect(): back to a fresh socket that keeps its bound port.
void Socket::Disconnect() {
  connection().options.Own().last_mss = Mss();
  const State before = state();
  if (listener_ != nullptr) {
    listener_.reset();
    PortUse& use = connection().port_use();
    use.listening = false;
    if (!use.locked) stack().ports().Remove(use);
  } else if (before != State::kClosed) {
    connection().Abort();
    if (before != State::kClosing && before != State::kLastAck) {
      connection().SetError(Errno::kECONNRESET);
    }
  }
  connection().Reset();
  if (!connection().options->address_bound) {
    connection().local.ip = any();
  }
  connection().remote = {};
  // The RST reaches a peer on this host before the caller's own waiters hear.
  stack().host().RunSoftirq();
  waiters_.Wake(loop::kEpollErr);
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
      connection().Shut(bits);
      if ((bits & Connection::kSendShut) != 0) connection().ShutSend();
  }
  // The FIN reaches a peer on this host before the caller's own waiters hear.
  stack().host().RunSoftirq();
  waiters_.Wake(0);
  return result;
}

void Socket::Release() {
  listener_.reset();
  const loop::Linger& linger = connection().options->linger;
  const bool linger_zero = linger.onoff != 0 && linger.seconds == 0;
  if (linger_zero && connection().receiver().Readable() == 0) {
    connection().Abort();
  }
  connection().Orphan();
  if (connection().ended()) return;
  Stack& stack = this->stack();
  stack.Unwatch(connection());
  stack.Adopt(std::unique_ptr<Connection>(
      static_cast<Connection*>(held_.release())));
}

// --- Rest --------------------------------------------------------------------

void Socket::Deleter::operator()(Tabled* held) const {
  if (held->kind == Tabled::Kind::kDormant) {
    delete static_cast<Dormant*>(held);
  } else {
    delete static_cast<Connection*>(held);
  }
}

bool Socket::LetRest(loop::Instant now) {
  Connection& awake = connection();
  Stack& stack = awake.stack();
  stack.Unwatch(awake);
  if (awake.Quiet(now)) {
    held_.reset(new Dormant(awake, *this));
    return true;
  }
  if (awake.state() != State::kClosed) stack.Watch(*this);
  return false;
}

void Socket::Wake() const {
  Dormant& asleep = static_cast<Dormant&>(*held_);
  std::unique_ptr<Connection> awake(new (asleep.stack()) Connection(asleep));
  awake->SetWaiters(&waiters_);
  held_.reset(awake.release());
  stack().Watch(const_cast<Socket&>(*this));
}

loop::Result<loop::Address> Socket::Getsockname() {
  return Shown(connection().local);
}

loop::Result<loop::Address> Socket::Getpeername() {
  if (listener_ != nullptr || state() == State::kClosed ||
      state() == State::kSynSent) {
    return Errno::kENOTCONN;
  }
  return Shown(connection().remote);
}

}  // namespace simloop::sim::tcp
