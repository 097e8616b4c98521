// IncomingMessage: a request as a server gets it, or a response as a client
// does (https://nodejs.org/api/http.html#class-httpincomingmessage).
#ifndef NET_HTTP_INCOMING_H_
#define NET_HTTP_INCOMING_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
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
  struct Events : Emitter {
    MemberEvent<> end{*this};  // after the body
    // Modern only:
    MemberEvent<> pause{*this};
    MemberEvent<> resume{*this};
    MemberEvent<> aborted{*this};  // the connection went before the end
    MemberEvent<> timeout{*this};  // of its connection
    // ECONNRESET "aborted"; never thrown.
    MemberEvent<const Error&> error{*this};
    MemberEvent<> close{*this};
    DataEvent data;  // a piece of the body; valid during the call
  };

  // Made by Parser. `socket` must not be null.
  explicit IncomingMessage(std::shared_ptr<Socket> socket);
  ~IncomingMessage();
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
  // set-cookie. Trailers are there at 'end'.
  const Headers& headers() const;
  const Headers& trailers() const;
  // As they came.
  const Headers& raw_headers() const { return raw_headers_; }
  const Headers& raw_trailers() const { return raw_trailers_; }
  // What the message says of its connection (RFC 9112 section 9.3).
  bool keep_alive() const { return keep_alive_; }
  // It asks for another protocol, or is the answer to that.
  bool upgrade() const { return upgrade_; }
  // All of the message has come.
  bool complete() const { return complete_; }
  bool aborted() const { return aborted_; }
  bool destroyed() const { return destroyed_; }
  // 'end' has been emitted (readableEnded).
  bool readable_ended() const { return readable_.end_emitted(); }
  // As Socket's: whether it flows, and how much of the body waits.
  std::optional<bool> readable_flowing() const { return readable_.mode(); }
  size_t readable_bytes() const { return readable_.buffered_bytes(); }
  // Null when the connection belongs to another message.
  const std::shared_ptr<Socket>& socket() const { return socket_; }

  void Pause();
  void Resume();
  // req.destroy(): destroys the connection, unless all has come and been read;
  // 'aborted', `error` (or none) and 'close' follow.
  void Destroy() { DestroyWith(std::nullopt); }
  void Destroy(const Error& error) { DestroyWith(error); }
  // 'timeout' after so long without activity on the connection.
  void SetTimeout(absl::Duration idle, Event<>::Listener listener = nullptr);

  Events on;

  // For net's own use: what Parser and the connections report.
  void OnBody(absl::string_view data);
  void OnComplete();
  // req._dump(): throws the body away.
  void Dump();
  Stack& stack() const { return *stack_; }
  // Its counts of pipes.
  ReadableBuffer& pipes() { return readable_.buffer(); }
  // Dump() if nobody has begun to read.
  void DumpUnread();
  void EmitClose();
  void CloseAfterEnd() { closes_after_end_ = true; }
  // joinDuplicateHeaders.
  void JoinDuplicates(bool join) { joins_all_ = join; }
  void Detach() { socket_ = nullptr; }
  // While `*held` nothing is read for this message. `held` lives as long as the
  // socket is not destroyed.
  void SetHeld(const bool* held) { held_ = held; }
  // Nobody has a handle or a listener to see what becomes of it.
  bool unseen() const;
  void DropListeners();
  void Abandon();

  void OnReadMore() override;
  void EmitEnd() override;
  void EmitPause() override { on.pause.Emit(); }
  void EmitResume() override { on.resume.Emit(); }
  std::shared_ptr<ReadableOwner> Alive() override { return shared_from_this(); }

 private:
  friend class Parser;

  void ReadOn();
  void DestroyWith(std::optional<Error> error);
  void CloseWith(const std::optional<Error>& error);

  std::shared_ptr<Socket> socket_;
  Stack* stack_;  // null once abandoned
  const Quirks& quirks_;
  Readable readable_;
  std::string method_;
  std::string url_;
  std::string status_message_;
  Headers raw_headers_;
  Headers raw_trailers_;
  // Made of the raw ones when somebody asks.
  mutable std::unique_ptr<const Headers> headers_;
  mutable std::unique_ptr<const Headers> trailers_;
  const bool* held_ = nullptr;
  int status_code_ = 0;
  int version_major_ = 1;
  int version_minor_ = 1;
  bool keep_alive_ = false;
  bool upgrade_ = false;
  bool complete_ = false;
  bool consuming_ = false;
  bool dumped_ = false;
  bool destroyed_ = false;
  bool aborted_ = false;
  bool closes_after_end_ = false;
  bool closed_ = false;
  bool joins_all_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_INCOMING_H_
