// One http/1 request and its response: Node's ClientRequest.
#include "net/http_client.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
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

RequestOptions Checked(RequestOptions options) {
  if (!IsToken(options.method)) {
    throw Error("ERR_INVALID_HTTP_TOKEN",
                absl::StrCat("Method must be a valid HTTP token [\"",
                             options.method, "\"]"));
  }
  for (const char c : options.path) {
    if (static_cast<unsigned char>(c) <= 0x20) {
      throw Error("ERR_UNESCAPED_CHARACTERS",
                  "Request path contains unescaped characters");
    }
  }
  if (options.path.empty()) options.path.assign(1, '/');
  absl::AsciiStrToUpper(&options.method);
  return options;
}

// An IPv6 address stands in brackets.
std::string HostField(const RequestOptions& options) {
  std::string host = options.host.empty() ? "localhost" : options.host;
  const size_t colon = host.find(':');
  if (colon != std::string::npos && host[0] != '[' &&
      host.find(':', colon + 1) != std::string::npos) {
    host = absl::StrCat("[", host, "]");
  }
  return options.port == 80 ? host : absl::StrCat(host, ":", options.port);
}

// The connection of a request without an agent.
std::shared_ptr<Socket> Dial(Stack& stack, const RequestOptions& to) {
  const bool custom = to.create_connection != nullptr;
  auto socket = custom ? to.create_connection(stack, ConnectOptionsOf(to))
                       : Socket::Create(stack);
  SIMLOOP_CHECK(socket != nullptr, "create_connection makes a socket");
  if (!custom) socket->SetNoDelay(true);
  if (to.timeout.has_value()) socket->SetTimeout(*to.timeout);
  ClientConnection::Of(*socket, nullptr);
  if (!custom) socket->Connect(ConnectOptionsOf(to));
  return socket;
}

}  // namespace

ConnectOptions ConnectOptionsOf(const RequestOptions& options) {
  ConnectOptions to;
  to.port = options.port;
  to.host = options.host;
  to.path = options.socket_path;
  to.local_address = options.local_address;
  to.family = options.family;
  if (options.lookup != nullptr) to.lookup = options.lookup;
  return to;
}

std::shared_ptr<ClientRequest> ClientRequest::Create(
    Stack& stack, RequestOptions options, ResponseListener listener) {
  SIMLOOP_CHECK(!stack.quirks().old_responses, "v0.1.96 has another client");
  const std::shared_ptr<ClientRequest> request(
      new ClientRequest(stack, Checked(std::move(options))));
  if (listener != nullptr) request->on.response.Once(std::move(listener));
  const RequestOptions& to = request->options_;
  if (request->headers().Has("expect")) request->FormHead(std::nullopt);
  if (to.agent != nullptr) {
    to.agent->AddRequest(request);
  } else {
    request->OnSocket(Dial(stack, to), /*reused=*/false);
  }
  request->FollowSignal();
  return request;
}

// addAbortSignal().
void ClientRequest::FollowSignal() {
  if (options_.signal == nullptr) return;
  if (options_.signal->aborted()) {
    Destroy(Error("ABORT_ERR", "The operation was aborted"));
    return;
  }
  abort_listener_ = options_.signal->abort([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->Destroy(Error("ABORT_ERR", "The operation was aborted"));
  });
}

void ClientRequest::ForgetSignal() {
  if (options_.signal == nullptr || abort_listener_ == 0) return;
  options_.signal->abort.Remove(std::exchange(abort_listener_, 0));
}

