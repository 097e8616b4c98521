// A server's way from Listen() to 'listening'. The names in the comments are
// those of Node's lib/net.js.
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"
#include "net/lookup.h"
#include "net/server.h"

namespace simloop::net {

using loop::Address;
using loop::Errno;
using loop::Family;
using loop::Ip;

void Server::Listen(uint16_t port, absl::string_view host, int backlog) {
  ListenOptions options;
  options.port = port;
  options.host = std::string(host);
  options.backlog = backlog;
  Listen(std::move(options));
}

void Server::Listen(ListenOptions options) {
  if (stack_ == nullptr || dropped_) {
    throw Error("ERR_SERVER_NOT_RUNNING", "Server has closed and forgotten");
  }
  if (fd_.valid()) {
    throw quirks_.setup_errors_are_thrown
        ? Error("", "Server already opened")
        : Error("ERR_SERVER_ALREADY_LISTEN",
                "Listen method has been called more than once without "
                "closing.");
  }
  if (abort_listener_ != 0) {
    listening_on_.signal->abort.Remove(std::exchange(abort_listener_, 0));
  }
  listening_on_ = std::move(options);
  if (listening_on_.backlog <= 0) listening_on_.backlog = quirks_.backlog;
  ++attempt_;
  if (listening_on_.signal != nullptr && !quirks_.setup_errors_are_thrown) {
    if (listening_on_.signal->aborted()) {
      stack_->loop().NextTick([self = shared_from_this()] { self->Close(); });
    } else {
      abort_listener_ = listening_on_.signal->abort([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->Close();
      });
    }
  }
  if (!listening_on_.path.empty()) {
    ListenOnPath();
  } else if (listening_on_.host.empty()) {
    ListenOnAll();
  } else {
    LookUp();
  }
}

// lookupAndListen(): one tick even for an address.
void Server::LookUp() {
  const std::string host = listening_on_.host;
  auto answer = [self = shared_from_this(),
                 attempt = attempt_](const Resolution& resolution) {
    if (self->stack_ == nullptr || attempt != self->attempt_ ||
        self->fd_.valid()) {
      return;
    }
    self->looking_up_ = false;
    if (!resolution.error.empty() || resolution.addresses.empty()) {
      self->FailLookup(resolution.error.empty()
                           ? "ENOTFOUND"
                           : absl::string_view(resolution.error));
      return;
    }
    self->ListenOn(
        Address::Of({resolution.addresses.front(), self->listening_on_.port}),
        false);
  };
  looking_up_ = true;
  Ask(*stack_, host, AddressFamily::kAny, std::move(answer));
}

void Server::FailLookup(absl::string_view code) {
  EmitError(LookupError(quirks_, code, listening_on_.host));
}

// Without a host: setupListenHandle() tries [::] first.
void Server::ListenOnAll() {
  const uint16_t port = listening_on_.port;
  if (!quirks_.setup_errors_are_thrown && stack_->options().ipv6) {
    const Address all = Address::Inet6(Ip::Any6(), port);
    if (Bind(all, false)) {
      ListenNow();
      return;
    }
    if (bind_error_ == Errno::kEADDRINUSE) {
      FailListen(bind_error_, "bind", all);
      return;
    }
  }
  ListenOn(Address::Inet(loop::Ipv4::Any(), port), quirks_.listens_in_tick);
}

void Server::ListenOn(const Address& address, bool in_tick) {
  if (Bind(address)) ListenAfterBind(in_tick);
}

void Server::ListenOnPath() {
  const Address address = Address::Unix(listening_on_.path);
  if (!quirks_.setup_errors_are_thrown) {
    if (Bind(address)) ListenNow();
    return;
  }
  // v0.1.96 looks first whether there is such a file, and has the answer one
  // tick later.
  const auto fd = stack_->kernel().Socket(
      Family::kUnix,
      loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
  if (!fd.ok()) throw SystemError(quirks_, fd.error(), "socket");
  fd_ = *fd;
  self_ = shared_from_this();
  stack_->loop().NextTick([self = shared_from_this(), address] {
    if (!self->fd_.valid()) return;
    const auto bound = self->stack_->kernel().Bind(self->fd_, address);
    if (bound.error() == Errno::kEADDRINUSE) {
      throw Error("", absl::StrCat("Non-file exists at  ", address.path));
    }
    if (!bound.ok()) throw SystemError(self->quirks_, bound.error(), "bind");
    self->bound_path_ = true;
    self->ListenNow();
  });
}

// Answers whether it is bound; if not, and if it `reports`, the error is on its
// way.
bool Server::Bind(const Address& address, bool reports) {
  loop::Kernel& kernel = stack_->kernel();
  const auto fd = kernel.Socket(
      address.family,
      loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
  if (!fd.ok()) {
    bind_error_ = fd.error();
    if (reports) FailListen(fd.error(), "socket", address);
    return false;
  }
  fd_ = *fd;
  self_ = shared_from_this();
  // v0.1.96 does so for a path as well.
  if (address.family != Family::kUnix || quirks_.setup_errors_are_thrown) {
    (void)loop::SetIntOption(kernel, fd_, loop::kSolSocket, loop::kSoReuseaddr,
                             1);
  }
  if (address.family == Family::kInet6 && !quirks_.setup_errors_are_thrown) {
    (void)loop::SetIntOption(kernel, fd_, loop::kIpprotoIpv6, loop::kIpv6V6only,
                             listening_on_.ipv6_only ? 1 : 0);
  }
  const auto bound = kernel.Bind(fd_, address);
  if (bound.ok()) {
    bound_path_ = address.family == Family::kUnix;
    return true;
  }
  bind_error_ = bound.error();
  if (reports) {
    FailListen(bound.error(), "bind", address);
  } else {
    CloseDescriptor();
  }
  return false;
}

void Server::ListenAfterBind(bool in_tick) {
  if (in_tick) {
    stack_->loop().NextTick([self = shared_from_this()] {
      if (self->fd_.valid()) self->ListenNow();
    });
  } else {
    ListenNow();
  }
}

void Server::ListenNow() {
  if (hands_on_no_delay()) {
    (void)loop::SetIntOption(stack_->kernel(), fd_, loop::kIpprotoTcp,
                             loop::kTcpNodelay, 1);
  }
  const auto listening = stack_->kernel().Listen(fd_, listening_on_.backlog);
  if (!listening.ok()) {
    const auto address = stack_->kernel().Getsockname(fd_);
    FailListen(listening.error(), "listen",
               address.ok() ? *address : Address());
    return;
  }
  watcher_->Set(fd_, loop::kReadable);
  watcher_->SetRef(ref_);
  watcher_->Start();
  if (quirks_.listens_in_tick) {
    on.listening.Emit();
    return;
  }
  stack_->loop().NextTick([self = shared_from_this()] {
    if (self->fd_.valid()) self->on.listening.Emit();
  });
}

void Server::FailListen(Errno error, absl::string_view call,
                        const Address& address) {
  if (quirks_.setup_errors_are_thrown) {
    // v0.1.96 keeps the descriptor, and so counts as opened.
    throw SystemError(quirks_, error, call);
  }
  // libuv, which takes a directory that is not there for a forbidden one.
  if (address.family == Family::kUnix && error == Errno::kENOENT) {
    error = Errno::kEACCES;
  }
  CloseDescriptor();
  stack_->loop().NextTick(
      [self = shared_from_this(),
       failure = AddressError(quirks_, error, "listen", address)] {
        if (self->connections_ == 0) self->self_ = nullptr;
        self->EmitError(failure);
      });
}

}  // namespace simloop::net
