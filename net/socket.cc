// A socket's coming by accept4(2), its state, and its way to 'close'.
#include "net/socket.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "net/server.h"

namespace simloop::net {

using loop::Address;

class Socket::Creation final {};

std::shared_ptr<Socket> Socket::Create(Stack& stack, Options options) {
  return std::make_shared<Socket>(Creation(), stack, options);
}

void Socket::Events::Clear() {
  connect.Clear();
  ready.Clear();
  data.Clear();
  end.Clear();
  drain.Clear();
  finish.Clear();
  timeout.Clear();
  pause.Clear();
  resume.Clear();
  error.Clear();
  close.Clear();
  connection_attempt.Clear();
  connection_attempt_failed.Clear();
}

Socket::Socket(const Creation&, Stack& stack, Options options)
    : stack_(&stack),
      quirks_(stack.quirks()),
      options_(options),
      readable_(stack.loop(), *this, on.data, !quirks_.data_is_not_buffered) {
  stack_->MoveIn(*this);
}

Socket::~Socket() {
  if (stack_ == nullptr) return;
  stack_->MoveOut(*this);
  SIMLOOP_CHECK(!fd_.valid(), "an open socket keeps itself alive");
}

void Socket::Abandon() {
  const auto alive = weak_from_this().lock();
  DropIdleTimer();
  CloseDescriptor();
  stack_ = nullptr;
  dropped_ = destroyed_ = true;
  self_ = nullptr;
  protocol_ = nullptr;
  server_ = nullptr;
  backlog_ = nullptr;
  readable_.Destroy();
  on.Clear();
}

void Socket::Retain() {
  self_ = shared_from_this();
  leaving_ = false;
}

void Socket::Release() {
  dropped_ = true;
  protocol_ = nullptr;
  on.Clear();
  if (stays_ > 0) {
    leaving_ = true;
  } else {
    self_ = nullptr;  // possibly the end of this object
  }
}

Socket::Backlog& Socket::backlog() {
  if (backlog_ == nullptr) backlog_ = std::make_unique<Backlog>();
  return *backlog_;
}

Socket::Settings& Socket::settings() {
  if (settings_ == nullptr) settings_ = std::make_unique<Settings>();
  return *settings_;
}

void Socket::MakeWatchers() {
  loop::ReadyListener& listener = *this;
  read_watcher_.emplace(stack_->loop(), listener);
  write_watcher_.emplace(stack_->loop(), listener);
}

void Socket::OnReady(loop::IoWatcher& watcher, loop::Interest) {
  if (&watcher == &*read_watcher_) {
    OnReadable();
  } else {
    OnWritable();
  }
}

std::shared_ptr<Socket> Socket::Adopt(Stack& stack, Options options,
                                      const loop::Accepted& accepted,
                                      std::shared_ptr<Server> server,
                                      bool paused) {
  const std::shared_ptr<Socket> socket = Create(stack, options);
  socket->Retain();
  socket->fd_ = accepted.fd;
  socket->peer_ip_ = accepted.peer.ip.v4();
  socket->peer_port_ = accepted.peer.port;
  socket->server_ = std::move(server);
  socket->has_handle_ = true;
  socket->old_readable_ = socket->old_writable_ = true;
  socket->MakeWatchers();
  socket->write_watcher_->Set(socket->fd_, loop::kWritable);
  if (paused) {
    socket->Pause();
  } else {
    socket->StartReading();
  }
  return socket;
}

void Socket::Destroy() { DestroyWith(nullptr); }

void Socket::Destroy(const Error& error) { DestroyWith(&error); }

void Socket::ResetAndDestroy() {
  reset_on_close_ = fd_.valid() && !connecting_;
  DestroyWith(nullptr);
}

void Socket::DestroySoon() {
  if (!quirks_.write_needs_open_socket && !finished_) {
    on.finish.Once([this] { Destroy(); });
  }
  End();
  if (quirks_.write_needs_open_socket || finished_) Destroy();
}

void Socket::DestroyWith(const Error* error) {
  if (stack_ == nullptr) return;
  const auto alive = shared_from_this();
  if (quirks_.closes_in_tick) {
    CloseOld(error);
  } else if (!destroyed_) {
    CloseModern(error);
  }
}

void Socket::CloseOld(const Error* error) {
  destroyed_ = true;
  backlog_ = nullptr;
  unsent_bytes_ = 0;
  ending_ = false;
  old_readable_ = old_writable_ = false;
  DropIdleTimer();
  const bool was_open = fd_.valid();
  CloseDescriptor();
  if (!was_open) {
    // Nothing comes any more, unless a 'close' is due.
    ++attempt_;
    if (std::exchange(has_handle_, false)) Release();
    return;
  }
  has_handle_ = false;
  std::optional<Error> kept;
  if (error != nullptr) kept = *error;
  stack_->loop().NextTick([self = shared_from_this(), kept] {
    // An 'error' that nobody hears is thrown, and 'close' is lost.
    if (kept.has_value()) {
      absl::Cleanup release = [&] { self->Release(); };
      self->EmitError(*kept);
      std::move(release).Cancel();
    }
    self->EmitClose(kept.has_value());
  });
}

void Socket::CloseModern(const Error* error) {
  loop::EventLoop& loop = stack_->loop();
  destroyed_ = true;
  if (error != nullptr && failure_ == nullptr) {
    failure_ = std::make_unique<const Error>(*error);
  }
  if (HasBuffered() ||
      (backlog_ != nullptr && !backlog_->end_callbacks.empty())) {
    loop.NextTick([self = shared_from_this()] { self->FailBuffered(); });
  }
  connecting_ = false;
  readable_.Destroy();
  DropIdleTimer();
  const bool had_error = error != nullptr;
  const bool had_handle = std::exchange(has_handle_, false);
  if (had_handle) {
    CloseDescriptor();
    loop.QueueClose([self = shared_from_this(), had_error] {
      self->CancelInFlight();
      self->EmitClose(had_error);
    });
  }
  if (error != nullptr) {
    loop.NextTick(
        [self = shared_from_this(), kept = *error] { self->EmitError(kept); });
  }
  if (!had_handle) {
    loop.NextTick([self = shared_from_this()] { self->EmitClose(false); });
  }
  if (server_ != nullptr) std::exchange(server_, nullptr)->ConnectionGone();
}

void Socket::CloseDescriptor() {
  // In the order of v0.1.96.
  if (write_watcher_.has_value()) write_watcher_->Stop();
  if (read_watcher_.has_value()) read_watcher_->Stop();
  write_watcher_.reset();
  read_watcher_.reset();
  if (!fd_.valid()) return;
  const loop::Fd fd = std::exchange(fd_, loop::Fd());
  loop::Kernel& kernel = stack_->kernel();
  if (reset_on_close_) {
    const loop::Linger linger = {1, 0};
    (void)kernel.Setsockopt(
        fd, loop::kSolSocket, loop::kSoLinger,
        absl::MakeConstSpan(reinterpret_cast<const char*>(&linger),
                            sizeof(linger)));
    reset_on_close_ = false;
  }
  stack_->loop().Forget(fd);
  (void)kernel.Close(fd);
  stack_->DescriptorClosed();
}

void Socket::EmitError(const Error& error) {
  const auto protocol = protocol_;
  if (protocol != nullptr) protocol->OnError(error);
  if (!on.error.Emit(error) && protocol == nullptr) throw error;
}

void Socket::EmitClose(bool had_error) {
  const auto alive = shared_from_this();
  const uint32_t attempt = attempt_;
  const absl::Cleanup release = [this, attempt] {
    if (attempt == attempt_ && stack_ != nullptr) Release();
  };
  if (protocol_ != nullptr) protocol_->OnClose(had_error);
  on.close.Emit(had_error);
}

absl::string_view Socket::ready_state() const {
  if (connecting_) return "opening";
  if (readable()) return writable() ? "open" : "readOnly";
  return writable() ? "writeOnly" : "closed";
}

bool Socket::readable() const {
  if (quirks_.data_is_not_buffered) return old_readable_;
  return !destroyed_ && !readable_.end_emitted();
}

bool Socket::writable() const {
  if (quirks_.write_needs_open_socket) return old_writable_;
  return !destroyed_ && failure_ == nullptr && !ending_;
}

std::optional<Address> Socket::local_address() {
  if (!fd_.valid()) return std::nullopt;
  const auto address = stack_->kernel().Getsockname(fd_);
  return address.ok() ? std::optional<Address>(*address) : std::nullopt;
}

std::optional<Address> Socket::remote_address() {
  if (!fd_.valid() || connecting_) return std::nullopt;
  return peer();
}

}  // namespace simloop::net
