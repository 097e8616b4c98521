// One connection of an http::Server: connectionListener() of Node's
// lib/_http_server.js, or of v0.1.96's lib/http.js.
#include "net/http_server_connection.h"

#include <utility>
#include <vector>

namespace simloop::net::http {

void ServerConnection::Start(std::shared_ptr<Server> server,
                             std::shared_ptr<Socket> socket) {
  Socket& s = *socket;
  const auto connection =
      std::make_shared<ServerConnection>(std::move(server), std::move(socket));
  s.SetProtocol(connection);
  connection->server_->Remember(*connection);
  const int idle_seconds = connection->quirks_.server_idle_seconds;
  if (idle_seconds > 0) s.SetTimeout(absl::Seconds(idle_seconds));
}

ServerConnection::ServerConnection(std::shared_ptr<Server> server,
                                   std::shared_ptr<Socket> socket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      quirks_(socket_->stack().quirks()),
      parser_(Parser::Kind::kRequests, socket_,
              [this](const std::shared_ptr<IncomingMessage>& request) {
                return OnMessage(request);
              }) {}

void ServerConnection::OnData(absl::string_view data) {
  if (failed_) return;
  const auto alive = shared_from_this();
  if (std::exchange(keep_alive_timer_set_, false)) {
    socket_->SetTimeout(absl::ZeroDuration());
  }
  if (const auto error = parser_.Execute(data)) OnParseError(*error);
}

void ServerConnection::OnParseError(const Error& error) {
  failed_ = true;
  if (quirks_.bad_request_is_unanswered) {
    socket_->Destroy(error);
  } else {
    OnError(error);
  }
}

// Answers whether the request has no body: never.
bool ServerConnection::OnMessage(
    const std::shared_ptr<IncomingMessage>& request) {
  if (request->method() == "CONNECT" ||
      (request->upgrade() && quirks_.bad_request_is_unanswered)) {
    // Nobody listens for 'connect', nor for v0.1.96's 'upgrade'.
    failed_ = true;
    socket_->Destroy();
    return true;
  }
  const auto response = std::make_shared<ServerResponse>(
      shared_from_this(), *request, server_->options().keep_alive_timeout);
  exchanges_.push_back({request, response});
  if (!quirks_.old_responses && exchanges_.size() == 1) {
    response->Assign(socket_);
  }
  const bool wants_host = !quirks_.old_responses &&
                          request->version_major() == 1 &&
                          request->version_minor() == 1;
  if (wants_host && request->headers().Find("host") == nullptr) {
    response->WriteHead(400, {{"Connection", "close"}});
    response->End();
    return false;
  }
  server_->on.request.Emit(request, response);
  return false;
}

void ServerConnection::FlushOld() {
  const auto alive = shared_from_this();
  while (!exchanges_.empty()) {
    const std::shared_ptr<ServerResponse> response =
        exchanges_.front().response;
    if (!response->out().FlushTo(*socket_)) {
      socket_->End();
      return;
    }
    if (!response->out().ended()) return;
    response->on.sent.Emit();
    response->DropListeners();
    if (exchanges_.empty()) return;
    exchanges_.pop_front();
    if (response->out().last()) {
      socket_->End();
      return;
    }
  }
}

// resOnFinish().
void ServerConnection::OnResponseFinished(ServerResponse& response) {
  if (exchanges_.empty() || exchanges_.front().response.get() != &response) {
    return;
  }
  const Exchange done = std::move(exchanges_.front());
  exchanges_.pop_front();
  done.request->Dump();
  done.response->out().Detach();
  loop::EventLoop& loop = socket_->stack().loop();
  loop.NextTick([response = done.response] { response->EmitClose(); });
  loop.NextTick([request = done.request] { request->EmitClose(); });
  if (response.out().last()) {
    socket_->DestroySoon();
  } else if (!exchanges_.empty()) {
    exchanges_.front().response->Assign(socket_);
  } else if (server_->options().keep_alive_timeout > absl::ZeroDuration()) {
    // One second more than announced.
    socket_->SetTimeout(server_->options().keep_alive_timeout +
                        absl::Seconds(1));
    keep_alive_timer_set_ = true;
  }
}

void ServerConnection::OnEnd() {
  if (failed_) return;
  const auto alive = shared_from_this();
  if (const auto error = parser_.Finish()) {
    OnParseError(*error);
    return;
  }
  if (!quirks_.request_always_complete) {
    // Requests under way are aborted by the socket's 'close', not here.
    if (socket_->writable()) socket_->End();
  } else if (exchanges_.empty()) {
    socket_->End();
  } else {
    exchanges_.back().response->out().set_last();
  }
}

void ServerConnection::AbortRequests() {
  std::vector<std::shared_ptr<IncomingMessage>> requests;
  for (const Exchange& exchange : exchanges_) {
    requests.push_back(exchange.request);
  }
  const Error error("ECONNRESET", "aborted");
  for (const auto& request : requests) request->Abort(error);
}

void ServerConnection::OnDrain() {
  if (!exchanges_.empty() && !quirks_.old_responses) {
    const auto response = exchanges_.front().response;
    response->OnDrain();
  }
}

// socketOnError().
void ServerConnection::OnError(const Error& error) {
  if (std::exchange(had_error_, true)) return;
  if (server_->on.client_error.Emit(error, socket_)) return;
  if (quirks_.bad_request_is_unanswered) return;
  const bool unanswered =
      exchanges_.empty() || !exchanges_.front().response->out().head_sent();
  if (socket_->writable() && unanswered) {
    socket_->Write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  }
  socket_->Destroy(error);
}

void ServerConnection::OnClose(bool) {
  const auto alive = shared_from_this();
  AbortRequests();
  const std::deque<Exchange> exchanges = std::exchange(exchanges_, {});
  server_->Forget(*this);
  if (!exchanges.empty() && !quirks_.old_responses) {
    exchanges.front().response->EmitClose();
  }
}

void ServerConnection::OnTimeout() { socket_->Destroy(); }

}  // namespace simloop::net::http
