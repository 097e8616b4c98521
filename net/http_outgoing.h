// Outgoing: the sending half that ServerResponse and ClientRequest share: it
// forms the head, frames the body (RFC 9112 section 6), and keeps the pieces
// until the message may use its connection. Node's OutgoingMessage.
#ifndef NET_HTTP_OUTGOING_H_
#define NET_HTTP_OUTGOING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "net/http_headers.h"
#include "net/socket.h"

namespace simloop::net::http {

class Outgoing final {
 public:
  // What depends on the kind of message and on the connection.
  struct Framing {
    bool keep_alive = true;          // shouldKeepAlive
    bool chunked_by_default = true;  // useChunkedEncodingByDefault
    bool has_body = true;
    bool send_date = false;
    absl::Duration keep_alive_timeout = absl::ZeroDuration();  // to announce
    // Keep-alive needs neither length nor chunks (a client with an agent).
    bool keep_alive_always = false;
  };

  explicit Outgoing(Stack& stack);

  Framing& framing() { return framing_; }
  const Framing& framing() const { return framing_; }
  bool head_formed() const { return head_formed_; }
  // The connection ends with this message (_last, closeOnFinish).
  bool last() const { return last_; }
  void set_last() { last_ = true; }
  bool ended() const { return ended_; }
  bool has_output() const { return !output_.empty(); }

  // Forms the head from its first line (with CRLF) and fields.
  // `content_length`: of a body that is known as a whole.
  void FormHead(absl::string_view first_line, const Headers& headers,
                std::optional<size_t> content_length);
  // A piece of the body. REQUIRES: head_formed().
  bool Write(absl::string_view data, WriteCallback written);
  // The end of the message; `finished` is called when it is with the kernel.
  // REQUIRES: head_formed().
  void End(absl::string_view data, WriteCallback finished);

  // From now on pieces go to `socket`: what is kept goes at once.
  void Assign(std::shared_ptr<Socket> socket);
  void Detach() { socket_ = nullptr; }
  const std::shared_ptr<Socket>& socket() const { return socket_; }

  // v0.1.96: the pieces, one after the other; Write and End only keep them.
  bool TakeOutput(std::string& piece);

 private:
  struct Piece {
    std::string data;
    WriteCallback written;
  };

  void AddConnectionField(std::string& head, bool has_length);
  void AddLengthField(std::string& head, bool has_trailer,
                      std::optional<size_t> content_length);
  bool Send(absl::string_view data, WriteCallback written);
  bool Keep(std::string data, WriteCallback written);

  Stack& stack_;
  const Quirks& quirks_;
  Framing framing_;
  std::shared_ptr<Socket> socket_;
  std::vector<Piece> output_;
  std::string head_;
  bool head_formed_ = false;
  bool head_sent_ = false;
  bool chunked_ = false;
  bool last_ = false;
  bool ended_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_OUTGOING_H_
