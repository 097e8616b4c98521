// How a server takes connections, or has to turn them away.
#include "absl/cleanup/cleanup.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "net/server.h"

namespace simloop::net {

using loop::Errno;

void Server::OnReadable() {
  const auto alive = shared_from_this();
  do {
    if (!AcceptOne()) return;
  } while (quirks_.accepts_until_eagain && fd_.valid());
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
  if (error == Errno::kEMFILE ||
      (error == Errno::kENFILE && !quirks_.setup_errors_are_thrown)) {
    if (stack_->has_spare()) {
      AcceptAndDrop();
    } else {
      AwaitDescriptor();
    }
    return;
  }
  if (quirks_.setup_errors_are_thrown) {
    throw SystemError(quirks_, error, "accept");
  }
  if (error == Errno::kECONNABORTED || error == Errno::kEINTR) return;
  EmitError(SystemError(quirks_, error, "accept"));
}

// closeFD() of v0.1.96.
void Server::AwaitDescriptor() {
  watcher_->Stop();
  stack_->AwaitDescriptor([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || !self->fd_.valid()) return false;
    if (self->closing_) return true;
    self->watcher_->Set(self->fd_, loop::kReadable);
    self->watcher_->Start();
    return true;
  });
}

// uv__emfile_trick(): with the spare descriptor the queue is emptied, and each
// client sees its connection come and go.
void Server::AcceptAndDrop() {
  loop::Kernel& kernel = stack_->kernel();
  stack_->GiveSpare();
  for (;;) {
    const auto accepted =
        kernel.Accept4(fd_, loop::kSockNonblock | loop::kSockCloexec);
    if (!accepted.ok()) break;
    (void)kernel.Close(accepted->fd);
  }
  stack_->TakeSpare();
}

void Server::Drop(const loop::Accepted& accepted) {
  loop::Kernel& kernel = stack_->kernel();
  DroppedConnection dropped;
  dropped.remote = accepted.peer;
  const auto local = kernel.Getsockname(accepted.fd);
  if (local.ok()) dropped.local = *local;
  const absl::Cleanup close = [&kernel, fd = accepted.fd] {
    (void)kernel.Close(fd);
  };
  on.drop.Emit(dropped);
}

// Answers whether the listeners have let it go on.
bool Server::Announce(const loop::Accepted& accepted) {
  if (!quirks_.server_closes_at_once) {
    stack_->MayTakeSpare(accepted.fd);
    const size_t most = max_connections_.value_or(0);
    if (most > 0 && connections_ >= most) {
      Drop(accepted);
      return true;
    }
  }
  Socket::Options options;
  options.allow_half_open = options_.allow_half_open;
  Server* const counted = quirks_.server_closes_at_once ? nullptr : this;
  const std::shared_ptr<Socket> socket = Socket::Adopt(
      *stack_, options, accepted, counted, options_.pause_on_connect);
  if (counted != nullptr) {
    if (hands_on_no_delay()) {
      socket->HasNoDelay();
    } else if (options_.no_delay) {
      socket->SetNoDelay(true);
    }
    if (options_.keep_alive) {
      socket->SetKeepAlive(true, options_.keep_alive_initial_delay);
    }
    ++connections_;
    if (self_ == nullptr) self_ = shared_from_this();
  }
  on.connection.Emit(socket);
  // A server of http has made it flow, as a listener of 'data' would.
  if (!quirks_.server_closes_at_once && socket->protocol() != nullptr &&
      socket->on.resume.count() > 0) {
    stack_->loop().NextTick([socket] { socket->on.resume.Emit(); });
  }
  return !quirks_.accepted_sockets_connect || socket->EmitConnect();
}

}  // namespace simloop::net
