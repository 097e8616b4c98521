// The http client of Node v0.1.96: lib/http.js of that time.
#include "net/http_old_client.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "loop/check.h"

namespace simloop::net::http {

OldRequest::OldRequest(std::shared_ptr<OldClient> client, Stack& stack,
                       absl::string_view method, absl::string_view path,
                       const Headers& headers)
    : client_(std::move(client)), out_(stack) {
  out_.framing.keep_alive = false;
  out_.framing.chunked_by_default = method != "GET" && method != "HEAD";
  out_.BeginHead().Append(method, " ", path, " HTTP/1.1\r\n");
  out_.FormHead(headers, std::nullopt);
}

void OldRequest::Write(absl::string_view data) {
  out_.WriteOld(data);
  if (std::exchange(flushing_, true)) Flush();
}

void OldRequest::End() {
  out_.EndOld();
  Flush();
}

void OldRequest::Flush() {
  const auto self = shared_from_this();
  if (const auto client = client_.lock()) client->Flush(*this);
}

std::shared_ptr<OldClient> OldClient::Create(Stack& stack, uint16_t port,
                                             absl::string_view host) {
  SIMLOOP_CHECK(stack.quirks().old_responses, "modern Nodes have another one");
  return std::shared_ptr<OldClient>(new OldClient(stack, port, host));
}

OldClient::OldClient(Stack& stack, uint16_t port, absl::string_view host)
    : stack_(&stack), port_(port), host_(host), socket_(Socket::Create(stack)) {
  stack_->MoveIn(*this);
}

OldClient::~OldClient() {
  if (stack_ != nullptr) stack_->MoveOut(*this);
}

void OldClient::Abandon() {
  const auto alive = weak_from_this().lock();
  stack_ = nullptr;
  requests_.clear();
  current_ = nullptr;
  on.connect.Clear();
  on.data.Clear();
  on.end.Clear();
  on.drain.Clear();
  on.timeout.Clear();
  on.error.Clear();
  on.close.Clear();
}

std::shared_ptr<OldRequest> OldClient::Request(absl::string_view method,
                                               absl::string_view path,
                                               const Headers& headers) {
  SIMLOOP_CHECK(stack_ != nullptr, "the process has ended");
  const auto request = std::make_shared<OldRequest>(shared_from_this(), *stack_,
                                                    method, path, headers);
  requests_.push_back(request);
  return request;
}

void OldClient::Flush(OldRequest& request) {
  if (stack_ == nullptr) return;
  const auto self = shared_from_this();
  if (ready_state() == "closed") {
    Connect();
  } else if (ready_state() != "opening" && current_.get() == &request) {
    const auto alive = current_;
    if (!request.out_.FlushTo(*socket_) || !request.out_.ended()) return;
    request.on.sent.Emit();
  }
}

void OldClient::SetTimeout(absl::Duration idle) {
  if (idle > absl::ZeroDuration()) idle_ = idle;
  socket_->SetTimeout(idle);
}

void OldClient::Connect() {
  if (socket_->destroyed()) {
    socket_ = Socket::Create(*stack_);
    socket_->SetTimeout(idle_);
  }
  socket_->SetProtocol(shared_from_this());
  const std::weak_ptr<OldClient> weak = weak_from_this();
  socket_->on.connect([weak] {
    if (const auto self = weak.lock()) self->OnConnected();
  });
  socket_->on.data([weak](absl::string_view data) {
    if (const auto self = weak.lock()) self->on.data.Emit(data);
  });
  socket_->on.end([weak] {
    if (const auto self = weak.lock()) self->on.end.Emit();
  });
  socket_->Connect(port_, host_);
}

void OldClient::OnConnected() {
  taken_over_ = false;
  parser_ = std::make_unique<Parser>(
      Parser::Kind::kResponses, socket_, Parser::Limits(),
      [this](const std::shared_ptr<IncomingMessage>& response) {
        return OnMessage(response);
      });
  current_ = nullptr;
  // A request that had been answered has been flushed again. It was a
  // TypeError, and the end of the connection.
  if (requests_.empty()) {
    throw Error("", "Cannot call method 'flush' of undefined");
  }
  current_ = std::move(requests_.front());
  requests_.pop_front();
  Flush(*current_);
  on.connect.Emit();
}

// A response to HEAD is taken to have a body, as it was then.
Parser::Rest OldClient::OnMessage(
    const std::shared_ptr<IncomingMessage>& response) {
  // Announced when all that came with it has been looked at.
  if (response->upgrade()) return Parser::Rest::kOtherProtocol;
  const auto request = current_;
  response->on.end([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->socket_->End();
  });
  if (request != nullptr) request->on.response.Emit(response);
  return Parser::Rest::kBody;
}

void OldClient::OnData(absl::string_view data) {
  const auto self = shared_from_this();
  if (parser_ == nullptr || taken_over_) return;
  if (const auto error = parser_->Execute(data)) {
    socket_->Destroy(*error);
  } else if (parser_->upgraded()) {
    TakeOver();
  }
}

// The bytes are http no more: the program has them of the client's 'data', but
// those that came with the head.
void OldClient::TakeOver() {
  const std::shared_ptr<IncomingMessage> response = parser_->message();
  upgrade_head_ = std::string(parser_->after_upgrade());
  if (current_ != nullptr) current_->on.response.Emit(response);
  response->on.end.Emit();
  taken_over_ = true;
}

void OldClient::OnEnd() {
  const auto self = shared_from_this();
  if (taken_over_) return;
  if (parser_ != nullptr) (void)parser_->Finish();
  socket_->End();
}

void OldClient::OnError(const Error& error) {
  if (!on.error.Emit(error)) throw error;
}

// After an error it never connects again.
void OldClient::OnClose(bool had_error) {
  const auto self = shared_from_this();
  if (!had_error && !requests_.empty() && stack_ != nullptr &&
      ready_state() != "opening") {
    Connect();
  }
  on.close.Emit(had_error);
}

}  // namespace simloop::net::http
