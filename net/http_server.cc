// An http/1 server over net::Server.
#include "net/http_server.h"

#include <algorithm>
#include <utility>

#include "net/http_server_connection.h"

namespace simloop::net::http {
namespace {

net::Server::Options NetOptions(const Server::Options& options) {
  net::Server::Options net_options;
  net_options.allow_half_open = true;
  net_options.no_delay = options.no_delay;
  net_options.keep_alive = options.keep_alive;
  net_options.keep_alive_initial_delay = options.keep_alive_initial_delay;
  return net_options;
}

Server::Options Checked(Server::Options options) {
  const absl::Duration whole = options.request_timeout;
  if (!options.headers_timeout.has_value()) {
    options.headers_timeout = whole > absl::ZeroDuration()
                                  ? std::min(absl::Minutes(1), whole)
                                  : absl::ZeroDuration();
  } else if (whole > absl::ZeroDuration() && *options.headers_timeout > whole) {
    throw Error("ERR_OUT_OF_RANGE",
                "The value of \"headersTimeout\" is out of range. It must be "
                "<= requestTimeout.");
  }
  return options;
}

}  // namespace

std::shared_ptr<Server> Server::Create(Stack& stack, Options options,
                                       RequestListener listener) {
  const std::shared_ptr<Server> server(
      new Server(stack, Checked(std::move(options))));
  if (listener != nullptr) server->on.request(std::move(listener));
  // They keep each other alive until net::Server drops its listeners.
  server->on.connection([server](const std::shared_ptr<Socket>& socket) {
    ServerConnection::Start(server, socket);
  });
  server->on.listening([server] {
    server->checks_ = !server->quirks_.server_closes_at_once;
    server->checks_since_ = server->stack_->loop().Now();
  });
  server->on.close([server] {
    server->closed_ = true;
    server->DropListenersIfOver();
  });
  return server;
}

Server::Server(Stack& stack, Options options)
    : stack_(&stack),
      options_(std::move(options)),
      quirks_(stack.quirks()),
      net_(net::Server::Create(stack, NetOptions(options_))),
      on{{},
         {},
         {},
         {},
         {},
         {},
         {},
         {},
         net_->on.listening,
         net_->on.connection,
         net_->on.close,
         net_->on.error} {
  stack_->MoveIn(*this);
}

Server::~Server() {
  if (stack_ != nullptr) stack_->MoveOut(*this);
}

void Server::Abandon() {
  const auto alive = weak_from_this().lock();
  stack_ = nullptr;
  check_.reset();
  idle_timer_.reset();
}

void Server::Listen(net::Server::ListenOptions options) {
  const auto signal = std::exchange(options.signal, nullptr);
  net_->Listen(std::move(options));
  if (signal == nullptr || quirks_.server_closes_at_once) return;
  if (signal->aborted()) {
    stack_->loop().NextTick([self = shared_from_this()] { self->Close(); });
    return;
  }
  signal->abort.Once([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Close();
  });
}

void Server::Close(absl::AnyInvocable<void(const Error*)> closed) {
  const auto alive = shared_from_this();
  if (!quirks_.server_closes_at_once) {
    CloseIdleConnections();
    checks_ = false;
    check_.reset();
  }
  net_->Close(std::move(closed));
}

void Server::CloseAllConnections() {
  // As in Node: those in no request, then by when it began to come. Destroying
  // one takes none off the list before its 'close'.
  std::vector<ServerConnection*> all = connections_;
  std::sort(all.begin(), all.end(),
            [](const ServerConnection* a, const ServerConnection* b) {
              return a->ComesBefore(*b);
            });
  for (ServerConnection* connection : all) connection->Destroy();
}

void Server::CloseIdleConnections() {
  for (ServerConnection* connection : connections_) {
    if (connection->idle()) connection->Destroy();
  }
}

void Server::SetTimeout(
    absl::Duration idle,
    Event<const std::shared_ptr<Socket>&>::Listener listener) {
  options_.timeout = idle;
  if (listener != nullptr) on.timeout(std::move(listener));
}

void Server::Remember(ServerConnection& connection) {
  connection.number_ = ++remembered_;
  connection.place_ = connections_.size();
  connections_.push_back(&connection);
}

void Server::Forget(ServerConnection& connection) {
  ServerConnection* const last = connections_.back();
  last->place_ = connection.place_;
  connections_[connection.place_] = last;
  connections_.pop_back();
  DropListenersIfOver();
}

// The checks of Node's interval come at whole intervals since 'listening'.
void Server::BeginReceiving() {
  ++receiving_;
  if (stack_ == nullptr || !checks_ || (check_.has_value() && check_->active()))
    return;
  loop::EventLoop& loop = stack_->loop();
  if (!check_.has_value()) {
    check_.emplace(loop, [this] { CheckConnections(); });
    check_->SetRef(false);
  }
  const absl::Duration interval =
      std::max(options_.connections_checking_interval, absl::Milliseconds(1));
  absl::Duration into;
  absl::IDivDuration(loop.Now() - checks_since_, interval, &into);
  check_->Start(interval - into, interval);
}

void Server::EndReceiving() {
  if (--receiving_ == 0 && check_.has_value()) check_->Stop();
}

void Server::CheckConnections() {
  const auto alive = shared_from_this();
  const loop::Instant now = stack_->loop().Now();
  std::vector<std::shared_ptr<ServerConnection>> expired;
  for (ServerConnection* connection : connections_) {
    if (connection->Expired(now)) expired.push_back(connection->Handle());
  }
  for (const auto& connection : expired) connection->OnRequestTimeout();
}

void Server::BeginIdle(ServerConnection& connection, loop::Instant due) {
  if (stack_ == nullptr) return;
  ServerConnection* before = last_idle_;
  while (before != nullptr && before->idle_due_ > due) {
    before = before->idle_before_;
  }
  ServerConnection*& next =
      before == nullptr ? first_idle_ : before->idle_after_;
  connection.idle_due_ = due;
  connection.idle_before_ = before;
  connection.idle_after_ = next;
  (next == nullptr ? last_idle_ : next->idle_before_) = &connection;
  next = &connection;
  if (!idle_timer_.has_value()) {
    idle_timer_.emplace(stack_->loop(), [this] { DropIdle(); });
    idle_timer_->SetRef(false);
  }
  if (before == nullptr &&
      (!idle_timer_->active() || idle_timer_->due() > due)) {
    idle_timer_->Start(due - stack_->loop().Now());
  }
}

void Server::EndIdle(ServerConnection& connection) {
  ServerConnection* const before = connection.idle_before_;
  ServerConnection* const after = connection.idle_after_;
  (before == nullptr ? first_idle_ : before->idle_after_) = after;
  (after == nullptr ? last_idle_ : after->idle_before_) = before;
  if (first_idle_ == nullptr && idle_timer_.has_value()) idle_timer_->Stop();
}

void Server::DropIdle() {
  const auto alive = shared_from_this();
  while (stack_ != nullptr && first_idle_ != nullptr) {
    const loop::Instant now = stack_->loop().Now();
    if (first_idle_->idle_due_ > now) {
      idle_timer_->Start(first_idle_->idle_due_ - now);
      return;
    }
    const auto connection = first_idle_->Handle();
    connection->OnIdleForTooLong();
  }
}

// A listener may hold the server it listens to.
void Server::DropListenersIfOver() {
  if (!closed_ || net_->listening() || !connections_.empty()) return;
  on.request.Clear();
  on.check_continue.Clear();
  on.check_expectation.Clear();
  on.upgrade.Clear();
  on.connect.Clear();
  on.drop_request.Clear();
  on.client_error.Clear();
  on.timeout.Clear();
}

}  // namespace simloop::net::http
