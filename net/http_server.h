// Server: an http/1 server over net::Server
// (https://nodejs.org/api/http.html#class-httpserver). It answers pipelined
// requests in their order. Not there: TLS, Upgrade, CONNECT, 100-continue,
// trailers, requestTimeout and headersTimeout.
#ifndef NET_HTTP_SERVER_H_
#define NET_HTTP_SERVER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/error.h"
#include "net/event.h"
#include "net/http_incoming.h"
#include "net/http_response.h"
#include "net/server.h"

namespace simloop::net::http {

class ServerConnection;

class Server final : public std::enable_shared_from_this<Server> {
 public:
  using RequestListener =
      absl::AnyInvocable<void(const std::shared_ptr<IncomingMessage>&,
                              const std::shared_ptr<ServerResponse>&)>;

  struct Options {
    // Modern: how long an idle connection is kept; announced to the client,
    // and one second longer in truth. Zero: for ever.
    absl::Duration keep_alive_timeout = absl::Seconds(5);
  };

  struct Events {
    Event<const std::shared_ptr<IncomingMessage>&,
          const std::shared_ptr<ServerResponse>&>
        request;
    // A request that is none. Modern: without a listener the answer is 400 and
    // the end; with one, both are the listener's. v0.1.96: it is closed.
    Event<const Error&, const std::shared_ptr<Socket>&> client_error;
    // net::Server's.
    Event<>& listening;
    Event<const std::shared_ptr<Socket>&>& connection;
    Event<>& close;
    Event<const Error&>& error;
  };

  static std::shared_ptr<Server> Create(Stack& stack, Options options,
                                        RequestListener listener);
  static std::shared_ptr<Server> Create(Stack& stack,
                                        RequestListener listener) {
    return Create(stack, Options(), std::move(listener));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // As net::Server's.
  void Listen(uint16_t port, absl::string_view host = "", int backlog = 0) {
    net_->Listen(port, host, backlog);
  }
  // As net::Server's; modern: idle connections are closed first.
  void Close(absl::AnyInvocable<void(const Error*)> closed = nullptr);
  std::optional<loop::Address> address() { return net_->address(); }
  bool listening() const { return net_->listening(); }
  size_t connections() const { return net_->connections(); }
  const std::shared_ptr<net::Server>& net() const { return net_; }

  const Options& options() const { return options_; }

 private:
  Server(Stack& stack, Options options);
  void DropListenersIfOver();

  const Options options_;
  const Quirks& quirks_;
  const std::shared_ptr<net::Server> net_;
  std::vector<ServerConnection*> connections_;
  bool closed_ = false;

 public:
  Events on;

  // For net's own use: a connection comes and goes.
  void Remember(ServerConnection& connection);
  void Forget(ServerConnection& connection);
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_SERVER_H_
