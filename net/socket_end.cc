// The end of writing in a modern Node: end() and final() of
// lib/internal/streams/writable.js, and uv_shutdown() of libuv.
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "net/socket.h"

namespace simloop::net {

void Socket::EndBuffered(absl::string_view data, WriteCallback ended) {
  std::optional<Error> error;
  if (!data.empty() && (ending_ || destroyed_)) {
    error = ending_ ? Error("ERR_STREAM_WRITE_AFTER_END", "write after end")
                    : StreamDestroyed("write");
    if (stack_ != nullptr) DestroyWith(&*error);
  } else if (!data.empty()) {
    WriteBuffered(data, nullptr);
  }
  if (stack_ == nullptr) return;
  UncorkAll();
  if (error.has_value()) {
    // It is told below.
  } else if (!failed_ && !ending_) {
    ending_ = true;
    FinishIfDone();
  } else if (finished_) {
    error = AlreadyFinished();
  } else if (destroyed_) {
    error = StreamDestroyed("end");
  }
  if (ended == nullptr) return;
  if (!error.has_value() && failed_) error = *extras_->failure;
  if (!error.has_value() && !finished_) {
    backlog().end_callbacks.push_back(std::move(ended));
    return;
  }
  stack_->loop().NextTick(
      [alive = shared_from_this(), error, ended = std::move(ended)]() mutable {
        ended(error.has_value() ? &*error : nullptr);
      });
}

bool Socket::NeedsFinish() const {
  return ending_ && !destroyed_ && !failed_ && !finished_ && !writing_ &&
         !HasBuffered();
}

// finishMaybe() and prefinish().
void Socket::FinishIfDone() {
  if (!NeedsFinish() || shutting_down_) return;
  shutting_down_ = true;
  ShutDown();
}

// _final(): uv_shutdown() acts after the poll's I/O callbacks.
void Socket::ShutDown() {
  if (pending()) {
    on.connect.Once([this] { ShutDown(); });
    return;
  }
  stack_->loop().QueuePending([self = shared_from_this()] {
    if (self->fd_.valid() && self->shutting_down_) self->ShutDownNow();
  });
}

// uv__drain().
void Socket::ShutDownNow() {
  if (shut_) return;
  shut_ = true;
  if (!NeedsFinish() || !SparesShutdown()) {
    (void)stack_->kernel().Shutdown(fd_, loop::kShutWr);
  }
  OnShutDown();
}

void Socket::OnShutDown() {
  if (!NeedsFinish()) return;
  stack_->loop().NextTick([self = shared_from_this()] { self->Finish(); });
}

// close(2) is to follow in the next tick; see Finish().
bool Socket::SparesShutdown() const {
  return (closes_soon_ || end_emitted()) && !is_unix_ &&
         stack_->spares_calls();
}

void Socket::Finish() {
  finished_ = true;
  const absl::Cleanup shut = [this] {
    // An exception or a program that took DestroySoon()'s listener away.
    if (stack_ == nullptr || !fd_.valid() || !SparesShutdown()) return;
    (void)stack_->kernel().Shutdown(fd_, loop::kShutWr);
  };
  std::vector<WriteCallback> ends;
  if (has_backlog()) ends = std::exchange(extras_->backlog->end_callbacks, {});
  for (WriteCallback& ended : ends) ended(nullptr);
  on.finish.Emit();
  if (end_emitted()) DestroyWith(nullptr);
}

}  // namespace simloop::net
