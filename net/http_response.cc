// A server's answer to one request: Node's ServerResponse.
#include "net/http_response.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "net/http_server_connection.h"

namespace simloop::net::http {

ServerResponse::ServerResponse(std::shared_ptr<ServerConnection> connection,
                               const IncomingMessage& request,
                               absl::Duration keep_alive_timeout)
    : connection_(connection),
      stack_(&request.socket()->stack()),
      quirks_(stack_->quirks()),
      out_(*stack_),
      answers_head_(request.method() == "HEAD") {
  stack_->MoveIn(*this);
  out_.framing.keep_alive = request.keep_alive();
  if (!quirks_.old_responses) {
    out_.framing.keep_alive_timeout = keep_alive_timeout;
  }
  if (request.version_major() < 1 || request.version_minor() < 1) {
    const std::string* const accepted = request.headers().Find("te");
    out_.framing.chunked_by_default =
        accepted != nullptr && absl::StrContains(*accepted, "chunked");
    if (!quirks_.old_responses) out_.framing.keep_alive = false;
  }
}

ServerResponse::~ServerResponse() {
  if (stack_ != nullptr) stack_->MoveOut(*this);
}

void ServerResponse::Abandon() {
  const auto alive = weak_from_this().lock();
  stack_ = nullptr;
  out_.Detach();
  DropListeners();
}

void ServerResponse::SetHeader(absl::string_view name,
                               absl::string_view value) {
  if (out_.head_formed()) {
    throw Error("ERR_HTTP_HEADERS_SENT",
                "Cannot set headers after they are sent to the client");
  }
  headers_.Set(name, value);
}

void ServerResponse::WriteHead(int status, const Headers& headers) {
  if (out_.head_formed()) {
    throw Error("ERR_HTTP_HEADERS_SENT",
                "Cannot write headers after they are sent to the client");
  }
  if (headers_.empty()) {
    headers_ = headers;
  } else {
    for (const Headers::Field& field : headers.fields()) {
      headers_.Set(field.name, field.value);
    }
  }
  FormHead(status, std::nullopt);
}

void ServerResponse::FormHead(int status,
                              std::optional<size_t> content_length) {
  status_code = status;
  // RFC 9110 sections 15.2, 15.3.5, 15.4.5: no body.
  out_.framing.has_body =
      !answers_head_ && status >= 200 && status != 204 && status != 304;
  out_.framing.send_date = send_date && !quirks_.old_responses;
  if (quirks_.old_responses) content_length = std::nullopt;
  out_.FormHead(
      absl::StrCat("HTTP/1.1 ", status, " ", StatusText(status), "\r\n"),
      headers_, content_length);
}

bool ServerResponse::Write(absl::string_view data, WriteCallback written) {
  if (stack_ == nullptr) return false;
  if (ended_) {
    const Error error("ERR_STREAM_WRITE_AFTER_END", "write after end");
    stack_->loop().NextTick([error, written = std::move(written)]() mutable {
      if (written != nullptr) written(&error);
      throw error;
    });
    return false;
  }
  if (!out_.head_formed()) FormHead(status_code, std::nullopt);
  const bool has_room = out_.Write(data, std::move(written));
  if (!has_room) need_drain_ = true;
  if (quirks_.old_responses && std::exchange(flushing_, true)) {
    if (const auto connection = connection_.lock()) connection->FlushOld();
  }
  return has_room;
}

void ServerResponse::End(absl::string_view data) {
  if (ended_ || stack_ == nullptr) return;
  const auto self = shared_from_this();
  if (!out_.head_formed()) FormHead(status_code, data.size());
  ended_ = true;
  if (quirks_.old_responses) {
    out_.End(data, nullptr);
    if (const auto connection = connection_.lock()) connection->FlushOld();
    return;
  }
  out_.End(data, [self](const Error* error) {
    if (error == nullptr) self->OnFinished();
  });
  if (out_.flushed() && out_.socket() != nullptr) {
    on.prefinish.Emit();
  }
}

void ServerResponse::Assign(std::shared_ptr<Socket> socket) {
  const auto self = shared_from_this();
  out_.Assign(std::move(socket));
  if (!out_.flushed()) return;
  if (ended_) {
    on.prefinish.Emit();
  } else {
    OnDrain();
  }
}

void ServerResponse::OnDrain() {
  if (std::exchange(need_drain_, false)) on.drain.Emit();
}

void ServerResponse::OnFinished() {
  finished_ = true;
  if (const auto connection = connection_.lock()) {
    connection->OnResponseFinished(*this);
  }
  on.finish.Emit();
}

void ServerResponse::EmitClose() {
  if (std::exchange(closed_, true)) return;
  on.close.Emit();
  out_.Detach();
  DropListeners();
}

void ServerResponse::DropListeners() {
  on.sent.Clear();
  on.prefinish.Clear();
  on.finish.Clear();
  on.close.Clear();
  on.drain.Clear();
}

}  // namespace simloop::net::http