ClientRequest::ClientRequest(Stack& stack, RequestOptions options)
    : stack_(&stack), options_(std::move(options)), out_(stack) {
  const Agent* const agent = options_.agent.get();
  out_.framing.keep_alive = agent != nullptr && agent->reuses();
  if (!out_.framing.keep_alive) out_.set_last();
  out_.framing.keep_alive_without_length = true;
  out_.framing.chunked_by_default = !IsBodiless(options_.method);
  out_.SetUniqueHeaders(options_.unique_headers);
  out_.SetHeaders(options_.headers);
  if (options_.set_host && !headers().Has("host")) {
    out_.SetHeader("Host", HostField(options_));
  }
  if (!options_.auth.empty() && !headers().Has("authorization")) {
    out_.SetHeader("Authorization",
                   absl::StrCat("Basic ", absl::Base64Escape(options_.auth)));
  }
  stack_->MoveIn(*this);
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

void ClientRequest::FormHead(std::optional<size_t> content_length) {
  out_.BeginHead().Append(options_.method, " ", options_.path, " HTTP/1.1\r\n");
  out_.FormHead(headers(), content_length);
}

void ClientRequest::FlushHeaders() {
  if (stack_ == nullptr) return;
  if (!out_.head_formed()) FormHead(std::nullopt);
  out_.SendHead();
}

bool ClientRequest::Write(absl::string_view data, WriteCallback written) {
  if (stack_ == nullptr) return false;
  if (ended_ || destroyed_) {
    const Error error =
        ended_ ? Error("ERR_STREAM_WRITE_AFTER_END", "write after end")
               : StreamDestroyed("write");
    FailWrite(error, std::move(written));
    return false;
  }
  out_.CheckLength(data.size(), /*last=*/false);
  if (!out_.head_formed()) FormHead(std::nullopt);
  return out_.Write(data, std::move(written));
}

// onError() and emitErrorNt(): each is told.
void ClientRequest::FailWrite(const Error& error, WriteCallback written) {
  stack_->loop().NextTick([self = shared_from_this(), error,
                           destroyed = destroyed_,
                           written = std::move(written)]() mutable {
    if (written != nullptr) written(&error);
    if (destroyed || self->destroyed_) return;
    if (!self->on.error.Emit(error)) throw error;
  });
}

bool ClientRequest::writable_finished() const {
  return ended_ && writable_bytes() == 0;
}

void ClientRequest::EndAgain(absl::string_view data, EndCallback finished) {
  if (!data.empty()) {
    if (destroyed_) return;
    FailWrite(Error("ERR_STREAM_WRITE_AFTER_END", "write after end"),
              finished.Take());
  } else {
    finished.Join(on.finish, writable_finished());
  }
}

void ClientRequest::End(absl::string_view data, EndCallback finished) {
  if (stack_ == nullptr) return;
  const auto alive = shared_from_this();
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
  if (!out_.head_formed()) FormHead(data.size());
  out_.CheckLength(0, /*last=*/true);
  if (finished) {
    on.finish.Once(
        [finished = std::move(finished)]() mutable { finished(nullptr); });
  }
  ended_ = true;
  out_.End(data, [self = shared_from_this()](const Error*) {
    // onFinish(): also of what could not be written, if nobody knows as yet.
    if (!self->had_error_) self->OnFinished();
  });
  if (out_.socket() != nullptr && out_.flushed()) on.prefinish.Emit();
}

void ClientRequest::SetTimeout(absl::Duration idle,
                               Event<>::Listener listener) {
  if (response_ended_ || stack_ == nullptr) return;
  ListenForTimeouts();
  if (listener != nullptr) on.timeout.Once(std::move(listener));
  if (socket_ == nullptr) {
    idle_ = idle;
  } else if (socket_->connecting()) {
    socket_->on.connect.Once(
        [s = socket_.get(), idle] { s->SetTimeout(idle); });
  } else {
    socket_->SetTimeout(idle);
  }
}

void ClientRequest::SetNoDelay(bool on) {
  if (socket_ != nullptr) {
    socket_->SetNoDelay(on);
  } else {
    this->on.socket.Once([on](const std::shared_ptr<Socket>& socket) {
      socket->SetNoDelay(on);
    });
  }
}

void ClientRequest::SetSocketKeepAlive(bool on, absl::Duration idle) {
  if (socket_ != nullptr) {
    socket_->SetKeepAlive(on, idle);
  } else {
    this->on.socket.Once([on, idle](const std::shared_ptr<Socket>& socket) {
      socket->SetKeepAlive(on, idle);
    });
  }
}

void ClientRequest::Abort() {
  if (std::exchange(aborted_, true) || stack_ == nullptr) return;
  abort_due_ = true;
  stack_->loop().NextTick([self = shared_from_this()] {
    self->abort_due_ = false;
    self->on.abort.Emit();
    if (self->closed_) self->on.Clear();
  });
  Destroy();
}

void ClientRequest::DestroyWith(std::optional<Error> error) {
  if (std::exchange(destroyed_, true)) return;
  if (response_ != nullptr) response_->Dump();
  failure_ = std::move(error);
  if (socket_ == nullptr) return;
  if (failure_.has_value()) {
    socket_->Destroy(*failure_);
  } else {
    socket_->Destroy();
  }
}

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
  ForgetSignal();
  // A connection that was freed may serve another request by now.
  const auto connection = freed_ ? nullptr : connection_.lock();
  if (connection != nullptr) connection->Release();
  connection_.reset();
  response_ = nullptr;
  out_.Detach();
  if (!abort_due_) on.Clear();
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
