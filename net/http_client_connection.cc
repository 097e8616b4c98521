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
              [this](const std::shared_ptr<IncomingMessage>& response) {
                return request_ == nullptr || request_->OnResponse(response);
              }) {}

void ClientConnection::Serve(std::shared_ptr<ClientRequest> request) {
  request_ = std::move(request);
  parser_.Reset();
  complete_ = false;
}

// socketOnData().
void ClientConnection::OnData(absl::string_view data) {
  const auto alive = shared_from_this();
  const auto request = request_;
  if (request == nullptr || complete_) {
    // Nobody has asked for it.
    socket_.Destroy();
    return;
  }
  if (const auto error = parser_.Execute(data)) {
    socket_.Destroy();
    request->OnSocketError(*error);
    return;
  }
  if (!parser_.busy()) complete_ = true;
}

// socketOnEnd().
void ClientConnection::OnEnd() {
  const auto alive = shared_from_this();
  const auto request = request_;
  if (request == nullptr || complete_) return;
  request->OnHangUp();
  (void)parser_.Finish();
}

void ClientConnection::OnError(const Error& error) {
  if (const auto request = request_) request->OnSocketError(error);
}

void ClientConnection::OnClose(bool) {
  const auto alive = shared_from_this();
  const auto request = std::exchange(request_, nullptr);
  if (agent_ != nullptr) agent_->OnClose(socket_);
  if (request != nullptr) request->OnSocketClose();
}

void ClientConnection::OnTimeout() {
  if (const auto request = request_) {
    request->OnSocketTimeout();
  } else {
    socket_.Destroy();  // an agent's free connection
  }
}

}  // namespace simloop::net::http
