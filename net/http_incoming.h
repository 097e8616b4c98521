// IncomingMessage: a request as a server gets it, or a response as a client
// does (https://nodejs.org/api/http.html#class-httpincomingmessage).
#ifndef NET_HTTP_INCOMING_H_
#define NET_HTTP_INCOMING_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "net/error.h"
#include "net/event.h"
#include "net/http_headers.h"
#include "net/readable.h"
#include "net/socket.h"

namespace simloop::net::http {

class IncomingMessage final
    : public ReadableOwner,
      public std::enable_shared_from_this<IncomingMessage> {
 public:
  struct Events {
    DataEvent data;  // a piece of the body; valid during the call
    Event<> end;
    Event<> pause;
    Event<> resume;
    // Modern only:
    Event<> aborted;            // the connection went first
    Event<const Error&> error;  // ECONNRESET "aborted"; never thrown
    Event<> close;
  };

  explicit IncomingMessage(std::shared_ptr<Socket> socket);
  ~IncomingMessage() override;
  IncomingMessage(const IncomingMessage&) = delete;
  IncomingMessage& operator=(const IncomingMessage&) = delete;

  const std::string& method() const { return method_; }
  const std::string& url() const { return url_; }
  // Of a response.
  int status_code() const { return status_code_; }
  const std::string& status_message() const { return status_message_; }
  // "1.0", "1.1".
  std::string http_version() const;
  // Names are lower-case; of a repeated field Node's rules make one value.
  const Headers& headers() const { return headers_; }
  // All of the message has come.
  bool complete() const { return complete_; }
  bool destroyed() const { return destroyed_; }
  const std::shared_ptr<Socket>& socket() const { return socket_; }

  void Pause();
  void Resume();
  // Destroys the connection if the message is not complete.
  void Destroy();

  Events on;

  // For net's own use: what the parser and the connection report.
  void OnBody(absl::string_view data);
  void OnComplete();
  // req._dump(): throws the body away if nobody wants it.
  void Dump();
  void Abort(const Error& error);
  void EmitClose();
  // The connection is given to somebody else.
  void Detach() { socket_ = nullptr; }

  void OnReadMore() override;
  void OnEndEmitted() override;
  std::shared_ptr<void> Alive() override { return shared_from_this(); }

 private:
  friend class Parser;

  std::shared_ptr<Socket> socket_;
  const Quirks& quirks_;
  Readable readable_;
  std::string method_;
  std::string url_;
  std::string status_message_;
  Headers headers_;
  int status_code_ = 0;
  int version_major_ = 1;
  int version_minor_ = 1;
  bool keep_alive_ = false;  // llhttp_should_keep_alive()
  bool upgrade_ = false;
  bool complete_ = false;
  bool destroyed_ = false;
  bool aborted_ = false;
  bool close_emitted_ = false;

 public:
  // What the message says of its connection.
  bool keep_alive() const { return keep_alive_; }
  bool upgrade() const { return upgrade_; }
  int version_major() const { return version_major_; }
  int version_minor() const { return version_minor_; }
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_INCOMING_H_
