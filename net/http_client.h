// ClientRequest: one http/1 request and its response over a connection, its own
// or an Agent's (https://nodejs.org/api/http.html#class-httpclientrequest).
// Modern only: that of v0.1.96 is OldClient. Not there: TLS.
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
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/abort_signal.h"
#include "net/connect_options.h"
#include "net/error.h"
#include "net/event.h"
#include "net/http_agent.h"
#include "net/http_end_callback.h"
#include "net/http_headers.h"
#include "net/http_incoming.h"
#include "net/http_outgoing.h"
#include "net/socket.h"

namespace simloop::net::http {

class ClientConnection;

struct RequestOptions {
  std::string host = "127.0.0.1";  // as Socket::Connect()'s
  uint16_t port = 80;
  std::string method = "GET";  // in any case; sent in upper case
  std::string path = "/";
  // As ConnectOptions's: a Unix socket instead of host and port; where the
  // connection is bound; of which family a name's addresses are to be.
  std::string socket_path;
  std::string local_address;
  AddressFamily family = AddressFamily::kAny;
  // Null: the stack's resolver.
  SharedLookup lookup;
  // Null: net.createConnection(). Without an agent only, which has its own.
  CreateConnection create_connection;
  Headers headers;
  // Fields of these names are sent as one, joined by "; ".
  std::vector<std::string> unique_headers;
  // Host is sent, unless `headers` has it.
  bool set_host = true;
  // "user:password": sent as Authorization: Basic, unless `headers` has it.
  std::string auth;
  // Null: a connection for this request alone, closed after it.
  std::shared_ptr<Agent> agent;
  // 'timeout' after so long without activity, the connecting included.
  std::optional<absl::Duration> timeout;
  // Of the response; as Server::Options's.
  size_t max_header_bytes = 16 * 1024;
  size_t max_headers_count = 1000;
  // Of the response: see Server::Options.
  bool join_duplicate_headers = false;
  // Destroys the request when it is aborted: 'error' ABORT_ERR.
  std::shared_ptr<AbortSignal> signal;
};

ConnectOptions ConnectOptionsOf(const RequestOptions& options);

class ClientRequest final : public Resident,
                            public std::enable_shared_from_this<ClientRequest> {
 public:
  using ResponseListener =
      absl::AnyInvocable<void(const std::shared_ptr<IncomingMessage>&)>;
  using Takeover =
      MemberEvent<const std::shared_ptr<IncomingMessage>&,
                  const std::shared_ptr<Socket>&, absl::string_view>;

  struct Events : Emitter {
    MemberEvent<const std::shared_ptr<Socket>&> socket{*this};
    MemberEvent<const std::shared_ptr<IncomingMessage>&> response{*this};
    // 'continue': 100, also an 'information'; any 1xx, but for 101.
    MemberEvent<> continued{*this};
    MemberEvent<const IncomingMessage&> information{*this};
    // The answers to Upgrade and CONNECT: the socket is the listener's, and so
    // is what came after the head. Without one the connection is destroyed.
    Takeover upgrade{*this};
    Takeover connect{*this};
    MemberEvent<> prefinish{*this};
    MemberEvent<> finish{*this};  // the request is with the kernel
    MemberEvent<> drain{*this};
    MemberEvent<> timeout{*this};  // closes nothing
    MemberEvent<> abort{*this};    // Abort() was called
    MemberEvent<const Error&> error{*this};
    MemberEvent<> close{*this};
  };

  // REQUIRES: a modern stack. Throws ERR_INVALID_HTTP_TOKEN for the method,
  // ERR_UNESCAPED_CHARACTERS for the path, and what Outgoing throws for fields.
  static std::shared_ptr<ClientRequest> Create(Stack& stack,
                                               RequestOptions options,
                                               ResponseListener listener);
  ~ClientRequest();
  ClientRequest(const ClientRequest&) = delete;
  ClientRequest& operator=(const ClientRequest&) = delete;

  // Before the head is formed only; see Outgoing.
  void SetHeader(absl::string_view name, absl::string_view value) {
    out_.SetHeader(name, value);
  }
  void AppendHeader(absl::string_view name, absl::string_view value) {
    out_.AppendHeader(name, value);
  }
  void RemoveHeader(absl::string_view name) { out_.RemoveHeader(name); }
  const Headers& headers() const { return out_.headers(); }
  // req.flushHeaders(): sends the head without waiting for the body.
  void FlushHeaders();
  void AddTrailers(const Headers& trailers) { out_.SetTrailers(trailers); }
  // req.write(): kept until it has its socket, some ticks later.
  bool Write(absl::string_view data, WriteCallback written = nullptr);
  // `finished` is one more listener of 'finish'. The second time: as
  // ServerResponse's.
  void End(absl::string_view data = "", EndCallback finished = nullptr);
  void Cork() { out_.Cork(); }
  void Uncork() { out_.Uncork(); }
  // req.destroy(): destroys the connection. 'error' (`error`, or ECONNRESET
  // "socket hang up" if there is no response yet) and 'close' follow.
  void Destroy() { DestroyWith(std::nullopt); }
  void Destroy(const Error& error) { DestroyWith(error); }
  // req.abort(): Destroy() that says so, and needs no listener of 'error' while
  // it waits for its connection.
  void Abort();
  // 'timeout' after so long without activity on the connection. As in Node it
  // comes once, also where another time is set then.
  void SetTimeout(absl::Duration idle, Event<>::Listener listener = nullptr);

  // Of its socket, once it has one.
  void SetNoDelay(bool on);
  void SetSocketKeepAlive(bool on, absl::Duration idle = absl::ZeroDuration());

  // The connection has served a request before this one.
  bool reused_socket() const { return reused_socket_; }
  bool aborted() const { return aborted_; }
  bool destroyed() const { return destroyed_; }
  bool headers_sent() const { return out_.head_formed(); }
  bool writable_ended() const { return ended_; }
  // Ended, and all of it with the kernel.
  bool writable_finished() const;
  bool writable_need_drain() const {
    return !destroyed_ && !ended_ && out_.need_drain();
  }
  // What waits for the kernel, or for the socket (writableLength).
  size_t writable_bytes() const {
    return out_.pending_bytes() +
           (socket_ == nullptr ? 0 : socket_->writable_bytes());
  }
  // Null before 'socket'.
  const std::shared_ptr<Socket>& socket() const { return socket_; }
  const RequestOptions& options() const { return options_; }
  // As ServerResponse's.
  void set_strict_content_length(bool strict) {
    out_.strict_content_length = strict;
  }

  Events on;

  // For net's own use: what the agent and the connection report.
  void OnSocket(std::shared_ptr<Socket> socket, bool reused);
  // How the rest of what follows the head is to be read.
  enum class After { kBody, kNothing, kOtherProtocol };
  After OnResponse(const std::shared_ptr<IncomingMessage>& response);
  // The response is the last thing of http on `socket`.
  void OnUpgrade(const std::shared_ptr<IncomingMessage>& response,
                 absl::string_view head);
  void OnDrain();
  void OnHangUp();
  void OnParseError(const Error& error);
  void OnSocketError(const Error& error);
  void OnSocketClose();
  void OnSocketTimeout();
  void Abandon();

 private:
  ClientRequest(Stack& stack, RequestOptions options);

  void FormHead(std::optional<size_t> content_length);
  void DestroyWith(std::optional<Error> error);
  void FollowSignal();
  void ForgetSignal();
  void TakeSocket();
  void DropSocket();
  void ListenForTimeouts();
  void OnFinished();
  void OnResponseEnd();
  void FreeSocket();
  void EndAgain(absl::string_view data, EndCallback finished);
  void FailWrite(const Error& error, WriteCallback written);
  void EmitError(const Error& error);
  void EmitClose();
  void LetGo();

  Stack* stack_;  // null once abandoned
  RequestOptions options_;
  Outgoing out_;
  std::shared_ptr<Socket> socket_;
  std::weak_ptr<ClientConnection> connection_;  // that keeps this alive
  std::shared_ptr<IncomingMessage> response_;
  std::optional<Error> failure_;
  std::optional<absl::Duration> idle_;  // to be set when it has its socket
  ListenerId abort_listener_ = 0;
  bool hears_timeout_ = false;  // and will tell
  bool listened_for_timeout_ = false;
  bool ended_ = false;
  bool finished_ = false;
  bool response_ended_ = false;
  bool freed_ = false;
  bool reused_socket_ = false;
  bool aborted_ = false;
  bool abort_due_ = false;  // the event
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
