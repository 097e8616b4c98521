// A server's answer to one request: Node's ServerResponse.
#include "net/http_response.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "net/http_server_connection.h"

namespace simloop::net::http {
namespace {

void CheckStatus(int status) {
  if (status >= 100 && status <= 999) return;
  throw Error("ERR_HTTP_INVALID_STATUS_CODE",
              absl::StrCat("Invalid status code: ", status));
}

}  // namespace

ServerResponse::ServerResponse(ServerConnection& connection,
                               const IncomingMessage& request)
    : connection_(&connection),
      stack_(&request.socket()->stack()),
      quirks_(stack_->quirks()),
      out_(*stack_),
      answers_head_(request.method() == "HEAD") {
  stack_->MoveIn(*this);
  out_.framing.keep_alive = request.keep_alive();
  if (request.version_major() < 1 || request.version_minor() < 1) {
    const std::string* const accepted = request.raw_headers().Find("te");
    out_.framing.chunked_by_default = !quirks_.old_responses &&
                                      accepted != nullptr &&
                                      ListNames(*accepted, "chunked");
  }
}

ServerResponse::~ServerResponse() {
  if (stack_ != nullptr) stack_->MoveOut(*this);
}

void ServerResponse::Abandon() {
  const auto alive = weak_from_this().lock();
  stack_ = nullptr;
  out_.Detach();
  out_.Abandon();
  DropListeners();
}

void ServerResponse::WriteHead(int status, absl::string_view message,
                               const Headers& headers) {
  if (quirks_.old_responses) {
    WriteHeadOld(status, message, headers);
    return;
  }
  if (out_.head_formed()) {
    throw Error("ERR_HTTP_HEADERS_SENT",
                "Cannot write headers after they are sent to the client");
  }
  CheckStatus(status);
  if (!message.empty()) status_message = std::string(message);
  if (!IsFieldValue(status_message)) {
    throw Error("ERR_INVALID_CHAR", "Invalid character in statusMessage");
  }
  if (out_.headers().empty()) {
    FormHead(status, headers, std::nullopt);
    return;
  }
  out_.SetHeaders(headers);
  FormHead(status, out_.headers(), std::nullopt);
}

void ServerResponse::FormHead(int status, const Headers& headers,
                              std::optional<size_t> content_length) {
  CheckStatus(status);
  status_code = status;
  if (status_message.empty()) {
    status_message = std::string(StatusText(status));
  }
  // RFC 9110 sections 15.2, 15.3.5, 15.4.5: no body.
  out_.framing.has_body =
      !answers_head_ && status >= 200 && status != 204 && status != 304;
  out_.framing.never_chunked = status == 204 || status == 304;
  out_.framing.send_date = send_date;
  if (expects_continue_ && !continued_) out_.framing.keep_alive = false;
  Head& head = out_.BeginHead();
  head.Append("HTTP/1.1 ");
  head.AppendNumber(static_cast<uint64_t>(status));
  head.Append(" ", status_message, "\r\n");
  out_.FormHead(headers, content_length);
}

void ServerResponse::FlushHeaders() {
  if (stack_ == nullptr) return;
  if (quirks_.old_responses) {
    Flush();
    return;
  }
  if (!out_.head_formed()) FormHead(status_code, out_.headers(), std::nullopt);
  out_.SendHead();
}

void ServerResponse::WriteContinue(WriteCallback written) {
  if (stack_ == nullptr) return;
  out_.WriteRaw("HTTP/1.1 100 Continue\r\n\r\n", std::move(written));
  continued_ = true;
}

void ServerResponse::WriteProcessing(WriteCallback written) {
  if (stack_ == nullptr) return;
  out_.WriteRaw("HTTP/1.1 102 Processing\r\n\r\n", std::move(written));
}

void ServerResponse::WriteEarlyHints(const Headers& hints,
                                     WriteCallback written) {
  const std::vector<std::string> links = hints.FindAll("link");
  if (stack_ == nullptr || links.empty()) return;
  std::string head = "HTTP/1.1 103 Early Hints\r\n";
  Headers fields = {{"Link", absl::StrJoin(links, ", ")}};
  for (const Headers::Field& field : hints.fields()) {
    if (!absl::EqualsIgnoreCase(field.name, "link")) {
      fields.Add(field.name, field.value);
    }
  }
  for (const Headers::Field& field : fields.fields()) {
    absl::StrAppend(&head, field.name, ": ", field.value, "\r\n");
  }
  out_.WriteRaw(absl::StrCat(head, "\r\n"), std::move(written));
}

// onError() and emitErrorNt() of _http_outgoing.js.
void ServerResponse::FailWrite(absl::string_view code,
                               absl::string_view message,
                               WriteCallback written) {
  stack_->loop().NextTick([self = shared_from_this(),
                           error = Error(code, message),
                           written = std::move(written)]() mutable {
    const bool destroyed = self->destroyed_;
    if (written != nullptr) written(&error);
    if (destroyed || self->destroyed_) return;
    if (!self->on.error.Emit(error)) throw error;
  });
}

bool ServerResponse::Write(absl::string_view data, WriteCallback written) {
  if (stack_ == nullptr) return false;
  if (quirks_.old_responses) return WriteOld(data);
  if (ended_) {
    FailWrite("ERR_STREAM_WRITE_AFTER_END", "write after end",
              std::move(written));
    return false;
  }
  if (destroyed_) {
    FailWrite("ERR_STREAM_DESTROYED",
              "Cannot call write after a stream was destroyed",
              std::move(written));
    return false;
  }
  out_.CheckLength(data.size(), /*last=*/false);
  if (!out_.head_formed()) FormHead(status_code, out_.headers(), std::nullopt);
  return out_.Write(data, std::move(written));
}

void ServerResponse::EndAgain(absl::string_view data, EndCallback finished) {
  if (!data.empty()) {
    if (destroyed_) return;
    FailWrite("ERR_STREAM_WRITE_AFTER_END", "write after end", finished.Take());
  } else if (!out_.abandoned() || writable_finished()) {
    finished.Join(on.finish, writable_finished());
  }
}

void ServerResponse::End(absl::string_view data, EndCallback finished) {
  if (stack_ == nullptr) return;
  if (quirks_.old_responses) {
    EndOld(data);
    return;
  }
  auto self = shared_from_this();
  if (ended_) {
    EndAgain(data, std::move(finished));
    return;
  }
  if (destroyed_ && !data.empty()) {
    // The write fails, and what is left of it has nowhere to go.
    ended_ = true;
    if (out_.socket() != nullptr && out_.flushed()) on.prefinish.Emit();
    return;
  }
  out_.CheckLength(data.size(), /*last=*/out_.head_formed());
  if (!out_.head_formed()) FormHead(status_code, out_.headers(), data.size());
  out_.CheckLength(0, /*last=*/true);
  // Of one without a connection 'finish' never comes.
  if (finished && !out_.abandoned()) {
    on.finish.Once(
        [finished = std::move(finished)]() mutable { finished(nullptr); });
  }
  ended_ = true;
  const Outgoing::Sent sent = out_.EndAtOnce(data);
  if (sent == Outgoing::Sent::kAll) {
    stack_->loop().NextTick([self = std::move(self)] { self->OnFinished(); });
  } else {
    // onFinish(): also of what could not be written.
    const auto finished = [self](const Error*) { self->OnFinished(); };
    if (sent == Outgoing::Sent::kPart) {
      out_.socket()->Write("", finished);
    } else {
      out_.End(data, finished);
    }
  }
  if (out_.flushed() && out_.socket() != nullptr) {
    on.prefinish.Emit();
  }
}

bool ServerResponse::writable_finished() const {
  return ended_ && writable_bytes() == 0;
}

size_t ServerResponse::writable_bytes() const {
  const std::shared_ptr<Socket>& socket = out_.socket();
  return out_.pending_bytes() +
         (socket == nullptr ? 0 : socket->writable_bytes());
}

void ServerResponse::DestroyWith(std::optional<Error> error) {
  if (stack_ == nullptr || std::exchange(destroyed_, true)) return;
  if (error.has_value()) failure_ = std::make_unique<const Error>(*error);
  const std::shared_ptr<Socket> socket = out_.socket();
  if (socket == nullptr) {
    destroys_socket_ = true;
  } else if (failure_ != nullptr) {
    socket->Destroy(*failure_);
  } else {
    socket->Destroy();
  }
}

void ServerResponse::SetTimeout(absl::Duration idle,
                                Event<>::Listener listener) {
  if (listener != nullptr) on.timeout(std::move(listener));
  if (out_.socket() != nullptr) {
    out_.socket()->SetTimeout(idle);
  } else {
    idle_ = idle;
    sets_timeout_ = true;
  }
}

void ServerResponse::Assign(std::shared_ptr<Socket> socket) {
  const auto self = shared_from_this();
  if (sets_timeout_) socket->SetTimeout(idle_);
  if (destroys_socket_) {
    if (failure_ != nullptr) {
      socket->Destroy(*failure_);
    } else {
      socket->Destroy();
    }
  }
  const bool writable = socket->writable();
  const bool has_room = out_.Assign(std::move(socket));
  if (!writable) return;
  if (ended_) {
    on.prefinish.Emit();
  } else if (has_room) {
    OnDrain();
  }
}

void ServerResponse::OnDrain() {
  if (!ended_ && out_.TakeNeedDrain()) on.drain.Emit();
}

// The connection has gone, or another answer's turn has come.
void ServerResponse::LeaveConnection() {
  connection_ = nullptr;
  if (!quirks_.old_responses && out_.socket() == nullptr) out_.Abandon();
}

void ServerResponse::OnFinished() {
  if (connection_ != nullptr) connection_->OnResponseFinished(*this);
  on.finish.Emit();
}

void ServerResponse::EmitClose() {
  if (std::exchange(closed_, true)) return;
  destroyed_ = true;
  on.close.Emit();
  out_.Abandon();
  DropListeners();
}

}  // namespace simloop::net::http
