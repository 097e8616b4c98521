// IncomingMessage: a request as a server gets it, or a response as a client
// does (https://nodejs.org/api/http.html#class-httpincomingmessage).
#ifndef NET_HTTP_INCOMING_H_
#define NET_HTTP_INCOMING_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "net/error.h"
#include "net/event.h"
#include "net/http_headers.h"
#include "net/readable.h"
#include "net/socket.h"

namespace simloop::net::http {

class IncomingMessage final
    : public Resident,
      public ReadableOwner,
      public std::enable_shared_from_this<IncomingMessage> {
 public:
  struct Events {
    DataEvent data;  // a piece of the body; valid during the call
    Event<> end;     // after the body
    // Modern only:
    Event<> pause;
    Event<> resume;
    Event<> aborted;            // the connection went before the end
    Event<const Error&> error;  // ECONNRESET "aborted"; never thrown
    Event<> close;
  };

  // Made by Parser. `socket` must not be null.
  explicit IncomingMessage(std::shared_ptr<Socket> socket);
  ~IncomingMessage() override;
  IncomingMessage(const IncomingMessage&) = delete;
  IncomingMessage& operator=(const IncomingMessage&) = delete;

  // Of a request.
  const std::string& method() const { return method_; }
  const std::string& url() const { return url_; }
  // Of a response.
  int status_code() const { return status_code_; }
  const std::string& status_message() const { return status_message_; }
  // "1.0", "1.1".
  std::string http_version() const;
  int version_major() const { return version_major_; }
  int version_minor() const { return version_minor_; }
  // Names are lower-case; a repeated field is one, by Node's rules, but for
  // set-cookie.
  const Headers& headers() const { return headers_; }
  // What the message says of its connection (RFC 9112 section 9.3).
  bool keep_alive() const { return keep_alive_; }
  bool upgrade() const { return upgrade_; }
  // All of the message has come.
  bool complete() const { return complete_; }
  bool aborted() const { return aborted_; }
  // Null when the connection belongs to another message.
  const std::shared_ptr<Socket>& socket() const { return socket_; }

  void Pause();
  void Resume();
  // req.destroy(): destroys the connection, unless all has come and been read.
  void Destroy();

  Events on;

  // For net's own use: what Parser and the connections report.
  void OnBody(absl::string_view data);
  void OnComplete();
  // req._dump(): throws the body away if nobody wants it.
  void Dump();
  void Abort(const Error& error);
  void EmitClose();
  void CloseAfterEnd() { closes_after_end_ = true; }
  void Detach() { socket_ = nullptr; }
  void DropListeners();
  void Abandon() override;

  void OnReadMore() override;
  void EmitEnd() override;
  void EmitPause() override { on.pause.Emit(); }
  void EmitResume() override { on.resume.Emit(); }
  std::shared_ptr<ReadableOwner> Alive() override { return shared_from_this(); }

 private:
  friend class Parser;

  std::shared_ptr<Socket> socket_;
  Stack* stack_;  // null once abandoned
  const Quirks& quirks_;
  Readable readable_;
  std::string method_;
  std::string url_;
  std::string status_message_;
  Headers headers_;
  int status_code_ = 0;
  int version_major_ = 1;
  int version_minor_ = 1;
  bool keep_alive_ = false;
  bool upgrade_ = false;
  bool complete_ = false;
  bool destroyed_ = false;
  bool aborted_ = false;
  bool closes_after_end_ = false;
  bool closed_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_INCOMING_H_
