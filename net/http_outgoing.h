// Outgoing: the sending half that ServerResponse and ClientRequest share: it
// forms the head, frames the body (RFC 9112 section 6), and keeps the pieces
// until the message may use its connection. Node's OutgoingMessage.
#ifndef NET_HTTP_OUTGOING_H_
#define NET_HTTP_OUTGOING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/http_head.h"
#include "net/http_headers.h"
#include "net/socket.h"

namespace simloop::net::http {

class Outgoing final {
 public:
  // What depends on the kind of message and on its connection.
  struct Framing {
    // shouldKeepAlive: the connection is to serve another message.
    bool keep_alive = true;
    // Chunks (or a length) where the program gives no length; else the body
    // lasts until the connection ends.
    bool chunked_by_default = true;
    bool has_body = true;
    // A status (204, 304) whose message cannot be chunked.
    bool never_chunked = false;
    bool send_date = false;
    // Keep-alive needs neither a length nor chunks: a request of an agent.
    bool keep_alive_without_length = false;
    // The connection has served as many requests as it may.
    bool last_of_connection = false;
    // Announced as Keep-Alive: timeout=N, max=M; zero: not announced.
    absl::Duration keep_alive_timeout = absl::ZeroDuration();
    int max_requests = 0;
  };
  // Told how the bytes that are kept have changed.
  using PendingListener = absl::AnyInvocable<void(std::ptrdiff_t)>;

  explicit Outgoing(Stack& stack);

  Framing framing;
  // strictContentLength: CheckLength() looks.
  bool strict_content_length = false;

  // What SetHeader() and its like have gathered. They throw
  // ERR_HTTP_HEADERS_SENT once the head is formed, ERR_INVALID_HTTP_TOKEN and
  // ERR_INVALID_CHAR for what cannot be sent.
  const Headers& headers() const { return headers_; }
  void SetHeader(absl::string_view name, absl::string_view value);
  void AppendHeader(absl::string_view name, absl::string_view value);
  // SetHeader() of all in an object: see Headers::SetAll().
  void SetHeaders(const Headers& headers);
  void RemoveHeader(absl::string_view name);
  // uniqueHeaders: fields of these names are sent as one, joined by "; ".
  void SetUniqueHeaders(std::vector<std::string> names) {
    unique_ = std::move(names);
  }
  // Sent after a chunked body; else they are lost.
  void SetTrailers(const Headers& trailers);

  bool head_formed() const { return head_formed_; }
  // The head is with the connection.
  bool head_sent() const { return head_sent_ && output_.empty(); }
  // The connection is to end with this message (_last, closeOnFinish).
  bool last() const { return last_; }
  void set_last() { last_ = true; }
  bool ended() const { return ended_; }
  bool flushed() const { return output_.empty(); }
  // A Write() answered false, and no 'drain' has come since.
  bool need_drain() const { return need_drain_; }
  bool TakeNeedDrain() { return std::exchange(need_drain_, false); }
  size_t pending_bytes() const { return output_bytes_; }
  void SetPendingListener(PendingListener listener) {
    on_pending_ = std::move(listener);
  }

  // Where the first line is to be written, with its CRLF; FormHead() follows.
  Head& BeginHead();
  // Adds the fields. `content_length`: of a body that is known as a whole.
  void FormHead(const Headers& headers, std::optional<size_t> content_length);
  // The head goes without waiting for the body: flushHeaders().
  // REQUIRES: head_formed().
  void SendHead() { Send("", nullptr); }
  // Bytes before the head: an informational response.
  bool WriteRaw(absl::string_view data, WriteCallback written);
  // strictContentLength: throws ERR_HTTP_CONTENT_LENGTH_MISMATCH if so many
  // more bytes of the body, the last if `last`, are not what Content-Length
  // says. Before the head is formed they are only counted.
  void CheckLength(size_t bytes, bool last);
  // A piece of the body. REQUIRES: head_formed().
  bool Write(absl::string_view data, WriteCallback written);
  // The end of the message; `finished` is called when it is with the kernel.
  // REQUIRES: head_formed().
  void End(absl::string_view data, WriteCallback finished);
  // As End(), where all of the message can go in one write. REQUIRES:
  // head_formed(). kAll: the kernel has it; kPart: the rest waits for it.
  enum class Sent { kNothing, kPart, kAll };
  Sent EndAtOnce(absl::string_view data);
  void Cork();
  void Uncork();

  // From now on pieces go to `socket`, what is kept before the first of them.
  void Attach(std::shared_ptr<Socket> socket) { socket_ = std::move(socket); }
  // Likewise; what is kept goes at once. Answers whether it did, and there is
  // room for more.
  bool Assign(std::shared_ptr<Socket> socket);
  void Detach() { socket_ = nullptr; }
  // No connection comes any more, or the one there was has gone: what is kept,
  // and who waits for it, is let go, and what comes is only counted, as nobody
  // could tell in Node. A callback that is kept may hold the message itself.
  void Abandon() {
    abandoned_ = true;
    output_.clear();
    on_pending_ = nullptr;
  }
  bool abandoned() const { return abandoned_; }
  const std::shared_ptr<Socket>& socket() const { return socket_; }

  // v0.1.96, where what is sent is only kept (http_outgoing_old.cc): a piece of
  // the body, and its end, each as often as the program says.
  void WriteOld(absl::string_view data);
  void EndOld();
  // Writes what is kept to `socket`. Answers false if that is not writable.
  bool FlushTo(Socket& socket);

 private:
  struct Piece {
    std::string data;
    WriteCallback written;
  };
  // What the fields given say of the message.
  struct Said {
    bool connection = false;
    bool length = false;
    bool coding = false;
    bool date = false;
    bool expect = false;
    bool trailer = false;
    bool keep_alive = false;
  };

  void RequireOpen(absl::string_view what) const;
  void AddFields(const Headers& headers, Said& said);
  void AddField(const Headers::Field& field, Said& said);
  void AddFieldOld(const Headers::Field& field, Said& said);
  void KeepOld(absl::string_view data);
  void AddSaidConnection(absl::string_view value, Said& said);
  void AddConnectionField(const Said& said);
  void AddLengthField(const Said& said, std::optional<size_t> content_length);
  bool SendBody(absl::string_view data, WriteCallback written);
  bool Send(absl::string_view data, WriteCallback written);
  bool Flush();
  void Keep(absl::string_view data, WriteCallback written);
  void ChangePending(std::ptrdiff_t bytes);

  Stack& stack_;
  const Quirks& quirks_;
  std::shared_ptr<Socket> socket_;
  std::vector<Piece> output_;
  size_t output_bytes_ = 0;
  PendingListener on_pending_;
  Headers headers_;
  std::vector<std::string> unique_;
  std::optional<uint64_t> said_length_;  // in Content-Length
  uint64_t body_bytes_ = 0;              // of those that were checked
  Head head_;
  std::string trailers_;
  int corked_ = 0;
  bool abandoned_ = false;
  bool head_formed_ = false;
  bool head_sent_ = false;
  bool chunked_ = false;
  bool last_ = false;
  bool ended_ = false;
  bool need_drain_ = false;
  bool removed_connection_ = false;
  bool removed_length_ = false;
  bool removed_coding_ = false;
  bool removed_date_ = false;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_OUTGOING_H_
