// Server: an http/1 server over net::Server
// (https://nodejs.org/api/http.html#class-httpserver). It answers pipelined
// requests in their order. Not there: TLS.
#ifndef NET_HTTP_SERVER_H_
#define NET_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/timer.h"
#include "net/error.h"
#include "net/event.h"
#include "net/http_incoming.h"
#include "net/http_response.h"
#include "net/server.h"

namespace simloop::net::http {

class ServerConnection;

class Server final : public Resident,
                     public std::enable_shared_from_this<Server> {
 public:
  using RequestListener =
      absl::AnyInvocable<void(const std::shared_ptr<IncomingMessage>&,
                              const std::shared_ptr<ServerResponse>&)>;

  // Modern only; all may be changed at any time, for what is yet to come.
  struct Options {
    // How long an idle connection is kept; announced to the client, and one
    // second longer in truth. Zero: for ever.
    absl::Duration keep_alive_timeout = absl::Seconds(5);
    // A head, and a whole request, must have come so long after its first byte
    // (or the connection's beginning); else 408 and the end. Zero: no limit.
    // The first is no longer than the second, or ERR_OUT_OF_RANGE is thrown.
    std::optional<absl::Duration> headers_timeout;  // at most a minute
    absl::Duration request_timeout = absl::Minutes(5);
    // How often that is looked at. Fixed when the server listens.
    absl::Duration connections_checking_interval = absl::Seconds(30);
    // server.timeout: an idle connection, even in a request. Zero: no limit.
    absl::Duration timeout = absl::ZeroDuration();
    size_t max_header_bytes = 16 * 1024;  // else 431
    size_t max_headers_count = 1000;      // more are dropped; 0: no limit
    int max_requests_per_socket = 0;      // else 503; 0: no limit
    bool require_host_header = true;      // else 400
    bool no_delay = true;                 // TCP_NODELAY
    bool keep_alive = false;              // SO_KEEPALIVE
    absl::Duration keep_alive_initial_delay = absl::ZeroDuration();
    // A field of a request that comes again is joined by ", " even where Node
    // else keeps the first only (RFC 9110 section 5.3).
    bool join_duplicate_headers = false;
    // Fields of these names are sent as one, joined by "; ".
    std::vector<std::string> unique_headers;
    // Answers go on after the client's FIN (httpAllowHalfOpen).
    bool http_allow_half_open = false;
  };

  using Exchange = Event<const std::shared_ptr<IncomingMessage>&,
                         const std::shared_ptr<ServerResponse>&>;
  using Takeover = Event<const std::shared_ptr<IncomingMessage>&,
                         const std::shared_ptr<Socket>&, absl::string_view>;

  struct Events {
    Exchange request;
    // Expect: 100-continue; without a listener 100 is sent and 'request' comes.
    Exchange check_continue;
    // Another Expect; without a listener the answer is 417.
    Exchange check_expectation;
    // Upgrade and CONNECT: the socket is the listener's, and so is what came
    // after the head. Without a listener Upgrade is an ordinary request
    // (v0.1.96: closed), and CONNECT is closed.
    Takeover upgrade;
    Takeover connect;
    // Beyond max_requests_per_socket; the answer is 503.
    Event<const std::shared_ptr<IncomingMessage>&,
          const std::shared_ptr<Socket>&>
        drop_request;
    // A request that is none. Modern: without a listener the answer is 400,
    // 408, 413 or 431 and the end; with one, both are the listener's. v0.1.96:
    // it is closed.
    Event<const Error&, const std::shared_ptr<Socket>&> client_error;
    // Of a connection, unless its request or response hears it, too. Without
    // any listener the connection is destroyed.
    Event<const std::shared_ptr<Socket>&> timeout;
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
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // As net::Server's.
  void Listen(uint16_t port, absl::string_view host = "", int backlog = 0) {
    net_->Listen(port, host, backlog);
  }
  // A signal in it closes the server as Close() does.
  void Listen(net::Server::ListenOptions options);
  // As net::Server's; modern: idle connections are closed first.
  void Close(absl::AnyInvocable<void(const Error*)> closed = nullptr);
  // Destroys connections: all; those between two requests. Not those that were
  // upgraded.
  void CloseAllConnections();
  void CloseIdleConnections();
  // server.setTimeout().
  void SetTimeout(
      absl::Duration idle,
      Event<const std::shared_ptr<Socket>&>::Listener listener = nullptr);

  std::optional<loop::Address> address() { return net_->address(); }
  bool listening() const { return net_->listening(); }
  size_t connections() const { return net_->connections(); }
  const std::shared_ptr<net::Server>& net() const { return net_; }
  const Options& options() const { return options_; }
  Options& mutable_options() { return options_; }

 private:
  Server(Stack& stack, Options options);
  void DropListenersIfOver();
  void CheckConnections();
  void DropIdle();

  Stack* stack_;  // null once abandoned
  Options options_;
  const Quirks& quirks_;
  const std::shared_ptr<net::Server> net_;
  std::vector<ServerConnection*> connections_;
  // For connections that are in a request; made for the first one, and stopped
  // while there are none, so that it wakes nobody for nothing.
  std::optional<loop::Timer> check_;
  loop::Instant checks_since_;
  // Those between two requests, by when they have been idle for too long. One
  // timer for all, as in Node; made for the first.
  ServerConnection* first_idle_ = nullptr;
  ServerConnection* last_idle_ = nullptr;
  std::optional<loop::Timer> idle_timer_;
  size_t receiving_ = 0;
  uint32_t remembered_ = 0;  // counts connections
  bool checks_ = false;
  bool closed_ = false;

 public:
  Events on;

  // For net's own use: a connection comes and goes, and is in a request.
  void Remember(ServerConnection& connection);
  void Forget(ServerConnection& connection);
  void BeginReceiving();
  void EndReceiving();
  // It is between two requests, until `due` at most; it is not.
  void BeginIdle(ServerConnection& connection, loop::Instant due);
  void EndIdle(ServerConnection& connection);
  void Abandon();
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_SERVER_H_
