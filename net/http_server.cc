// An http/1 server over net::Server.
#include "net/http_server.h"

#include <utility>

#include "net/http_server_connection.h"

namespace simloop::net::http {
namespace {

net::Server::Options NetOptions() {
  net::Server::Options options;
  options.allow_half_open = true;
  options.no_delay = true;
  return options;
}

}  // namespace

std::shared_ptr<Server> Server::Create(Stack& stack, Options options,
                                       RequestListener listener) {
  const std::shared_ptr<Server> server(new Server(stack, options));
  if (listener != nullptr) server->on.request(std::move(listener));
  // They keep each other alive until net::Server drops its listeners.
  server->on.connection([server](const std::shared_ptr<Socket>& socket) {
    ServerConnection::Start(server, socket);
  });
  server->on.close([server] {
    server->closed_ = true;
    server->DropListenersIfOver();
  });
  return server;
}

Server::Server(Stack& stack, Options options)
    : options_(options),
      quirks_(stack.quirks()),
      net_(net::Server::Create(stack, NetOptions())),
      on{{},
         {},
         net_->on.listening,
         net_->on.connection,
         net_->on.close,
         net_->on.error} {}

void Server::Close(absl::AnyInvocable<void(const Error*)> closed) {
  const auto alive = shared_from_this();
  if (!quirks_.server_closes_at_once) {
    // Destroying one takes none off the list before its 'close'.
    for (ServerConnection* connection : connections_) {
      if (connection->idle()) connection->Destroy();
    }
  }
  net_->Close(std::move(closed));
}

void Server::Remember(ServerConnection& connection) {
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

// A listener may hold the server it listens to.
void Server::DropListenersIfOver() {
  if (!closed_ || net_->listening() || !connections_.empty()) return;
  on.request.Clear();
  on.client_error.Clear();
}

}  // namespace simloop::net::http
