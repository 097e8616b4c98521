// What becomes of a ClientRequest once it has its connection: the listeners of
// Node's lib/_http_client.js.
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "net/http_client.h"
#include "net/http_client_connection.h"

namespace simloop::net::http {
namespace {

Error HangUp() { return Error("ECONNRESET", "socket hang up"); }

}  // namespace

// onSocket(): the request has its socket in the next tick.
void ClientRequest::OnSocket(std::shared_ptr<Socket> socket, bool reused) {
  if (reused) reused_socket_ = true;
  stack_->loop().NextTick(
      [self = shared_from_this(), socket = std::move(socket)] {
        if (self->stack_ == nullptr) return;
        self->socket_ = socket;
        self->TakeSocket();
      });
}

void ClientRequest::TakeSocket() {
  if (destroyed_) {
    DropSocket();
    return;
  }
  // One that is destroyed says so by its 'close', unless that has been.
  const bool gone = socket_->destroyed() && socket_->protocol() == nullptr;
  const auto connection = ClientConnection::Of(*socket_, options_.agent);
  connection->Serve(shared_from_this());
  connection_ = connection;
  const Agent* const agent = options_.agent.get();
  if (options_.timeout.has_value() ||
      (agent != nullptr && agent->options().timeout > absl::ZeroDuration())) {
    ListenForTimeouts();
  }
  if (idle_.has_value()) SetTimeout(*idle_);
  const auto socket = socket_;
  if (gone) {
    OnHangUp();
    EmitClose();
    return;
  }
  out_.Attach(socket);
  on.socket.Emit(socket);
  if (stack_ == nullptr) return;
  const bool writable = socket->writable();
  const bool has_room = out_.Assign(socket);
  if (!writable) return;
  if (ended_) {
    on.prefinish.Emit();
  } else if (has_room && out_.TakeNeedDrain()) {
    on.drain.Emit();
  }
}

// listenSocketTimeout(): for one 'timeout', whatever is set afterwards.
void ClientRequest::ListenForTimeouts() {
  if (!std::exchange(listened_for_timeout_, true)) hears_timeout_ = true;
}

// onSocketNT(): it was destroyed before it had its socket, which may serve
// another.
void ClientRequest::DropSocket() {
  const auto socket = std::exchange(socket_, nullptr);
  if (options_.agent != nullptr && !socket->destroyed()) {
    options_.agent->OnFree(socket, nullptr);
  } else {
    socket->Destroy();
  }
  if (failure_.has_value()) {
    EmitError(*failure_);
  } else if (!aborted_) {
    EmitError(HangUp());
  }
  EmitClose();
}

void ClientRequest::OnDrain() {
  if (!ended_ && out_.TakeNeedDrain()) on.drain.Emit();
}

void ClientRequest::OnFinished() {
  finished_ = true;
  if (response_ended_) FreeSocket();
  on.finish.Emit();
}

// parserOnIncomingClient().
ClientRequest::After ClientRequest::OnResponse(
    const std::shared_ptr<IncomingMessage>& response) {
  const int status = response->status_code();
  response->CloseAfterEnd();
  if (response_ != nullptr) {
    // One more than was asked for. Its body is not taken for another.
    socket_->Destroy();
    response->Dump();
    return After::kBody;
  }
  if (response->upgrade() || options_.method == "CONNECT") {
    return After::kOtherProtocol;
  }
  if (status >= 100 && status < 200 && status != 101) {
    if (status == 100) on.continued.Emit();
    on.information.Emit(*response);
    return After::kNothing;
  }
  response_ = response;
  if (!response->keep_alive()) out_.framing.keep_alive = false;
  response->on.end([self = weak_from_this()] {
    if (const auto request = self.lock()) request->OnResponseEnd();
  });
  if (aborted_ || !on.response.Emit(response)) response->Dump();
  return options_.method == "HEAD" || status == 204 || status == 304
             ? After::kNothing
             : After::kBody;
}

void ClientRequest::OnUpgrade(const std::shared_ptr<IncomingMessage>& response,
                              absl::string_view head) {
  response_ = response;
  const auto socket = socket_;
  Takeover& event = options_.method == "CONNECT" ? on.connect : on.upgrade;
  if (event.count() == 0) {
    socket->Destroy();
    return;
  }
  if (options_.agent != nullptr) options_.agent->Remove(*socket);
  if (const auto connection = connection_.lock()) connection->Release();
  socket->SetProtocol(nullptr);
  event.Emit(response, socket, head);
  destroyed_ = true;
  EmitClose();
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
    if (self->options_.agent != nullptr) {
      self->options_.agent->OnFree(socket, response.get());
    } else {
      socket->Destroy();
    }
  });
}

void ClientRequest::OnHangUp() {
  if (response_ != nullptr || had_error_) return;
  const auto socket = socket_;
  EmitError(HangUp());
  socket->Destroy();
}

void ClientRequest::OnParseError(const Error& error) {
  socket_->Destroy();
  EmitError(error);
}

void ClientRequest::OnSocketError(const Error& error) {
  const auto socket = socket_;
  const absl::Cleanup destroy = [&] { socket->Destroy(); };
  EmitError(error);
}

// socketCloseListener(). A listener that throws keeps 'close' from coming.
void ClientRequest::OnSocketClose() {
  const auto alive = shared_from_this();
  destroyed_ = true;
  // What was not written never will be.
  const absl::Cleanup abandon = [this] { out_.Abandon(); };
  if (response_ == nullptr) {
    EmitError(HangUp());
  } else if (!response_->complete()) {
    response_->Destroy(Error("ECONNRESET", "aborted"));
  }
  EmitClose();
}

// emitRequestTimeout() once, and responseOnTimeout().
void ClientRequest::OnSocketTimeout() {
  const auto alive = shared_from_this();
  if (std::exchange(hears_timeout_, false)) on.timeout.Emit();
  if (response_ != nullptr && !response_ended_) response_->on.timeout.Emit();
}

}  // namespace simloop::net::http
