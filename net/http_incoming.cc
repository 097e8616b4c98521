// A request as a server gets it, or a response as a client does: Node's
// lib/_http_incoming.js.
#include "net/http_incoming.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace simloop::net::http {
namespace {

// v0.1.96 joined all of a name, and took a name without a value for the first
// part of the next.
std::unique_ptr<const Headers> JoinedOld(const Headers& raw) {
  auto joined = std::make_unique<Headers>();
  std::string name;
  for (const Headers::Field& field : raw.fields()) {
    name.append(absl::AsciiStrToLower(field.name));
    if (field.value.empty()) continue;
    if (const std::string* const before = joined->Find(name)) {
      joined->Set(name, absl::StrCat(*before, ", ", field.value));
    } else {
      joined->Add(name, field.value);
    }
    name.clear();
  }
  return joined;
}

std::unique_ptr<const Headers> Joined(const Headers& raw, bool join_all) {
  auto joined = std::make_unique<Headers>();
  for (const Headers::Field& field : raw.fields()) {
    joined->Join(field.name, field.value, join_all);
  }
  return joined;
}

}  // namespace

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
  readable_.Close();
  DropListeners();
}

void IncomingMessage::DropListeners() {
  if (on.data.count() > 0) on.data.Clear();
  if (on.heard()) on.Clear();
}

bool IncomingMessage::unseen() const {
  return weak_from_this().use_count() == 1 && on.data.count() == 0 &&
         !on.heard();
}

std::string IncomingMessage::http_version() const {
  return absl::StrCat(version_major_, ".", version_minor_);
}

const Headers& IncomingMessage::headers() const {
  if (headers_ == nullptr) {
    headers_ = quirks_.old_responses ? JoinedOld(raw_headers_)
                                     : Joined(raw_headers_, joins_all_);
  }
  return *headers_;
}

const Headers& IncomingMessage::trailers() const {
  if (trailers_ == nullptr) {
    if (!complete_) return raw_trailers_;  // none as yet
    trailers_ = Joined(raw_trailers_, joins_all_);
  }
  return *trailers_;
}

void IncomingMessage::OnBody(absl::string_view data) {
  if (quirks_.data_is_not_buffered) {
    on.data.Emit(data);
  } else if (!dumped_ && !readable_.Push(data) && socket_ != nullptr) {
    socket_->StopReading();
  }
}

void IncomingMessage::OnComplete() {
  complete_ = true;
  if (quirks_.data_is_not_buffered) {
    on.end.Emit();
    DropListeners();
  } else {
    readable_.PushEnd(on.heard() || on.data.count() > 0);
    ReadOn();
  }
}

void IncomingMessage::OnReadMore() {
  consuming_ = true;
  ReadOn();
}

void IncomingMessage::ReadOn() {
  if (socket_ == nullptr || socket_->destroyed()) return;
  if (held_ != nullptr && *held_) return;
  // readStart(): even if the program has paused the socket.
  if (socket_->paused()) {
    socket_->Resume();
  } else {
    socket_->StartReading();
  }
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
  if (quirks_.data_is_not_buffered || std::exchange(dumped_, true)) return;
  on.data.Clear();
  if (!readable_.end_emitted()) readable_.Resume();
}

void IncomingMessage::DumpUnread() {
  if (!consuming_ && !readable_.flowing()) Dump();
}

void IncomingMessage::SetTimeout(absl::Duration idle,
                                 Event<>::Listener listener) {
  if (listener != nullptr) on.timeout(std::move(listener));
  if (socket_ != nullptr) socket_->SetTimeout(idle);
}

void IncomingMessage::EmitEnd() {
  on.end.Emit();
  if (!closes_after_end_ || destroyed_ || stack_ == nullptr) return;
  destroyed_ = true;
  stack_->loop().NextTick(
      [self = shared_from_this()] { self->CloseWith(std::nullopt); });
}

void IncomingMessage::DestroyWith(std::optional<Error> error) {
  if (destroyed_ || quirks_.request_always_complete || stack_ == nullptr) {
    return;
  }
  const auto self = shared_from_this();
  destroyed_ = true;
  const bool all_read = complete_ && readable_.end_emitted();
  readable_.Destroy(error.has_value());
  if (!all_read) {
    aborted_ = true;
    on.aborted.Emit();
    if (stack_ == nullptr) return;
  }
  const std::shared_ptr<Socket> socket = socket_;
  if (!aborted_ || socket == nullptr || socket->destroyed()) {
    stack_->loop().NextTick([self, error] { self->CloseWith(error); });
    return;
  }
  if (error.has_value()) {
    socket->Destroy(*error);
  } else {
    socket->Destroy();
  }
  // finished(): a connection that is destroyed counts as closed at once.
  stack_->loop().NextTick([self, error] {
    if (self->stack_ == nullptr) return;
    self->stack_->loop().NextTick([self, error] { self->CloseWith(error); });
  });
}

// onError() of _http_incoming.js, and emitErrorCloseNT().
void IncomingMessage::CloseWith(const std::optional<Error>& error) {
  if (stack_ == nullptr) return;
  stack_->loop().NextTick([self = shared_from_this(), error] {
    if (error.has_value()) {
      self->readable_.Close();
      self->on.error.Emit(*error);
    }
    self->EmitClose();
  });
}

void IncomingMessage::EmitClose() {
  if (std::exchange(closed_, true)) return;
  destroyed_ = true;
  readable_.Close();
  on.close.Emit();
  socket_ = nullptr;
  DropListeners();
}

}  // namespace simloop::net::http
