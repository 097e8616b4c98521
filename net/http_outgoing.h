// Outgoing: the sending half that ServerResponse and ClientRequest share: it
// forms the head, frames the body (RFC 9112 section 6), and keeps the pieces
// until the message may use its connection. Node's OutgoingMessage.
#ifndef NET_HTTP_OUTGOING_H_
#define NET_HTTP_OUTGOING_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/http_headers.h"
#include "net/socket.h"

namespace simloop::net::http {

class Outgoing final {
 public:
  // What depends on the kind of message and on its connection.
  struct Framing {
    bool keep_alive = true;
    // Chunks (or a length) where the program gives no length; else the body
    // lasts until the connection ends.
    bool chunked_by_default = true;
    bool has_body = true;
    bool send_date = false;
    // Keep-alive needs neither a length nor chunks: a request of an agent.
    bool keep_alive_without_length = false;
    // Announced as Keep-Alive: timeout=N; zero: not announced.
    absl::Duration keep_alive_timeout = absl::ZeroDuration();
  };

  explicit Outgoing(Stack& stack);

  Framing framing;

  bool head_formed() const { return head_formed_; }
  // The head is with the connection.
  bool head_sent() const { return head_sent_ && output_.empty(); }
  // The connection is to end with this message (_last, closeOnFinish).
  bool last() const { return last_; }
  void set_last() { last_ = true; }
  bool ended() const { return ended_; }
  bool flushed() const { return output_.empty(); }

  // Forms the head from its first line (with CRLF) and fields.
  // `content_length`: of a body that is known as a whole.
  void FormHead(absl::string_view first_line, const Headers& headers,
                std::optional<size_t> content_length);
  // A piece of the body. REQUIRES: head_formed().
  bool Write(absl::string_view data, WriteCallback written);
  // The end of the message; `finished` is called when it is with the kernel.
  // REQUIRES: head_formed().
  void End(absl::string_view data, WriteCallback finished);

  // From now on pieces go to `socket`; what is kept goes at once.
  void Assign(std::shared_ptr<Socket> socket);
  void Detach() { socket_ = nullptr; }
  // What is kept, and who waits for it, is let go.
  void Abandon() {
    Detach();
    output_.clear();
  }
  const std::shared_ptr<Socket>& socket() const { return socket_; }

  // v0.1.96, where Write() and End() only keep: writes what is kept to
  // `socket`. Answers false if that is not writable.
  bool FlushTo(Socket& socket);

 private:
  struct Piece {
    std::string data;
    WriteCallback written;
  };

  void AddConnectionField(bool has_length);
  void AddLengthField(std::optional<size_t> content_length);
  bool SendBody(absl::string_view data, WriteCallback written);
  bool Send(absl::string_view data, WriteCallback written);
  void Flush();

  Stack& stack_;
  const Quirks& quirks_;
  std::shared_ptr<Socket> socket_;
  std::vector<Piece> output_;
  size_t output_bytes_ = 0;
  std::string head_;
  bool head_formed_ = false;
  bool head_sent_ = false;
  bool chunked_ = false;
  bool last_ = false;
  bool ended_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_OUTGOING_H_
