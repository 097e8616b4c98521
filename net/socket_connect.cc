// A socket's way from Connect() to 'connect'.
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"
#include "net/socket.h"

namespace simloop::net {

using loop::Address;
using loop::Errno;

void Socket::Connect(uint16_t port, absl::string_view host) {
  if (dropped_ || stack_ == nullptr) {
    throw Error("ERR_SOCKET_CLOSED", "Socket has closed and forgotten");
  }
  if (quirks().write_needs_open_socket && fd_.valid()) {
    throw Error("", "Stream already opened");
  }
  if (destroyed_) {
    destroyed_ = ending_ = shutting_down_ = finished_ = false;
    need_drain_ = writing_ = timed_out_ = false;
    corked_ = failed_ = false;
    if (extras_ != nullptr) {
      extras_->corks = 0;
      extras_->failure = nullptr;
      extras_->connect_listener = extras_->close_listener = 0;
    }
    ResetReadable();
  }
  Retain();
  has_handle_ = true;
  connecting_ = true;
  old_readable_ = old_writable_ = false;
  const uint16_t attempt = ++attempt_;
  if (!entered()) EnterLoop(stack_->loop());
  if (!quirks().clumsy_timeouts) Touch();

  const bool is_name = host == "localhost";
  const std::optional<loop::Ipv4> ip = host.empty() || is_name
                                           ? loop::Ipv4::Loopback()
                                           : loop::Ipv4::Parse(host);
  if (!ip.has_value()) {
    stack_->loop().NextTick(
        [self = shared_from_this(), attempt, name = std::string(host)] {
          self->FailLookup(attempt, name);
        });
    return;
  }
  extras().target = Address::Inet(*ip, port);
  if (is_name && quirks().localhost_is_known_at_once) {
    StartConnect();
  } else {
    stack_->loop().NextTick(
        [self = shared_from_this(), attempt] { self->Open(attempt); });
  }
}

void Socket::FailLookup(uint16_t attempt, absl::string_view host) {
  if (attempt != attempt_ || !connecting_) return;
  const Error error("ENOTFOUND", absl::StrCat("getaddrinfo ENOTFOUND ", host));
  if (!quirks().opening_for_ever) {
    DestroyWith(&error);
    return;
  }
  // v0.1.96: an 'error' alone; nothing else ever comes.
  has_handle_ = false;
  const absl::Cleanup release = [this] { Release(); };
  EmitError(error);
}

void Socket::Open(uint16_t attempt) {
  if (stack_ == nullptr || attempt != attempt_ || !connecting_) return;
  const Address target = peer();
  on.connection_attempt.Emit(target);
  if (attempt == attempt_ && connecting_) StartConnect();
}

void Socket::StartConnect() {
  loop::Kernel& kernel = stack_->kernel();
  if (!fd_.valid()) {
    const auto fd = kernel.Socket(
        loop::Family::kInet,
        loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
    if (!fd.ok()) {
      if (quirks().setup_errors_are_thrown) {
        throw SystemError(quirks(), fd.error(), "socket");
      }
      const Error error =
          SystemError(quirks(), fd.error(), "connect", peer().ToString());
      DestroyWith(&error);
      return;
    }
    fd_ = *fd;
  }
  auto connected = kernel.Connect(fd_, peer());
  while (connected.error() == Errno::kEINTR && !quirks().opening_for_ever) {
    connected = kernel.Connect(fd_, peer());
  }
  if (!connected.ok() && connected.error() != Errno::kEINPROGRESS) {
    const Error error =
        SystemError(quirks(), connected.error(), "connect", peer().ToString());
    DestroyWith(&error);
    return;
  }
  if (quirks().spurious_drain) SetWatch(stack_->loop(), fd_, loop::kReadable);
  SetWatch(stack_->loop(), fd_, loop::kWritable);
  StartWay(loop::kWritable);
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
    return;
  }
  const Error failure =
      SystemError(quirks(), error, "connect", peer().ToString());
  if (!quirks().opening_for_ever) connecting_ = false;
  on.connection_attempt_failed.Emit(peer(), failure);
  DestroyWith(&failure);
}

void Socket::OnConnected() {
  connecting_ = false;
  extras_->target.reset();
  DropPlainExtras();
  if (quirks().write_needs_open_socket) {
    Resume();
    old_readable_ = old_writable_ = true;
    EmitConnect();
    return;
  }
  Touch();
  ApplyOptions();
  // An exception of a listener loses 'ready', but not the reading.
  const absl::Cleanup start = [this] {
    if (!readable_paused() && !destroyed_) StartReading();
  };
  on.connect.Emit();
  on.ready.Emit();
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
  }
  return false;
}

std::shared_ptr<Socket> Connect(Stack& stack, uint16_t port,
                                absl::string_view host) {
  const std::shared_ptr<Socket> socket = Socket::Create(stack);
  socket->Connect(port, host);
  return socket;
}

}  // namespace simloop::net
