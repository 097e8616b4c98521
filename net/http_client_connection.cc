// What a client's connection makes of its bytes: the listeners that Node's
// lib/_http_client.js has on a socket.
#include "net/http_client_connection.h"

#include <utility>

namespace simloop::net::http {

std::shared_ptr<ClientConnection> ClientConnection::Of(
    Socket& socket, std::shared_ptr<Agent> agent) {
  if (socket.protocol() == nullptr) {
    socket.SetProtocol(
        std::make_shared<ClientConnection>(socket, std::move(agent)));
  }
  return std::static_pointer_cast<ClientConnection>(socket.protocol());
}

ClientConnection::ClientConnection(Socket& socket, std::shared_ptr<Agent> agent)
    : socket_(socket),
      agent_(std::move(agent)),
      parser_(Parser::Kind::kResponses, socket.weak_from_this(),
              Parser::Limits(),
              [this](const std::shared_ptr<IncomingMessage>& response) {
                return OnMessage(response);
              }) {}

void ClientConnection::Serve(std::shared_ptr<ClientRequest> request) {
  request_ = std::move(request);
  const RequestOptions& options = request_->options();
  parser_.Reset({options.max_header_bytes, options.max_headers_count});
  complete_ = false;
  // Node adds its listeners anew for each request. Before the first request of
  // a connection nobody has any.
  if (std::exchange(served_, true) && socket_.on.heard()) ListenBehind();
}

void ClientConnection::ListenBehind() {
  behind_ = true;
  end_ = socket_.on.end([this] { HearEnd(); });
  error_ = socket_.on.error([this](const Error& error) { HearError(error); });
  close_ = socket_.on.close([this](bool) { HearClose(); });
}

void ClientConnection::Release() {
  request_ = nullptr;
  if (!std::exchange(behind_, false)) return;
  socket_.on.end.Remove(end_);
  socket_.on.error.Remove(error_);
  socket_.on.close.Remove(close_);
}

Parser::Rest ClientConnection::OnMessage(
    const std::shared_ptr<IncomingMessage>& response) {
  const auto request = request_;
  if (request == nullptr) return Parser::Rest::kNothing;
  response->JoinDuplicates(request->options().join_duplicate_headers);
  switch (request->OnResponse(response)) {
    case ClientRequest::After::kBody:
      return Parser::Rest::kBody;
    case ClientRequest::After::kNothing:
      return Parser::Rest::kNothing;
    case ClientRequest::After::kOtherProtocol:
      return Parser::Rest::kOtherProtocol;
  }
  return Parser::Rest::kNothing;
}

// socketOnData(). What nobody has asked for is dropped.
void ClientConnection::OnData(absl::string_view data) {
  const auto alive = shared_from_this();
  const auto request = request_;
  if (request == nullptr || complete_) return;
  if (const auto error = parser_.Execute(data)) {
    complete_ = true;
    request->OnParseError(*error);
    return;
  }
  if (parser_.upgraded()) {
    complete_ = true;
    request->OnUpgrade(parser_.message(), std::string(parser_.after_upgrade()));
    return;
  }
  if (parser_.busy() || parser_.message() == nullptr) return;
  const int status = parser_.message()->status_code();
  if (status == 101 || status >= 200) complete_ = true;
}

void ClientConnection::OnEnd() {
  if (!behind_) HearEnd();
}

// socketOnEnd().
void ClientConnection::HearEnd() {
  const auto alive = shared_from_this();
  const auto request = request_;
  if (request == nullptr || complete_) return;
  request->OnHangUp();
  (void)parser_.Finish();
  socket_.Destroy();
}

void ClientConnection::OnDrain() {
  if (const auto request = request_) request->OnDrain();
}

void ClientConnection::OnError(const Error& error) {
  if (!behind_) HearError(error);
}

// socketErrorListener(). A response that lasts until the end is complete.
void ClientConnection::HearError(const Error& error) {
  const auto alive = shared_from_this();
  const auto request = request_;
  if (request == nullptr) return;
  request->OnSocketError(error);
  if (!complete_) (void)parser_.Finish();
}

// The agent has listened from the beginning.
void ClientConnection::OnClose(bool) {
  const auto alive = shared_from_this();
  if (agent_ != nullptr) agent_->OnClose(socket_);
  if (!behind_) HearClose();
}

void ClientConnection::HearClose() {
  const auto alive = shared_from_this();
  const auto request = request_;
  Release();
  if (request != nullptr) request->OnSocketClose();
}

void ClientConnection::OnTimeout() {
  const auto alive = shared_from_this();
  if (agent_ != nullptr) agent_->OnTimeout(socket_);
  if (const auto request = request_) request->OnSocketTimeout();
}

}  // namespace simloop::net::http
