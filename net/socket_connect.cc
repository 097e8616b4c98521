// A socket's way from Connect() to 'connect'.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"
#include "net/socket.h"

namespace simloop::net {

using loop::Address;
using loop::Errno;

namespace {

ConnectOptions ToHost(uint16_t port, absl::string_view host) {
  ConnectOptions options;
  options.port = port;
  options.host = std::string(host);
  return options;
}

}  // namespace

void Socket::Connect(uint16_t port, absl::string_view host) {
  Connect(ToHost(port, host));
}

// What was destroyed is as new.
void Socket::Renew() {
  destroyed_ = ending_ = shutting_down_ = shut_ = finished_ = false;
  need_drain_ = closes_soon_ = false;
  corked_ = failed_ = error_emitted_ = false;
  if (extras_ != nullptr) {
    extras_->corks = 0;
    extras_->failure = nullptr;
    extras_->attempted.clear();
    extras_->peer = nullptr;
  }
  // A write that waited for the last 'connect' fails at this 'close'.
  if (extras_ == nullptr || extras_->close_listener == 0) writing_ = false;
  read_waits_ = false;
  if (!v0196_) bytes_read_ = bytes_written_ = 0;
  ResetReadable();
}

void Socket::Open(loop::Fd fd) {
  if (dropped_ || stack_ == nullptr) {
    throw Error("ERR_SOCKET_CLOSED", "Socket has closed and forgotten");
  }
  if (fd_.valid() || connecting_) throw Error("", "Stream already opened");
  if (destroyed_) Renew();
  ++attempt_;
  Retain();
  fd_ = fd;
  const auto name = stack_->kernel().Getsockname(fd);
  is_unix_ = name.ok() && name->family == loop::Family::kUnix;
  has_handle_ = true;
  old_readable_ = old_writable_ = true;
  if (!entered()) EnterLoop(stack_->loop());
  SetWatch(stack_->loop(), fd_, loop::kWritable);
  if (!v0196_) StartReading();
}

void Socket::Connect(ConnectOptions options) {
  if (dropped_ || stack_ == nullptr) {
    throw Error("ERR_SOCKET_CLOSED", "Socket has closed and forgotten");
  }
  if (quirks().write_needs_open_socket && fd_.valid()) {
    // It was as good as new by then, but for its descriptor.
    old_readable_ = old_writable_ = ending_ = false;
    if (has_backlog()) extras_->backlog = nullptr;
    throw Error("", "Stream already opened");
  }
  if (!options.local_address.empty() && options.path.empty() &&
      !loop::Ip::Parse(options.local_address).has_value()) {
    throw Error("ERR_INVALID_IP_ADDRESS",
                absl::StrCat("Invalid IP address: ", options.local_address));
  }
  if (destroyed_) {
    Renew();
  } else if (connecting_ && !v0196_) {
    ConnectTwice(options);
    return;
  }
  Retain();
  has_handle_ = true;
  connecting_ = true;
  old_readable_ = old_writable_ = false;
  ++attempt_;
  if (!entered()) EnterLoop(stack_->loop());
  if (!quirks().clumsy_timeouts) Touch();
  extras().dial = std::make_unique<Dial>(std::move(options));
  LookUp();
}

// libuv refuses a connect while another is under way; that one is lost, too.
void Socket::ConnectTwice(const ConnectOptions& options) {
  const std::optional<loop::Ip> ip = options.host.empty()
                                         ? loop::Ip(loop::Ipv4::Loopback())
                                         : loop::Ip::Parse(options.host);
  // The name of an address that is not looked at any more.
  const Address target = !options.path.empty() ? Address::Unix(options.path)
                         : ip.has_value() ? Address::Of({*ip, options.port})
                         : dial()->addresses.empty()
                             ? Address()
                             : dial()->addresses.front();
  stack_->loop().NextTick([self = shared_from_this(), attempt = attempt_,
                           target] {
    if (attempt != self->attempt_ || !self->connecting_) return;
    self->on.connection_attempt.Emit(target);
    if (attempt != self->attempt_ || !self->connecting_) return;
    const auto local = self->local_address();
    self->Destroy(AddressError(self->quirks(), Errno::kEALREADY, "connect",
                               target, local.has_value() ? &*local : nullptr));
  });
}

// v0.1.96: the one address.
void Socket::BeginOld() {
  Dial& dial = *this->dial();
  dial.tried = 1;
  const Address target = dial.target();
  if (!fd_.valid()) {
    const auto fd = stack_->kernel().Socket(
        target.family,
        loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
    if (!fd.ok()) throw SystemError(quirks(), fd.error(), "socket");
    fd_ = *fd;
  }
  const auto connected = stack_->kernel().Connect(fd_, target);
  if (!connected.ok() && connected.error() != Errno::kEINPROGRESS) {
    Destroy(SystemError(quirks(), connected.error(), "connect"));
    return;
  }
  if (destroyed_) {
    // Its watchers are gone: a TypeError, and a descriptor that nobody closes
    // before the process ends.
    throw Error("", "Cannot call method 'set' of null");
  }
  SetWatch(stack_->loop(), fd_, loop::kReadable);
  SetWatch(stack_->loop(), fd_, loop::kWritable);
  StartWay(loop::kWritable);
}

// internalConnect() and internalConnectMultiple(): the next address, if there
// is one.
void Socket::TryNext() {
  const auto alive = shared_from_this();
  Dial& dial = *this->dial();
  dial.attempt_timer = nullptr;
  if (dial.tried == dial.addresses.size()) {
    Destroy(Error(std::move(dial.errors)));
    return;
  }
  if (dial.tried > 0) {
    StopWay(loop::kWritable);
    CloseFd();
  }
  ++dial.tried;
  const Address target = dial.target();
  if (!BindLocal(target)) return;
  const uint16_t attempt = attempt_;
  if (dial.addresses.size() > 1) extras_->attempted.push_back(target);
  on.connection_attempt.Emit(target);
  if (attempt == attempt_ && connecting_) TryConnect();
}

// The options localAddress and localPort. False: the error is on its way.
bool Socket::BindLocal(const Address& target) {
  const ConnectOptions& options = dial()->options;
  if (options.local_address.empty() && options.local_port == 0) return true;
  const bool is_v4 = target.family == loop::Family::kInet;
  const loop::Ip ip = !options.local_address.empty()
                          ? *loop::Ip::Parse(options.local_address)
                      : is_v4 ? loop::Ip(loop::Ipv4::Any())
                              : loop::Ip::Any6();
  const Address local = {
      ip.is_v4() ? loop::Family::kInet : loop::Family::kInet6,
      options.local_port,
      0,
      ip,
      {}};
  if (ip.is_v4() != is_v4) {  // uv_ip4_addr() cannot read it
    Destroy(AddressError(quirks(), Errno::kEINVAL, "bind", local));
    return false;
  }
  loop::Kernel& kernel = stack_->kernel();
  const auto fd = kernel.Socket(
      target.family,
      loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
  Errno error = fd.error();
  if (fd.ok()) {
    fd_ = *fd;
    // uv__tcp_bind().
    (void)loop::SetIntOption(kernel, fd_, loop::kSolSocket, loop::kSoReuseaddr,
                             1);
    error = kernel.Bind(fd_, local).error();
  }
  if (error == Errno::kOk) return true;
  Destroy(AddressError(quirks(), error, "bind", local));
  return false;
}

loop::Result<void> Socket::OpenAndConnect(const Address& target) {
  loop::Kernel& kernel = stack_->kernel();
  if (!fd_.valid()) {
    const auto fd = kernel.Socket(
        target.family,
        loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
    if (!fd.ok()) return fd.error();
    fd_ = *fd;
  }
  auto connected = kernel.Connect(fd_, target);
  while (connected.error() == Errno::kEINTR) {
    connected = kernel.Connect(fd_, target);
  }
  return connected;
}

void Socket::TryConnect() {
  Dial& dial = *this->dial();
  const auto connected = OpenAndConnect(dial.target());
  const Errno error = connected.error();
  if (!connected.ok() && error != Errno::kEINPROGRESS) {
    // libuv tells the program later what a Unix path came to, and a refusal.
    if (is_unix_ || error == Errno::kECONNREFUSED) {
      stack_->loop().QueuePending(
          [self = shared_from_this(), attempt = attempt_, error] {
            if (attempt == self->attempt_ && self->connecting_) {
              self->FailAttempt(error, true);
            }
          });
    } else {
      FailAttempt(error, false);
    }
    return;
  }
  SetWatch(stack_->loop(), fd_, loop::kWritable);
  StartWay(loop::kWritable);
  if (dial.is_last()) return;
  dial.attempt_timer = std::make_unique<loop::Timer>(
      stack_->loop(), [this] { OnAttemptTimeout(); });
  dial.attempt_timer->Start(std::max(
      dial.options.auto_select_family_attempt_timeout, absl::Milliseconds(10)));
}

// afterConnectMultiple(), and what connect(2) answers at once.
void Socket::FailAttempt(Errno error, bool reported_late) {
  const auto alive = shared_from_this();
  Dial& dial = *this->dial();
  dial.attempt_timer = nullptr;
  const Address target = dial.target();
  const bool several = dial.addresses.size() > 1;
  std::optional<Address> local;
  if (!reported_late && fd_.valid()) {
    const auto name = stack_->kernel().Getsockname(fd_);
    if (name.ok()) local = *name;
  }
  const Error failure = AddressError(quirks(), error, "connect", target,
                                     local.has_value() ? &*local : nullptr);
  if (several) dial.errors.push_back(failure);
  const uint16_t attempt = attempt_;
  if (several || reported_late) {
    if (!several) connecting_ = false;
    on.connection_attempt_failed.Emit(target, failure);
  }
  if (attempt != attempt_ || destroyed_) return;
  if (several) {
    TryNext();
  } else {
    Destroy(failure);
  }
}

void Socket::OnAttemptTimeout() {
  const auto alive = shared_from_this();
  const uint16_t attempt = attempt_;
  const Address target = dial()->target();
  on.connection_attempt_timeout.Emit(target);
  if (attempt != attempt_ || !connecting_) return;
  dial()->errors.push_back(
      AddressError(quirks(), Errno::kETIMEDOUT, "connect", target));
  TryNext();
}

void Socket::OnWritable() {
  const Stay stay(*this);
  if (connecting_) {
    OnConnectReady();
  } else if (!quirks().write_needs_open_socket) {
    OnWriteReady();
  } else if (Flush()) {
    on.drain.Emit();
    if (reader() != nullptr) reader()->OnDrain();
  }
}

void Socket::OnConnectReady() {
  const Errno error = loop::TakeSocketError(stack_->kernel(), fd_);
  if (error == Errno::kEINPROGRESS) return;
  if (!quirks().spurious_drain) StopWay(loop::kWritable);
  if (error == Errno::kOk) {
    OnConnected();
  } else if (v0196_) {
    Destroy(SystemError(quirks(), error, "connect"));
  } else {
    FailAttempt(error, true);
  }
}

void Socket::OnConnected() {
  connecting_ = nameless_ = false;
  extras_->dial = nullptr;
  DropPlainExtras();
  UpdateRef();
  if (quirks().write_needs_open_socket) {
    Resume();
    old_readable_ = old_writable_ = true;
    EmitConnect();
    return;
  }
  Touch();
  ApplyOptions();
  // As in Node, an exception of a listener loses 'ready', and the reading: it
  // begins when the stream begins to flow, if it does not yet. A client of http
  // has asked for data, and so listens to 'connect'.
  on.connect.Emit();
  if (reader() != nullptr && !destroyed_) StartReading();
  on.ready.Emit();
  if (!readable_paused() && !destroyed_) StartReading();
}

bool Socket::EmitConnect() {
  try {
    on.connect.Emit();
    return true;
  } catch (const Error& error) {
    DestroyWith(&error);
  } catch (const std::exception& thrown) {
    const Error error("", thrown.what());
    DestroyWith(&error);
  } catch (...) {
    const Error error("", "");
    DestroyWith(&error);
  }
  return false;
}

std::shared_ptr<Socket> Connect(Stack& stack, uint16_t port,
                                absl::string_view host) {
  const std::shared_ptr<Socket> socket = Socket::Create(stack);
  socket->Connect(port, host);
  return socket;
}

std::shared_ptr<Socket> Connect(Stack& stack, ConnectOptions options,
                                Socket::Options socket_options) {
  const std::shared_ptr<Socket> socket =
      Socket::Create(stack, std::move(socket_options));
  socket->Connect(std::move(options));
  return socket;
}

std::shared_ptr<Socket> ConnectPath(Stack& stack, absl::string_view path) {
  ConnectOptions options;
  options.path = std::string(path);
  return Connect(stack, std::move(options));
}

}  // namespace simloop::net
