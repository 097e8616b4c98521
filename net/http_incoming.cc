// A request as a server gets it, or a response as a client does.
#include "net/http_incoming.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace simloop::net::http {

IncomingMessage::IncomingMessage(std::shared_ptr<Socket> socket)
    : socket_(std::move(socket)),
      stack_(&socket_->stack()),
      quirks_(stack_->quirks()),
      readable_(stack_->loop(), *this, on.data, !quirks_.data_is_not_buffered) {
  stack_->MoveIn(*this);
}

IncomingMessage::~IncomingMessage() {
  if (stack_ != nullptr) stack_->MoveOut(*this);
}

void IncomingMessage::Abandon() {
  const auto alive = weak_from_this().lock();
  stack_ = nullptr;
  socket_ = nullptr;
  readable_.Destroy();
  DropListeners();
}

void IncomingMessage::DropListeners() {
  on.data.Clear();
  on.end.Clear();
  on.pause.Clear();
  on.resume.Clear();
  on.aborted.Clear();
  on.error.Clear();
  on.close.Clear();
}

std::string IncomingMessage::http_version() const {
  return absl::StrCat(version_major_, ".", version_minor_);
}

void IncomingMessage::OnBody(absl::string_view data) {
  if (quirks_.data_is_not_buffered) {
    on.data.Emit(data);
  } else if (!readable_.Push(data) && socket_ != nullptr) {
    socket_->StopReading();
  }
}

void IncomingMessage::OnComplete() {
  complete_ = true;
  if (quirks_.data_is_not_buffered) {
    on.end.Emit();
    DropListeners();
  } else {
    readable_.PushEnd();
    OnReadMore();
  }
}

void IncomingMessage::OnReadMore() {
  if (socket_ != nullptr && !socket_->destroyed()) socket_->StartReading();
}

void IncomingMessage::Pause() {
  if (!quirks_.data_is_not_buffered) {
    readable_.Pause();
  } else if (socket_ != nullptr) {
    socket_->Pause();
  }
}

void IncomingMessage::Resume() {
  if (!quirks_.data_is_not_buffered) {
    readable_.Resume();
  } else if (socket_ != nullptr) {
    socket_->Resume();
  }
}

void IncomingMessage::Dump() {
  if (!quirks_.data_is_not_buffered && !readable_.flowing() &&
      !readable_.end_emitted()) {
    readable_.Resume();
  }
}

void IncomingMessage::EmitEnd() {
  on.end.Emit();
  if (!closes_after_end_) return;
  stack_->loop().NextTick([self = shared_from_this()] { self->EmitClose(); });
}

void IncomingMessage::Destroy() {
  if (socket_ == nullptr || (complete_ && readable_.end_emitted())) return;
  socket_->Destroy();
}

void IncomingMessage::Abort(const Error& error) {
  if (destroyed_ || quirks_.request_always_complete) return;
  destroyed_ = true;
  const bool all_read = complete_ && readable_.end_emitted();
  if (!all_read) {
    aborted_ = true;
    readable_.Destroy();
    on.aborted.Emit();
    if (socket_ != nullptr && !socket_->destroyed()) socket_->Destroy(error);
  }
  // One tick for onError(), and one for emitErrorCloseNT().
  loop::EventLoop& loop = stack_->loop();
  loop.NextTick([&loop, self = shared_from_this(), error, all_read] {
    loop.NextTick([self, error, all_read] {
      if (!all_read) self->on.error.Emit(error);
      self->EmitClose();
    });
  });
}

void IncomingMessage::EmitClose() {
  if (std::exchange(closed_, true)) return;
  destroyed_ = true;
  on.close.Emit();
  socket_ = nullptr;
  DropListeners();
}

}  // namespace simloop::net::http
