// One http/1 request and its response: Node's ClientRequest.
#include "net/http_client.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "net/http_client_connection.h"

namespace simloop::net::http {
namespace {

// Of these a body is not expected (useChunkedEncodingByDefault).
bool IsBodiless(absl::string_view method) {
  return method == "GET" || method == "HEAD" || method == "DELETE" ||
         method == "OPTIONS" || method == "TRACE" || method == "CONNECT";
}

Error HangUp() { return Error("ECONNRESET", "socket hang up"); }

}  // namespace

std::shared_ptr<ClientRequest> ClientRequest::Create(
    Stack& stack, RequestOptions options, ResponseListener listener) {
  SIMLOOP_CHECK(!stack.quirks().old_responses,
                "the client of v0.1.96 is not there");
  const std::shared_ptr<ClientRequest> request(
      new ClientRequest(stack, std::move(options)));
  if (listener != nullptr) request->on.response.Once(std::move(listener));
  if (request->options_.agent != nullptr) {
    request->options_.agent->AddRequest(request);
  } else {
    const auto socket = Socket::Create(stack);
    socket->SetNoDelay(true);
    ClientConnection::Of(*socket, nullptr);
    socket->Connect(request->options_.port, request->options_.host);
    request->OnSocket(socket, /*reused=*/false);
  }
  return request;
}

ClientRequest::ClientRequest(Stack& stack, RequestOptions options)
    : stack_(&stack),
      options_(std::move(options)),
      out_(stack),
      headers_(options_.headers) {
  stack_->MoveIn(*this);
  const Agent* const agent = options_.agent.get();
  out_.framing.keep_alive = agent != nullptr && agent->reuses();
  out_.framing.keep_alive_without_length = true;
  out_.framing.chunked_by_default = !IsBodiless(options_.method);
  if (headers_.Find("host") == nullptr) {
    headers_.Add("Host", options_.port == 80
                             ? options_.host
                             : absl::StrCat(options_.host, ":", options_.port));
  }
}

ClientRequest::~ClientRequest() {
  if (stack_ != nullptr) stack_->MoveOut(*this);
}

void ClientRequest::Abandon() {
  const auto alive = weak_from_this().lock();
  stack_ = nullptr;
  socket_ = nullptr;
  LetGo();
  // The end of it holds the request itself.
  out_.Abandon();
}

void ClientRequest::SetHeader(absl::string_view name, absl::string_view value) {
  if (out_.head_formed()) {
    throw Error("ERR_HTTP_HEADERS_SENT",
                "Cannot set headers after they are sent to the client");
  }
  headers_.Set(name, value);
}

void ClientRequest::FormHead(std::optional<size_t> content_length) {
  if (const std::string* connection = headers_.Find("connection")) {
    if (absl::EqualsIgnoreCase(*connection, "close")) {
      out_.framing.keep_alive = false;
    }
  }
  out_.FormHead(
      absl::StrCat(options_.method, " ", options_.path, " HTTP/1.1\r\n"),
      headers_, content_length);
}

bool ClientRequest::Write(absl::string_view data, WriteCallback written) {
  if (stack_ == nullptr) return false;
  if (ended_) {
    const Error error("ERR_STREAM_WRITE_AFTER_END", "write after end");
    stack_->loop().NextTick([self = shared_from_this(), error,
                             written = std::move(written)]() mutable {
      if (written != nullptr) written(&error);
      self->EmitError(error);
    });
    return false;
  }
  if (!out_.head_formed()) FormHead(std::nullopt);
  return out_.Write(data, std::move(written));
}

void ClientRequest::End(absl::string_view data) {
  if (ended_ || stack_ == nullptr) return;
  if (!out_.head_formed()) FormHead(data.size());
  ended_ = true;
  out_.End(data, [self = shared_from_this()](const Error* error) {
    if (error == nullptr) self->OnFinished();
  });
  if (out_.socket() != nullptr && out_.flushed()) on.prefinish.Emit();
}

void ClientRequest::SetTimeout(absl::Duration idle,
                               Event<>::Listener listener) {
  if (listener != nullptr) on.timeout.Once(std::move(listener));
  idle_ = idle;
  if (socket_ != nullptr) socket_->SetTimeout(idle);
}

// onSocket(): the request has its socket in the next tick.
void ClientRequest::OnSocket(std::shared_ptr<Socket> socket, bool reused) {
  reused_socket_ = reused;
  stack_->loop().NextTick(
      [self = shared_from_this(), socket = std::move(socket)] {
        self->socket_ = socket;
        self->TakeSocket();
      });
}

void ClientRequest::TakeSocket() {
  if (destroyed_) {
    socket_->Destroy();
    EmitError(failure_.has_value() ? *failure_ : HangUp());
    EmitClose();
    return;
  }
  const auto connection = ClientConnection::Of(*socket_, options_.agent);
  connection->Serve(shared_from_this());
  connection_ = connection;
  if (idle_ > absl::ZeroDuration()) socket_->SetTimeout(idle_);
  const auto socket = socket_;
  if (socket->destroyed()) {
    // It closed between two requests, and its 'close' has been or is to come.
    OnHangUp();
    EmitClose();
    return;
  }
  on.socket.Emit(socket);
  out_.Assign(socket);
  if (ended_ && out_.flushed()) on.prefinish.Emit();
}

void ClientRequest::OnFinished() {
  finished_ = true;
  if (response_ended_) FreeSocket();
  on.finish.Emit();
}

// parserOnIncomingClient(). Answers whether the response has no body.
bool ClientRequest::OnResponse(
    const std::shared_ptr<IncomingMessage>& response) {
  const int status = response->status_code();
  if (status >= 100 && status < 200) return true;
  if (response_ != nullptr) {
    socket_->Destroy();
    return true;
  }
  response_ = response;
  if (!response->keep_alive()) out_.framing.keep_alive = false;
  response->CloseAfterEnd();
  response->on.end([self = weak_from_this()] {
    if (const auto request = self.lock()) request->OnResponseEnd();
  });
  if (destroyed_ || !on.response.Emit(response)) response->Dump();
  return options_.method == "HEAD" || status == 304;
}

void ClientRequest::OnResponseEnd() {
  response_ended_ = true;
  if (!out_.framing.keep_alive) {
    if (socket_->writable()) socket_->DestroySoon();
  } else if (finished_ && !response_->aborted()) {
    FreeSocket();
  }
}

// responseKeepAlive(): after the listeners of 'end' have run.
void ClientRequest::FreeSocket() {
  if (!out_.framing.keep_alive || std::exchange(freed_, true)) return;
  if (const auto connection = connection_.lock()) connection->Release();
  destroyed_ = true;
  response_->Detach();
  stack_->loop().NextTick([self = shared_from_this()] {
    const auto socket = self->socket_;
    const auto response = self->response_;
    self->EmitClose();
    self->options_.agent->OnFree(socket, *response);
  });
}

void ClientRequest::Destroy() {
  if (std::exchange(destroyed_, true)) return;
  if (response_ != nullptr) response_->Dump();
  if (socket_ != nullptr) socket_->Destroy();
}

void ClientRequest::Destroy(const Error& error) {
  if (std::exchange(destroyed_, true)) return;
  failure_ = error;
  if (response_ != nullptr) response_->Dump();
  if (socket_ != nullptr) socket_->Destroy(error);
}

void ClientRequest::OnHangUp() {
  if (response_ != nullptr || had_error_) return;
  const auto socket = socket_;
  const absl::Cleanup destroy = [&] { socket->Destroy(); };
  EmitError(HangUp());
}

void ClientRequest::OnSocketError(const Error& error) {
  const auto socket = socket_;
  const absl::Cleanup destroy = [&] { socket->Destroy(); };
  EmitError(error);
}

// socketCloseListener().
void ClientRequest::OnSocketClose() {
  const auto alive = shared_from_this();
  destroyed_ = true;
  const absl::Cleanup close = [this] { EmitClose(); };
  if (response_ == nullptr) {
    EmitError(HangUp());
  } else if (!response_->complete()) {
    response_->Abort(Error("ECONNRESET", "aborted"));
  }
}

void ClientRequest::OnSocketTimeout() { on.timeout.Emit(); }

void ClientRequest::EmitError(const Error& error) {
  if (std::exchange(had_error_, true)) return;
  if (!on.error.Emit(error)) throw error;
}

void ClientRequest::EmitClose() {
  if (std::exchange(closed_, true)) return;
  const auto alive = shared_from_this();
  const absl::Cleanup let_go = [this] { LetGo(); };
  on.close.Emit();
}

void ClientRequest::LetGo() {
  // A connection that was freed may serve another request by now.
  const auto connection = freed_ ? nullptr : connection_.lock();
  if (connection != nullptr) connection->Release();
  connection_.reset();
  response_ = nullptr;
  out_.Detach();
  on.socket.Clear();
  on.response.Clear();
  on.prefinish.Clear();
  on.finish.Clear();
  on.timeout.Clear();
  on.error.Clear();
  on.close.Clear();
}

std::shared_ptr<ClientRequest> Request(
    Stack& stack, RequestOptions options,
    ClientRequest::ResponseListener listener) {
  return ClientRequest::Create(stack, std::move(options), std::move(listener));
}

std::shared_ptr<ClientRequest> Get(Stack& stack, RequestOptions options,
                                   ClientRequest::ResponseListener listener) {
  const auto request = Request(stack, std::move(options), std::move(listener));
  request->End();
  return request;
}

}  // namespace simloop::net::http
