// ServerResponse: a server's answer to one request
// (https://nodejs.org/api/http.html#class-httpserverresponse).
#ifndef NET_HTTP_RESPONSE_H_
#define NET_HTTP_RESPONSE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/event.h"
#include "net/http_end_callback.h"
#include "net/http_headers.h"
#include "net/http_incoming.h"
#include "net/http_outgoing.h"
#include "net/socket.h"

namespace simloop::net::http {

class ServerConnection;

class ServerResponse final
    : public Resident,
      public std::enable_shared_from_this<ServerResponse> {
 public:
  struct Events : Emitter {
    // v0.1.96: all has been given to the socket.
    MemberEvent<> sent{*this};
    // Modern only:
    MemberEvent<> prefinish{*this};  // ended, and given to the socket
    MemberEvent<> finish{*this};     // all is with the kernel
    MemberEvent<> close{*this};      // finished, or the connection has gone
    MemberEvent<> drain{*this};
    MemberEvent<> timeout{*this};            // of its connection
    MemberEvent<const Error&> error{*this};  // thrown if nobody listens
  };

  // Made by http::Server.
  ServerResponse(ServerConnection& connection, const IncomingMessage& request);
  ~ServerResponse();
  ServerResponse(const ServerResponse&) = delete;
  ServerResponse& operator=(const ServerResponse&) = delete;

  // res.writeHead(): forms the head; it goes out with the body or End().
  // `headers` come after those of SetHeader(), and replace them. Throws
  // ERR_HTTP_HEADERS_SENT the second time, ERR_HTTP_INVALID_STATUS_CODE, or
  // ERR_INVALID_CHAR; v0.1.96 sends what it is told. An empty `message` is the
  // code's own.
  void WriteHead(int status, const Headers& headers = {}) {
    WriteHead(status, "", headers);
  }
  void WriteHead(int status, absl::string_view message,
                 const Headers& headers = {});
  // Before the head is formed only; see Outgoing.
  void SetHeader(absl::string_view name, absl::string_view value) {
    out_.SetHeader(name, value);
  }
  void AppendHeader(absl::string_view name, absl::string_view value) {
    out_.AppendHeader(name, value);
  }
  void RemoveHeader(absl::string_view name) { out_.RemoveHeader(name); }
  const Headers& headers() const { return out_.headers(); }
  // res.flushHeaders(): sends the head now.
  void FlushHeaders();
  // res.addTrailers(): after a chunked body.
  void AddTrailers(const Headers& trailers) { out_.SetTrailers(trailers); }
  // Informational responses: 100, 102, 103 with its fields; as in Node, nothing
  // is sent if there is no Link among them, and nobody looks at what they hold.
  void WriteContinue(WriteCallback written = nullptr);
  void WriteProcessing(WriteCallback written = nullptr);
  void WriteEarlyHints(const Headers& hints, WriteCallback written = nullptr);

  // res.write(): as Socket::Write(). Without a head before it, one with
  // status_code. After End() it is an 'error' ERR_STREAM_WRITE_AFTER_END.
  // v0.1.96 throws where there is no head, or may be no body (204, 304), and
  // never calls `written`.
  bool Write(absl::string_view data, WriteCallback written = nullptr);
  // res.end(). Modern: without a head before it, the length of `data` is the
  // Content-Length. The second time it does nothing, but that `finished` is
  // told so, and that `data` is an 'error'. v0.1.96: without a head before it
  // nothing is sent, and nothing keeps it from ending twice.
  void End(absl::string_view data = "", EndCallback finished = nullptr);
  // v0.1.96: response.flush(): what is kept goes out, if it is its turn.
  void Flush();
  void Cork() { out_.Cork(); }
  void Uncork() { out_.Uncork(); }
  // res.destroy(): destroys the connection, once it has one.
  void Destroy() { DestroyWith(std::nullopt); }
  void Destroy(const Error& error) { DestroyWith(error); }
  // 'timeout' after so long without activity on the connection; whoever
  // listens decides, and without any listener the connection is destroyed.
  void SetTimeout(absl::Duration idle, Event<>::Listener listener = nullptr);

  bool headers_sent() const { return out_.head_formed(); }
  bool destroyed() const { return destroyed_; }
  bool writable_ended() const { return ended_; }
  // Ended, and all of it with the kernel.
  bool writable_finished() const;
  bool writable_need_drain() const {
    return !destroyed_ && !ended_ && out_.need_drain();
  }
  // What waits for the kernel, or for its turn (writableLength).
  size_t writable_bytes() const;
  // shouldKeepAlive. May be cleared before the head is formed.
  bool should_keep_alive() const { return out_.framing.keep_alive; }
  void set_should_keep_alive(bool keep) { out_.framing.keep_alive = keep; }
  // res.strictContentLength: Write() and End() throw
  // ERR_HTTP_CONTENT_LENGTH_MISMATCH where the body is not as long as its
  // Content-Length says.
  void set_strict_content_length(bool strict) {
    out_.strict_content_length = strict;
  }
  // Null when it is finished, and (modern) before its turn has come. One that
  // has gone meanwhile stays, destroyed.
  const std::shared_ptr<Socket>& socket() const { return out_.socket(); }

  int status_code = 200;
  std::string status_message;  // empty: the code's own
  bool send_date = true;       // modern: a Date field
  Events on;

  // For net's own use.
  Outgoing& out() { return out_; }
  const Outgoing& out() const { return out_; }
  void LeaveConnection();
  void ExpectContinue() { expects_continue_ = true; }
  void Assign(std::shared_ptr<Socket> socket);
  void OnDrain();
  void EmitClose();
  // Nobody listens for its end.
  bool unseen() const { return !on.heard(); }
  void DropListeners() {
    if (on.heard()) on.Clear();
  }
  void Abandon();

 private:
  void DestroyWith(std::optional<Error> error);
  void EndAgain(absl::string_view data, EndCallback finished);
  // http_response_old.cc.
  void WriteHeadOld(int status, absl::string_view message,
                    const Headers& headers);
  bool WriteOld(absl::string_view data);
  void EndOld(absl::string_view data);
  void FormHead(int status, const Headers& headers,
                std::optional<size_t> content_length);
  void OnFinished();
  void FailWrite(absl::string_view code, absl::string_view message,
                 WriteCallback written);

  ServerConnection* connection_;  // null once it has done with this
  Stack* stack_;                  // null once abandoned
  const Quirks& quirks_;
  Outgoing out_;
  std::unique_ptr<const Error> failure_;  // it was destroyed with
  absl::Duration idle_ = absl::ZeroDuration();
  const bool answers_head_;
  bool sets_timeout_ = false;     // when it has its socket
  bool destroys_socket_ = false;  // likewise
  bool expects_continue_ = false;
  bool continued_ = false;
  bool flushing_ = false;  // v0.1.96: the first piece has been kept
  bool ended_ = false;
  bool destroyed_ = false;
  bool closed_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_RESPONSE_H_
