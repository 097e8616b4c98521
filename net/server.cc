// A listening TCP socket as Node shows it.
#include "net/server.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"

namespace simloop::net {

using loop::Address;
using loop::Errno;

std::shared_ptr<Server> Server::Create(Stack& stack, Options options,
                                       ConnectionListener listener) {
  const std::shared_ptr<Server> server(new Server(stack, options));
  if (listener != nullptr) server->on.connection(std::move(listener));
  return server;
}

Server::Server(Stack& stack, Options options)
    : stack_(&stack), quirks_(stack.quirks()), options_(options) {
  stack_->MoveIn(*this);
  watcher_.emplace(stack.loop(), [this](loop::Interest) { OnReadable(); });
}

Server::~Server() {
  if (stack_ == nullptr) return;
  stack_->MoveOut(*this);
  SIMLOOP_CHECK(!fd_.valid(), "a listening server keeps itself alive");
}

void Server::Events::Clear() {
  listening.Clear();
  connection.Clear();
  close.Clear();
  error.Clear();
}

void Server::Abandon() {
  const auto alive = weak_from_this().lock();
  CloseDescriptor();
  watcher_.reset();
  stack_ = nullptr;
  self_ = nullptr;
  on.Clear();
}

void Server::Listen(uint16_t port, absl::string_view host, int backlog) {
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
  backlog_ = backlog > 0 ? backlog : quirks_.backlog;
  const bool is_name = host == "localhost";
  const std::optional<loop::Ipv4> ip = host.empty() ? loop::Ipv4::Any()
                                       : is_name    ? loop::Ipv4::Loopback()
                                                    : loop::Ipv4::Parse(host);
  if (!ip.has_value()) {
    const Error error("ENOTFOUND",
                      absl::StrCat("getaddrinfo ENOTFOUND ", host));
    stack_->loop().NextTick(
        [self = shared_from_this(), error] { self->EmitError(error); });
    return;
  }
  const Address address = Address::Inet(*ip, port);
  if (host.empty()) {
    if (Bind(address)) ListenAfterBind(quirks_.listens_in_tick);
  } else if (is_name && quirks_.localhost_is_known_at_once) {
    if (Bind(address)) ListenAfterBind(false);
  } else {
    // The answer of dns.lookup(), one tick even for an address.
    stack_->loop().NextTick([self = shared_from_this(), address] {
      if (self->stack_ == nullptr || self->fd_.valid()) return;
      if (self->Bind(address)) self->ListenAfterBind(false);
    });
  }
}

// Answers whether it is bound; if not, the error is on its way.
bool Server::Bind(const Address& address) {
  loop::Kernel& kernel = stack_->kernel();
  const auto fd = kernel.Socket(
      loop::Family::kInet,
      loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
  if (!fd.ok()) {
    FailListen(fd.error(), "socket", address);
    return false;
  }
  fd_ = *fd;
  self_ = shared_from_this();
  (void)loop::SetIntOption(kernel, fd_, loop::kSolSocket, loop::kSoReuseaddr,
                           1);
  const auto bound = kernel.Bind(fd_, address);
  if (bound.ok()) return true;
  FailListen(bound.error(), "bind", address);
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
  const auto listening = stack_->kernel().Listen(fd_, backlog_);
  if (!listening.ok()) {
    const auto address = stack_->kernel().Getsockname(fd_);
    FailListen(listening.error(), "listen",
               address.ok() ? *address : Address());
    return;
  }
  watcher_->Set(fd_, loop::kReadable);
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
  CloseDescriptor();
  stack_->loop().NextTick(
      [self = shared_from_this(),
       failure = SystemError(quirks_, error, "listen", address.ToString())] {
        if (self->connections_ == 0) self->self_ = nullptr;
        self->EmitError(failure);
      });
}

void Server::OnReadable() {
  const auto alive = shared_from_this();
  const loop::Fd fd = fd_;
  do {
    if (!AcceptOne()) return;
  } while (quirks_.accepts_until_eagain && fd_ == fd);
}

// Answers whether there may be more.
bool Server::AcceptOne() {
  const auto accepted =
      stack_->kernel().Accept4(fd_, loop::kSockNonblock | loop::kSockCloexec);
  if (!accepted.ok()) {
    OnAcceptError(accepted.error());
    return false;
  }
  return Announce(*accepted);
}

void Server::OnAcceptError(Errno error) {
  if (error == Errno::kEAGAIN) return;
  if (error == Errno::kEMFILE || error == Errno::kENFILE) {
    watcher_->Stop();
    stack_->AwaitDescriptor([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self != nullptr && self->fd_.valid()) self->watcher_->Start();
    });
    return;
  }
  if (quirks_.setup_errors_are_thrown) {
    throw SystemError(quirks_, error, "accept");
  }
  if (error == Errno::kECONNABORTED || error == Errno::kEINTR) return;
  EmitError(SystemError(quirks_, error, "accept"));
}

// Answers whether the listeners have let it go on.
bool Server::Announce(const loop::Accepted& accepted) {
  Socket::Options options;
  options.allow_half_open = options_.allow_half_open;
  Server* const counted = quirks_.server_closes_at_once ? nullptr : this;
  const std::shared_ptr<Socket> socket = Socket::Adopt(
      *stack_, options, accepted, counted, options_.pause_on_connect);
  if (options_.no_delay && !quirks_.server_closes_at_once) {
    socket->SetNoDelay(true);
  }
  if (counted != nullptr) {
    ++connections_;
    self_ = shared_from_this();
  }
  on.connection.Emit(socket);
  return !quirks_.accepted_sockets_connect || socket->EmitConnect();
}

void Server::Close(absl::AnyInvocable<void(const Error*)> closed) {
  const auto alive = shared_from_this();
  if (quirks_.server_closes_at_once) {
    if (!fd_.valid()) throw Error("", "Not running");
    if (closed != nullptr) {
      on.close.Once(
          [closed = std::move(closed)]() mutable { closed(nullptr); });
    }
    CloseDescriptor();
    EmitClose();
    return;
  }
  if (stack_ == nullptr) return;
  if (closed != nullptr) {
    on.close.Once(
        [closed = std::move(closed), was_open = fd_.valid()]() mutable {
          const Error error("ERR_SERVER_NOT_RUNNING", "Server is not running.");
          closed(was_open ? nullptr : &error);
        });
  }
  closing_ = true;
  CloseDescriptor();
  EmitCloseIfDrained();
}

void Server::ConnectionGone() {
  const auto alive = shared_from_this();
  --connections_;
  EmitCloseIfDrained();
  if (connections_ == 0 && !fd_.valid()) self_ = nullptr;
}

void Server::EmitCloseIfDrained() {
  if (!closing_ || fd_.valid() || connections_ > 0 || stack_ == nullptr) return;
  stack_->loop().NextTick([self = shared_from_this()] {
    if (std::exchange(self->closing_, false)) self->EmitClose();
  });
}

// A listener may listen again; else the listeners are dropped.
void Server::EmitClose() {
  const absl::Cleanup drop = [this] {
    if (fd_.valid() || stack_ == nullptr) return;
    dropped_ = true;
    on.Clear();
    self_ = nullptr;
  };
  on.close.Emit();
}

void Server::EmitError(const Error& error) {
  if (!on.error.Emit(error)) throw error;
}

void Server::CloseDescriptor() {
  if (!fd_.valid()) return;
  watcher_->Stop();
  const loop::Fd fd = std::exchange(fd_, loop::Fd());
  stack_->loop().Forget(fd);
  (void)stack_->kernel().Close(fd);
  stack_->DescriptorClosed();
}

std::optional<Address> Server::address() {
  if (!fd_.valid()) return std::nullopt;
  const auto address = stack_->kernel().Getsockname(fd_);
  return address.ok() ? std::optional<Address>(*address) : std::nullopt;
}

}  // namespace simloop::net
