// ServerResponse: a server's answer to one request
// (https://nodejs.org/api/http.html#class-httpserverresponse).
#ifndef NET_HTTP_RESPONSE_H_
#define NET_HTTP_RESPONSE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "net/event.h"
#include "net/http_headers.h"
#include "net/http_incoming.h"
#include "net/http_outgoing.h"
#include "net/socket.h"

namespace simloop::net::http {

class ServerConnection;

class ServerResponse final
    : public std::enable_shared_from_this<ServerResponse> {
 public:
  struct Events {
    Event<> sent;  // v0.1.96: all has been given to the socket
    // Modern only:
    Event<> prefinish;  // End() has given all to the socket, or kept it
    Event<> finish;     // all is with the kernel
    Event<> close;      // finished, or the connection has gone
    Event<> drain;
  };

  // Made by http::Server.
  ServerResponse(std::shared_ptr<ServerConnection> connection,
                 const IncomingMessage& request);
  ServerResponse(const ServerResponse&) = delete;
  ServerResponse& operator=(const ServerResponse&) = delete;

  // res.writeHead(): forms the head; nothing is sent before the body or End().
  // `headers` are added to those of SetHeader(). Throws ERR_HTTP_HEADERS_SENT
  // the second time.
  void WriteHead(int status, const Headers& headers = {});
  // Before WriteHead() only; throws ERR_HTTP_HEADERS_SENT afterwards.
  void SetHeader(absl::string_view name, absl::string_view value);
  // res.write(): as Socket::Write. Writes a head of status_code() first if
  // there is none. After End(): ERR_STREAM_WRITE_AFTER_END is thrown.
  bool Write(absl::string_view data, WriteCallback written = nullptr);
  // res.end(). Without WriteHead() before it, the length of `data` becomes the
  // Content-Length (modern).
  void End(absl::string_view data = "");

  bool headers_sent() const { return out_.head_formed(); }
  bool writable_ended() const { return ended_; }
  // Null once the response is finished, or before its turn has come.
  const std::shared_ptr<Socket>& socket() const { return out_.socket(); }

  int status_code = 200;
  bool send_date = true;  // modern
  Events on;

  // For net's own use.
  Outgoing& out() { return out_; }
  void Assign(std::shared_ptr<Socket> socket);
  void OnFinished();
  void EmitClose();

 private:
  void FormHead(int status, const Headers& headers,
                std::optional<size_t> content_length);

  std::weak_ptr<ServerConnection> connection_;
  const Quirks& quirks_;
  Outgoing out_;
  Headers headers_;
  bool head_request_;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_RESPONSE_H_
