// ServerResponse: a server's answer to one request
// (https://nodejs.org/api/http.html#class-httpserverresponse).
#ifndef NET_HTTP_RESPONSE_H_
#define NET_HTTP_RESPONSE_H_

#include <cstddef>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "net/event.h"
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
  struct Events {
    Event<> sent;  // v0.1.96: all has been given to the socket
    // Modern only:
    Event<> prefinish;  // ended, and all has been given to the socket
    Event<> finish;     // all is with the kernel
    Event<> close;      // finished, or the connection has gone
    Event<> drain;
  };

  // Made by http::Server.
  ServerResponse(std::shared_ptr<ServerConnection> connection,
                 const IncomingMessage& request,
                 absl::Duration keep_alive_timeout);
  ~ServerResponse() override;
  ServerResponse(const ServerResponse&) = delete;
  ServerResponse& operator=(const ServerResponse&) = delete;

  // res.writeHead(): forms the head; it goes out with the body or End().
  // `headers` come after those of SetHeader(), and replace them. Throws
  // ERR_HTTP_HEADERS_SENT the second time.
  void WriteHead(int status, const Headers& headers = {});
  // Before WriteHead() only; throws ERR_HTTP_HEADERS_SENT afterwards.
  void SetHeader(absl::string_view name, absl::string_view value);
  // res.write(): as Socket::Write(). Without a head before it, one with
  // status_code. After End() ERR_STREAM_WRITE_AFTER_END is thrown in a tick.
  bool Write(absl::string_view data, WriteCallback written = nullptr);
  // res.end(). Modern: without a head before it, the length of `data` is the
  // Content-Length. The second time it does nothing.
  void End(absl::string_view data = "");

  bool headers_sent() const { return out_.head_formed(); }
  bool writable_ended() const { return ended_; }
  bool writable_finished() const { return finished_; }
  // Null when it is finished, and (modern) before its turn has come.
  const std::shared_ptr<Socket>& socket() const { return out_.socket(); }

  int status_code = 200;
  bool send_date = true;  // modern: a Date field
  Events on;

  // For net's own use.
  Outgoing& out() { return out_; }
  void Assign(std::shared_ptr<Socket> socket);
  void OnDrain();
  void EmitClose();
  void DropListeners();
  void Abandon() override;

 private:
  void FormHead(int status, std::optional<size_t> content_length);
  void OnFinished();

  std::weak_ptr<ServerConnection> connection_;
  Stack* stack_;  // null once abandoned
  const Quirks& quirks_;
  Outgoing out_;
  Headers headers_;
  const bool answers_head_;
  bool need_drain_ = false;
  bool flushing_ = false;  // v0.1.96: the first piece has been kept
  bool ended_ = false;
  bool finished_ = false;
  bool closed_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_RESPONSE_H_
