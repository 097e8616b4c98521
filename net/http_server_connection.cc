// One connection of an http::Server: connectionListener() of Node's
// lib/_http_server.js, or of v0.1.96's lib/http.js.
#include "net/http_server_connection.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace simloop::net::http {
namespace {

// v0.1.96's parser had a limit of its own.
Parser::Limits LimitsOf(const Quirks& quirks, const Server::Options& options) {
  if (quirks.old_responses) return {80 * 1024, 0};
  return {options.max_header_bytes, options.max_headers_count};
}

// What is answered to what is no request.
absl::string_view StatusOf(const Error& error) {
  if (error.code() == "HPE_HEADER_OVERFLOW") {
    return "431 Request Header Fields Too Large";
  }
  if (error.code() == "HPE_CHUNK_EXTENSIONS_OVERFLOW") {
    return "413 Payload Too Large";
  }
  if (error.code() == "ERR_HTTP_REQUEST_TIMEOUT") return "408 Request Timeout";
  return "400 Bad Request";
}

}  // namespace

void ServerConnection::Start(std::shared_ptr<Server> server,
                             std::shared_ptr<Socket> socket) {
  Socket& s = *socket;
  const auto connection =
      std::make_shared<ServerConnection>(std::move(server), std::move(socket));
  s.SetProtocol(connection);
  connection->server_->Remember(*connection);
  connection->receiving_since_ = s.stack().loop().Now();
  connection->NoteReceiving();
  const int idle_seconds = connection->quirks_.server_idle_seconds;
  const absl::Duration timeout = idle_seconds > 0
                                     ? absl::Seconds(idle_seconds)
                                     : connection->server_->options().timeout;
  if (timeout > absl::ZeroDuration()) s.SetTimeout(timeout);
}

ServerConnection::ServerConnection(std::shared_ptr<Server> server,
                                   std::shared_ptr<Socket> socket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      quirks_(socket_->stack().quirks()),
      parser_(Parser::Kind::kRequests, socket_,
              LimitsOf(quirks_, server_->options()),
              [this](const std::shared_ptr<IncomingMessage>& request) {
                return OnMessage(request);
              }) {}

ServerConnection::~ServerConnection() {
  for (const Exchange& exchange : exchanges_) {
    exchange.response->LeaveConnection();
  }
}

bool ServerConnection::idle() const {
  return !parser_.busy() &&
         (exchanges_.empty() || exchanges_.front().response->writable_ended());
}

// Keeps the server's list of those whose request is coming.
void ServerConnection::NoteReceiving() {
  if (quirks_.server_closes_at_once || receiving_ == parser_.busy()) return;
  receiving_ = parser_.busy();
  if (receiving_) {
    server_->BeginReceiving();
  } else {
    server_->EndReceiving();
  }
}

bool ServerConnection::Expired(loop::Instant now) const {
  if (!receiving_ || socket_->destroyed()) return false;
  const Server::Options& options = server_->options();
  const absl::Duration taken = now - receiving_since_;
  const auto over = [taken](absl::Duration limit) {
    return limit > absl::ZeroDuration() && taken > limit;
  };
  const bool in_head =
      parser_.begun() == 0 || parser_.heads() < parser_.begun();
  return (in_head && over(*options.headers_timeout)) ||
         over(options.request_timeout);
}

bool ServerConnection::ComesBefore(const ServerConnection& other) const {
  if (receiving_ != other.receiving_) return !receiving_;
  if (receiving_ && receiving_since_ != other.receiving_since_) {
    return receiving_since_ < other.receiving_since_;
  }
  return number_ < other.number_;
}

void ServerConnection::OnRequestTimeout() {
  if (std::exchange(receiving_, false)) server_->EndReceiving();
  OnParseError(Error("ERR_HTTP_REQUEST_TIMEOUT", "Request timeout"));
}

// A program's own timeout ends here, as in Node.
void ServerConnection::BeginIdle() {
  const absl::Duration announced = server_->options().keep_alive_timeout;
  if (announced <= absl::ZeroDuration() || left_ || socket_->destroyed()) {
    return;
  }
  if (socket_->has_timeout()) socket_->SetTimeout(absl::ZeroDuration());
  is_idle_ = true;
  server_->BeginIdle(
      *this, socket_->stack().loop().Now() + (announced + absl::Seconds(1)));
}

// Answers whether it was idle.
bool ServerConnection::EndIdle() {
  if (!std::exchange(is_idle_, false)) return false;
  server_->EndIdle(*this);
  return true;
}

void ServerConnection::OnIdleForTooLong() {
  const auto alive = shared_from_this();
  EndIdle();
  OnTimeout();
  socket_->on.timeout.Emit();
}

void ServerConnection::OnData(absl::string_view data) {
  if (taken_over_) return;
  const auto alive = shared_from_this();
  const uint64_t begun = parser_.begun();
  const auto error = parser_.Execute(data);
  if (left_) return;
  if (is_idle_ && EndIdle()) BeginIdle();  // part of a head: activity
  if (parser_.busy()) {
    if (parser_.begun() != begun) {
      receiving_since_ = socket_->stack().loop().Now();
    }
    NoteReceiving();
  } else if (receiving_) {
    NoteReceiving();
  }
  if (error.has_value()) {
    OnParseError(*error);
  } else if (parser_.upgraded()) {
    TakeOver();
  }
}

void ServerConnection::OnParseError(const Error& error) {
  if (quirks_.bad_request_is_unanswered) {
    socket_->Destroy(error);
    return;
  }
  had_error_ = true;
  if (server_->on.client_error.Emit(error, socket_)) return;
  const bool unanswered =
      exchanges_.empty() || !exchanges_.front().response->out().head_sent();
  if (socket_->writable() && unanswered) {
    socket_->Write(absl::StrCat("HTTP/1.1 ", StatusOf(error),
                                "\r\nConnection: close\r\n\r\n"));
  }
  socket_->Destroy(error);
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
    response->LeaveConnection();
    exchanges_.erase(exchanges_.begin());
    if (response->out().last()) {
      socket_->End();
      return;
    }
  }
}

