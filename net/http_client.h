// ClientRequest: one http/1 request and its response over a connection, its own
// or an Agent's (https://nodejs.org/api/http.html#class-httpclientrequest).
// Modern only: http.Client of v0.1.96 is not there. Nor are TLS, Upgrade,
// CONNECT, Expect, informational responses and trailers.
//
// 1. A request lives on without a handle until its 'close', and drops its
//    listeners then.
// 2. An 'error' without a listener is thrown.
#ifndef NET_HTTP_CLIENT_H_
#define NET_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/error.h"
#include "net/event.h"
#include "net/http_agent.h"
#include "net/http_headers.h"
#include "net/http_incoming.h"
#include "net/http_outgoing.h"
#include "net/socket.h"

namespace simloop::net::http {

class ClientConnection;

struct RequestOptions {
  std::string host = "127.0.0.1";  // an IPv4 literal or "localhost"
  uint16_t port = 80;
  std::string method = "GET";
  std::string path = "/";
  Headers headers;
  // Null: a connection for this request alone, closed after it.
  std::shared_ptr<Agent> agent;
};

class ClientRequest final : public Resident,
                            public std::enable_shared_from_this<ClientRequest> {
 public:
  using ResponseListener =
      absl::AnyInvocable<void(const std::shared_ptr<IncomingMessage>&)>;

  struct Events {
    Event<const std::shared_ptr<Socket>&> socket;
    Event<const std::shared_ptr<IncomingMessage>&> response;
    Event<> prefinish;
    Event<> finish;   // the request is with the kernel
    Event<> timeout;  // closes nothing
    Event<const Error&> error;
    Event<> close;
  };

  // REQUIRES: a modern stack.
  static std::shared_ptr<ClientRequest> Create(Stack& stack,
                                               RequestOptions options,
                                               ResponseListener listener);
  ~ClientRequest() override;
  ClientRequest(const ClientRequest&) = delete;
  ClientRequest& operator=(const ClientRequest&) = delete;

  // Before the first Write() or End(); throws ERR_HTTP_HEADERS_SENT later.
  void SetHeader(absl::string_view name, absl::string_view value);
  // req.write(): kept until it has its socket, some ticks later.
  bool Write(absl::string_view data, WriteCallback written = nullptr);
  void End(absl::string_view data = "");
  // req.destroy(): destroys the connection. 'error' (`error`, or ECONNRESET
  // "socket hang up" if there is no response yet) and 'close' follow.
  void Destroy();
  void Destroy(const Error& error);
  // 'timeout' after so long without activity on the connection.
  void SetTimeout(absl::Duration idle, Event<>::Listener listener = nullptr);

  // The connection has served a request before this one.
  bool reused_socket() const { return reused_socket_; }
  bool destroyed() const { return destroyed_; }
  // Null before 'socket'.
  const std::shared_ptr<Socket>& socket() const { return socket_; }
  const RequestOptions& options() const { return options_; }

  Events on;

  // For net's own use: what the agent and the connection report.
  void OnSocket(std::shared_ptr<Socket> socket, bool reused);
  bool OnResponse(const std::shared_ptr<IncomingMessage>& response);
  void OnHangUp();
  void OnSocketError(const Error& error);
  void OnSocketClose();
  void OnSocketTimeout();
  void Abandon() override;

 private:
  ClientRequest(Stack& stack, RequestOptions options);

  void FormHead(std::optional<size_t> content_length);
  void TakeSocket();
  void OnFinished();
  void OnResponseEnd();
  void FreeSocket();
  void EmitError(const Error& error);
  void EmitClose();
  void LetGo();

  Stack* stack_;  // null once abandoned
  const RequestOptions options_;
  Outgoing out_;
  Headers headers_;
  std::shared_ptr<Socket> socket_;
  std::weak_ptr<ClientConnection> connection_;  // that keeps this alive
  std::shared_ptr<IncomingMessage> response_;
  std::optional<Error> failure_;
  absl::Duration idle_ = absl::ZeroDuration();
  bool ended_ = false;
  bool finished_ = false;
  bool response_ended_ = false;
  bool freed_ = false;
  bool reused_socket_ = false;
  bool destroyed_ = false;
  bool had_error_ = false;
  bool closed_ = false;
};

// http.request(options, listener). End() sends it.
std::shared_ptr<ClientRequest> Request(
    Stack& stack, RequestOptions options,
    ClientRequest::ResponseListener listener = nullptr);
// http.get(): Request() and End().
std::shared_ptr<ClientRequest> Get(
    Stack& stack, RequestOptions options,
    ClientRequest::ResponseListener listener = nullptr);

}  // namespace simloop::net::http

#endif  // NET_HTTP_CLIENT_H_
