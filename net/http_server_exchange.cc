// What a connection of an http::Server does with a request whose head has come,
// and with an answer that has gone: parserOnIncoming() and resOnFinish() of
// Node's lib/_http_server.js.
#include <string>
#include <utility>

#include "net/http_server_connection.h"

namespace simloop::net::http {

Parser::Rest ServerConnection::OnMessage(
    const std::shared_ptr<IncomingMessage>& request) {
  if (EndIdle() && server_->options().timeout > absl::ZeroDuration()) {
    socket_->SetTimeout(server_->options().timeout);
  }
  request->JoinDuplicates(server_->options().join_duplicate_headers);
  if (!quirks_.old_responses) request->CloseAfterEnd();
  if (request->upgrade()) {
    if (quirks_.bad_request_is_unanswered || request->method() == "CONNECT" ||
        server_->on.upgrade.count() > 0) {
      return Parser::Rest::kOtherProtocol;
    }
  }
  const auto response = std::make_shared<ServerResponse>(*this, *request);
  request->SetHeld(&held_);
  exchanges_.push_back({request, response});
  if (!quirks_.old_responses) {
    PauseIfFlooded();
    const Server::Options& options = server_->options();
    response->out().framing.keep_alive_timeout = options.keep_alive_timeout;
    response->out().framing.max_requests = options.max_requests_per_socket;
    if (!options.unique_headers.empty()) {
      response->out().SetUniqueHeaders(options.unique_headers);
    }
    if (exchanges_.size() == 1) {
      answering_since_ = socket_->on.newest();
      response->Assign(socket_);
    } else {
      response->out().SetPendingListener(
          [this](std::ptrdiff_t bytes) { OnPending(bytes); });
    }
  }
  Announce(request, response);
  return Parser::Rest::kBody;
}

// If the client does not read, then no more is read from it.
void ServerConnection::PauseIfFlooded() {
  const auto most = static_cast<std::ptrdiff_t>(quirks_.write_high_water_bytes);
  if (held_ || (!socket_->writable_need_drain() && pending_bytes_ < most &&
                exchanges_.size() < kMostExchanges)) {
    return;
  }
  held_ = true;
  socket_->StopReading();
  socket_->on.pause.Emit();
}

void ServerConnection::Announce(
    const std::shared_ptr<IncomingMessage>& request,
    const std::shared_ptr<ServerResponse>& response) {
  const bool is_11 = !quirks_.old_responses && request->version_major() == 1 &&
                     request->version_minor() == 1;
  if (is_11) {
    const Server::Options& options = server_->options();
    if (options.require_host_header && !request->raw_headers().Has("host")) {
      response->WriteHead(400, {{"Connection", "close"}});
      response->End();
      return;
    }
    if (options.max_requests_per_socket > 0) {
      ++requests_;
      response->out().framing.last_of_connection =
          requests_ >= options.max_requests_per_socket;
      if (requests_ > options.max_requests_per_socket) {
        server_->on.drop_request.Emit(request, socket_);
        response->WriteHead(503);
        response->End();
        return;
      }
    }
    if (AnnounceExpecting(request, response)) return;
  }
  server_->on.request.Emit(request, response);
}

// Answers whether the request had an Expect field, and has been announced.
bool ServerConnection::AnnounceExpecting(
    const std::shared_ptr<IncomingMessage>& request,
    const std::shared_ptr<ServerResponse>& response) {
  if (!request->raw_headers().Has("expect")) return false;
  if (ListNames(*request->headers().Find("expect"), "100-continue")) {
    response->ExpectContinue();
    if (server_->on.check_continue.Emit(request, response)) return true;
    response->WriteContinue();
    server_->on.request.Emit(request, response);
  } else if (!server_->on.check_expectation.Emit(request, response)) {
    response->WriteHead(417);
    response->End();
  }
  return true;
}

// onParserExecuteCommon(): the bytes are http no more.
void ServerConnection::TakeOver() {
  const std::shared_ptr<IncomingMessage> request = parser_.message();
  const std::string head(parser_.after_upgrade());
  taken_over_ = true;
  if (!quirks_.old_responses) {
    for (const Exchange& exchange : exchanges_) {
      exchange.request->SetHeld(nullptr);
    }
    Leave();
    socket_->SetProtocol(nullptr);
    if (!exchanges_.empty()) {
      // Their answers may still come. Of the connection's end only that whose
      // turn it is hears.
      socket_->on.close.OnceBehind(
          answering_since_,
          [alive = shared_from_this()](bool) { alive->LeaveAnswers(); });
    }
  }
  Server::Takeover& event =
      request->method() == "CONNECT" && !quirks_.bad_request_is_unanswered
          ? server_->on.connect
          : server_->on.upgrade;
  if (event.count() == 0) {
    socket_->Destroy();
  } else {
    event.Emit(request, socket_, head);
  }
}

void ServerConnection::LeaveAnswers() {
  const auto exchanges = std::exchange(exchanges_, {});
  for (const Exchange& exchange : exchanges) {
    exchange.response->LeaveConnection();
  }
  if (exchanges.empty()) return;
  const auto response = exchanges.front().response;
  if (response->socket() != nullptr) response->EmitClose();
}

// The request's comes after its 'end'. In a tick, unless nobody can tell.
void ServerConnection::EmitCloses(const Exchange& done) {
  loop::EventLoop& loop = socket_->stack().loop();
  const bool unseen = done.request->unseen();
  if (!unseen) done.request->DumpUnread();
  done.response->out().Detach();
  if (done.response->unseen()) {
    done.response->EmitClose();
  } else {
    loop.NextTick([response = done.response] { response->EmitClose(); });
  }
}

// resOnFinish().
void ServerConnection::OnResponseFinished(ServerResponse& response) {
  if (exchanges_.empty() || exchanges_.front().response.get() != &response) {
    return;
  }
  const Exchange done = std::move(exchanges_.front());
  DropFirst();
  response.LeaveConnection();
  EmitCloses(done);
  if (response.out().last()) {
    parser_.busy() ? socket_->DestroySoon() : socket_->DestroySoonAfterAll();
  } else if (!exchanges_.empty()) {
    const auto next = exchanges_.front().response;
    answering_since_ = socket_->on.newest();
    next->Assign(socket_);
  } else {
    BeginIdle();
  }
  if (held_) OnPending(0);
}

}  // namespace simloop::net::http
