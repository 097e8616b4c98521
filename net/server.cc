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
  drop.Clear();
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

void Server::Close(absl::AnyInvocable<void(const Error*)> closed) {
  const auto alive = shared_from_this();
  if (quirks_.server_closes_at_once) {
    if (!fd_.valid()) throw Error("", "Not running");
    if (closed != nullptr) {
      on.close.Once(
          [closed = std::move(closed)]() mutable { closed(nullptr); });
    }
    const bool has_path = bound_path_;
    CloseDescriptor();
    if (has_path) {
      // The answer of an asynchronous unlink(2).
      stack_->loop().NextTick([self = shared_from_this()] {
        if (self->stack_ != nullptr) self->EmitClose();
      });
    } else {
      EmitClose();
    }
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
  ++attempt_;
  looking_up_ = false;
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
  if (fd_.valid() || connections_ > 0 || stack_ == nullptr) return;
  ++closes_due_;
  stack_->loop().NextTick([self = shared_from_this()] {
    --self->closes_due_;
    self->EmitClose();
  });
}

// A listener may listen again; else the listeners are dropped.
void Server::EmitClose() {
  const absl::Cleanup drop = [this] {
    // Close() was called again: so 'close' comes again.
    if (fd_.valid() || looking_up_ || closes_due_ > 0 || stack_ == nullptr) {
      return;
    }
    dropped_ = true;
    on.Clear();
    self_ = nullptr;
  };
  // As in Node the signal closes what is closed until then.
  if (abort_listener_ != 0) {
    listening_on_.signal->abort.Remove(std::exchange(abort_listener_, 0));
  }
  on.close.Emit();
}

void Server::EmitError(const Error& error) {
  if (!on.error.Emit(error)) throw error;
}

void Server::CloseDescriptor() {
  if (!fd_.valid()) return;
  watcher_->Stop();
  closing_ = true;
  // uv__pipe_close() unlinks first, v0.1.96 afterwards.
  const bool unlinks = std::exchange(bound_path_, false);
  const bool unlinks_first = unlinks && !quirks_.server_closes_at_once;
  loop::Kernel& kernel = stack_->kernel();
  if (unlinks_first) (void)kernel.Unlink(listening_on_.path);
  stack_->loop().Forget(fd_);
  (void)kernel.Close(fd_);
  // A server that waits for a descriptor itself takes the one it gives back.
  stack_->DescriptorClosed();
  fd_ = loop::Fd();
  closing_ = false;
  if (unlinks && !unlinks_first) (void)kernel.Unlink(listening_on_.path);
}

void Server::GetConnections(absl::AnyInvocable<void(size_t)> counted) {
  if (stack_ == nullptr) return;
  stack_->loop().NextTick(
      [count = connections_, counted = std::move(counted)]() mutable {
        counted(count);
      });
}

void Server::SetRef(bool ref) {
  ref_ = ref;
  if (watcher_.has_value()) watcher_->SetRef(ref);
}

std::optional<Address> Server::address() {
  // A path is known from Listen() on, and not forgotten.
  if (!quirks_.server_closes_at_once && !listening_on_.path.empty()) {
    return Address::Unix(listening_on_.path);
  }
  if (!fd_.valid()) return std::nullopt;
  const auto address = stack_->kernel().Getsockname(fd_);
  return address.ok() ? std::optional<Address>(*address) : std::nullopt;
}

}  // namespace simloop::net