// socketOnEnd().
void ServerConnection::OnEnd() {
  if (taken_over_) return;
  const auto alive = shared_from_this();
  if (const auto error = parser_.Finish()) {
    OnParseError(*error);
    return;
  }
  const bool answers_on = quirks_.request_always_complete ||
                          server_->options().http_allow_half_open;
  if (answers_on && !exchanges_.empty()) {
    exchanges_.back().response->out().set_last();
  } else if (quirks_.request_always_complete || socket_->writable()) {
    // Requests under way are aborted by the socket's 'close', not here.
    socket_->End();
  }
}

void ServerConnection::AbortRequests() {
  std::vector<std::shared_ptr<IncomingMessage>> requests;
  for (const Exchange& exchange : exchanges_) {
    requests.push_back(exchange.request);
  }
  const Error error("ECONNRESET", "aborted");
  for (const auto& request : requests) request->Destroy(error);
}

// updateOutgoingData().
void ServerConnection::OnPending(std::ptrdiff_t bytes) {
  pending_bytes_ += bytes;
  OnDrain();
}

// socketOnDrain().
void ServerConnection::OnDrain() {
  if (quirks_.old_responses) return;
  const auto most = static_cast<std::ptrdiff_t>(quirks_.write_high_water_bytes);
  if (held_ && pending_bytes_ <= most && exchanges_.size() < kMostExchanges) {
    held_ = false;
    if (!socket_->destroyed()) socket_->StartReading();
    if (socket_->on.resume.count() > 0) {
      socket_->stack().loop().NextTick(
          [socket = socket_] { socket->on.resume.Emit(); });
    }
  }
  if (exchanges_.empty()) return;
  const auto response = exchanges_.front().response;
  response->OnDrain();
}

// socketOnError().
void ServerConnection::OnError(const Error& error) {
  if (std::exchange(had_error_, true)) return;
  if (quirks_.bad_request_is_unanswered) {
    server_->on.client_error.Emit(error, socket_);
  } else {
    OnParseError(error);
  }
}

void ServerConnection::Leave() {
  if (std::exchange(left_, true)) return;
  EndIdle();
  if (std::exchange(receiving_, false)) server_->EndReceiving();
  server_->Forget(*this);
}

void ServerConnection::OnClose(bool) {
  const auto alive = shared_from_this();
  AbortRequests();
  const auto exchanges = std::exchange(exchanges_, {});
  for (const Exchange& exchange : exchanges) {
    exchange.response->LeaveConnection();
  }
  Leave();
  // One that was answered before it had come is not aborted.
  if (quirks_.old_responses) return;
  const auto last = parser_.message();
  if (last != nullptr && !last->destroyed()) last->DropListeners();
  // Those whose turn has not come never hear of it.
  for (const Exchange& exchange : exchanges) {
    if (exchange.response->socket() == nullptr) {
      exchange.response->DropListeners();
    }
  }
  if (exchanges.empty() || exchanges.front().response->socket() == nullptr) {
    return;
  }
  // After those that listened to the connection before it was this answer's.
  socket_->on.close.OnceBehind(
      answering_since_,
      [response = exchanges.front().response](bool) { response->EmitClose(); });
}

// socketOnTimeout().
void ServerConnection::OnTimeout() {
  const auto alive = shared_from_this();
  if (quirks_.old_responses) {
    socket_->Destroy();
    return;
  }
  const auto request = parser_.busy() ? parser_.message() : nullptr;
  const auto response =
      exchanges_.empty() ? nullptr : exchanges_.front().response;
  bool heard = request != nullptr && request->on.timeout.Emit();
  if (response != nullptr && response->on.timeout.Emit()) heard = true;
  if (server_->on.timeout.Emit(socket_)) heard = true;
  if (!heard) socket_->Destroy();
}

}  // namespace simloop::net::http
