// A socket's coming by accept4(2), its state, and its way to 'close'.
#include "net/socket.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "net/server.h"

namespace simloop::net {

using loop::Address;

// Both stand at whole words.
static_assert(alignof(Emitter) == alignof(Socket));
constexpr ptrdiff_t kWord = alignof(Socket);

class Socket::Creation final {};

std::shared_ptr<Socket> Socket::Create(Stack& stack, const Options& options) {
  const auto socket = std::make_shared<Socket>(Creation(), stack, options);
  socket->BelongsTo(socket);
  socket->FollowSignal(options.signal);
  return socket;
}

SocketDataEvent::SocketDataEvent(Emitter& emitter, Socket& socket)
    : event_(emitter),
      words_to_socket_(static_cast<uint8_t>((reinterpret_cast<char*>(&emitter) -
                                             reinterpret_cast<char*>(&socket)) /
                                            kWord)) {}

void SocketDataEvent::OnListener() {
  Socket& socket = *reinterpret_cast<Socket*>(
      reinterpret_cast<char*>(&event_.emitter()) - words_to_socket_ * kWord);
  if (!socket.v0196_) socket.OnDataListener();
}

Socket::Socket(const Creation&, Stack& stack, const Options& options)
    : v0196_(stack.loop().discipline() == loop::Discipline::kV0196),
      allow_half_open_(options.allow_half_open),
      stack_(&stack),
      on(*this) {
  stack_->MoveIn(*this);
}

// addAbortSignal().
void Socket::FollowSignal(const std::shared_ptr<AbortSignal>& signal) {
  if (signal == nullptr || v0196_) return;
  if (signal->aborted()) {
    Destroy(AbortError());
    return;
  }
  extras().signal = signal;
  extras_->abort_listener = signal->abort([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Destroy(AbortError());
  });
}

void Socket::ForgetSignal() {
  if (extras_ == nullptr || extras_->signal == nullptr) return;
  std::exchange(extras_->signal, nullptr)
      ->abort.Remove(extras_->abort_listener);
}

void Socket::SetRef(bool ref) {
  ref_ = ref;
  UpdateRef();
}

// What is under way is a request of libuv's, which keeps the loop going.
void Socket::UpdateRef() {
  if (!entered()) return;
  SetWatchRef(stack_->loop(), ref_ || connecting_ || writing_);
}

Socket::~Socket() {
  if (stack_ == nullptr) return;
  LeaveLoop(stack_->loop());
  stack_->MoveOut(*this);
  SIMLOOP_CHECK(!fd_.valid(), "an open socket keeps itself alive");
}

void Socket::Abandon() {
  const auto alive = weak_from_this().lock();
  DropIdleTimer();
  CloseDescriptor();
  stack_ = nullptr;
  dropped_ = destroyed_ = true;
  failed_ = corked_ = has_idle_ = false;
  server_ = nullptr;
  CloseReadable();
  extras_ = nullptr;
  on.Clear();
  ReleaseSelf();
}

void Socket::Retain() {
  KeepSelf();
  leaving_ = false;
}

void Socket::Release() {
  dropped_ = true;
  if (extras_ != nullptr) extras_->protocol = nullptr;
  on.Clear();
  if (stays_ > 0) {
    leaving_ = true;
  } else {
    ReleaseSelf();  // possibly the end of this object
  }
}

Socket::Extras& Socket::extras() {
  if (extras_ == nullptr) extras_ = std::make_unique<Extras>();
  return *extras_;
}

void Socket::DropPlainExtras() {
  if (extras_ != nullptr && extras_->plain()) extras_ = nullptr;
}

void Socket::SetFailure(const Error& error) {
  if (failed_) return;
  extras().failure = std::make_unique<const Error>(error);
  failed_ = true;
}

Socket::Backlog& Socket::backlog() {
  Extras& all = extras();
  if (all.backlog == nullptr) all.backlog = std::make_unique<Backlog>();
  return *all.backlog;
}

void Socket::StartWay(loop::Interest way) { StartWatch(stack_->loop(), way); }

void Socket::StopWay(loop::Interest way) { StopWatch(stack_->loop(), way); }

// uv__stream_io(): unless there was only something to read, it shuts down what
// is to be at once, not after the other descriptors' turn.
void Socket::OnReady(loop::Interest ready) {
  const Stay stay(*this);
  const loop::Fd fd = fd_;
  const bool drains =
      !v0196_ && !shut_ &&
      (ready == loop::kReadable ? stack_->loop().hung_up() : !connecting_);
  if (ready == loop::kReadable) {
    OnReadable();
  } else {
    OnWritable();
  }
  if (!drains || stack_ == nullptr || fd_ != fd || !fd.valid()) return;
  stack_->loop().RunTicks();
  if (stack_ != nullptr && fd_ == fd && shutting_down_) ShutDownNow();
}

std::shared_ptr<Socket> Socket::Adopt(Stack& stack, const Options& options,
                                      const loop::Accepted& accepted,
                                      Server* server, bool paused) {
  const std::shared_ptr<Socket> socket = Create(stack, options);
  socket->Retain();
  socket->fd_ = accepted.fd;
  socket->is_unix_ = accepted.peer.family == loop::Family::kUnix;
  socket->server_ = server;
  socket->has_handle_ = true;
  socket->old_readable_ = socket->old_writable_ = true;
  socket->EnterLoop(stack.loop());
  socket->SetWatch(stack.loop(), socket->fd_, loop::kWritable);
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
  if (!has_handle_) {
    Destroy(Error("ERR_SOCKET_CLOSED", "Socket is closed"));
    return;
  }
  if (is_unix_) {
    throw Error("ERR_INVALID_HANDLE_TYPE", "This handle type cannot be sent");
  }
  if (connecting_) {
    on.connect.Once([this] { ResetAndDestroy(); });
    return;
  }
  reset_on_close_ = true;
  DestroyWith(nullptr);
}

void Socket::DestroySoon() {
  if (!quirks().write_needs_open_socket && !finished_) {
    on.finish.Once([this] { Destroy(); });
  }
  End();
  if (quirks().write_needs_open_socket || finished_) Destroy();
}

void Socket::DestroySoonAfterAll() {
  closes_soon_ = !v0196_ && !finished_;
  DestroySoon();
}

void Socket::DestroyWith(const Error* error) {
  if (stack_ == nullptr) return;
  if (quirks().closes_in_tick) {
    const auto alive = shared_from_this();
    CloseOld(error);
  } else if (!destroyed_) {
    CloseModern(error);
  }
}

void Socket::CloseOld(const Error* error) {
  destroyed_ = true;
  if (has_backlog()) extras_->backlog = nullptr;
  ending_ = false;
  old_readable_ = old_writable_ = false;
  DropIdleTimer();
  const bool was_open = fd_.valid();
  CloseDescriptor();
  if (quirks().connects_after_destroy && !was_open && has_handle_ &&
      connecting_ && dial() != nullptr) {
    // The answer of the look-up is on its way, and is not told: BeginOld().
    return;
  }
  if (extras_ != nullptr) extras_->dial = nullptr;
  if (!was_open) {
    // Nothing comes any more, unless a 'close' is due.
    ++attempt_;
    const bool was_due = has_handle_;
    has_handle_ = false;
    if (was_due) Release();
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
  if (behind_) stack_->batch()->Send(*this);
  destroyed_ = true;
  if (error != nullptr) SetFailure(*error);
  if (HasBuffered() ||
      (has_backlog() && !extras_->backlog->end_callbacks.empty())) {
    loop.NextTick([self = shared_from_this()] { self->FailBuffered(); });
  }
  connecting_ = nameless_ = false;
  if (extras_ != nullptr) extras_->dial = nullptr;
  ForgetSignal();
  DestroyReadable(error != nullptr);
  if (has_more()) {
    // A tick that is due before this one has its say.
    loop.NextTick([self = shared_from_this()] {
      if (self->destroyed_) self->CloseReadable();
    });
  } else {
    CloseReadable();
  }
  DropIdleTimer();
  const bool had_error = error != nullptr;
  const bool had_handle = has_handle_;
  has_handle_ = false;
  if (had_handle) {
    CloseDescriptor();
    // Each of the two is so small that a Task needs no memory for it.
    if (had_error) {
      loop.QueueClose([self = shared_from_this()] { self->OnClosed(true); });
    } else {
      loop.QueueClose([self = shared_from_this()] { self->OnClosed(false); });
    }
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

void Socket::OnClosed(bool had_error) {
  CancelInFlight();
  EmitClose(had_error);
}

void Socket::CloseDescriptor() {
  LeaveLoop(stack_->loop());
  CloseFd();
}

// REQUIRES: its watchers are stopped.
void Socket::CloseFd() {
  if (!fd_.valid()) return;
  if (read_ahead_) DropArrival();
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
  if (error_emitted_ && !v0196_) return;
  error_emitted_ = true;
  const auto protocol = this->protocol();
  if (protocol != nullptr) protocol->OnError(error);
  if (!on.error.Emit(error) && protocol == nullptr) throw error;
}

// Called by a task that keeps it.
void Socket::EmitClose(bool had_error) {
  const uint16_t attempt = attempt_;
  const absl::Cleanup release = [this, attempt] {
    // One that was destroyed before it was told to connect goes on.
    if (attempt == attempt_ && destroyed_ && stack_ != nullptr) Release();
  };
  if (reader() != nullptr) reader()->OnClose(had_error);
  on.close.Emit(had_error);
}

absl::string_view Socket::ready_state() const {
  if (connecting_) return "opening";
  if (readable()) return writable() ? "open" : "readOnly";
  return writable() ? "writeOnly" : "closed";
}

bool Socket::readable() const {
  if (quirks().data_is_not_buffered) return old_readable_;
  return !destroyed_ && !end_emitted();
}

bool Socket::writable() const {
  if (quirks().write_needs_open_socket) return old_writable_;
  return !destroyed_ && !failed_ && !ending_;
}

std::optional<Address> Socket::local_address() {
  if (connecting_ && !v0196_ && !fd_.valid()) nameless_ = true;
  if (nameless_ || !fd_.valid()) return std::nullopt;
  const auto address = stack_->kernel().Getsockname(fd_);
  return address.ok() ? std::optional<Address>(*address) : std::nullopt;
}

std::optional<Address> Socket::remote_address() {
  if (extras_ != nullptr && extras_->peer != nullptr) return *extras_->peer;
  if (!fd_.valid() || connecting_) return std::nullopt;
  const auto address = stack_->kernel().Getpeername(fd_);
  if (!address.ok()) return std::nullopt;
  extras().peer = std::make_unique<const Address>(*address);
  return *address;
}

uint64_t Socket::bytes_written() const {
  if (!has_backlog()) return bytes_written_;
  const Backlog& backlog = *extras_->backlog;
  return bytes_written_ + (v0196_
                               ? backlog.unsent_bytes
                               : backlog.waiting_bytes + backlog.pending_bytes);
}

std::vector<Address> Socket::attempted_addresses() const {
  return extras_ == nullptr ? std::vector<Address>() : extras_->attempted;
}

}  // namespace simloop::net
