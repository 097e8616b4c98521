// The sending half of an http message: Node's lib/_http_outgoing.js.
#include "net/http_outgoing.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace simloop::net::http {
namespace {

constexpr absl::string_view kCrlf = "\r\n";

bool Names(absl::string_view list, absl::string_view token) {
  return absl::StrContains(absl::AsciiStrToLower(list), token);
}

}  // namespace

Outgoing::Outgoing(Stack& stack) : stack_(stack), quirks_(stack.quirks()) {}

void Outgoing::FormHead(absl::string_view first_line, const Headers& headers,
                        std::optional<size_t> content_length) {
  head_ = std::string(first_line);
  for (const Headers::Field& field : headers.fields()) {
    absl::StrAppend(&head_, field.name, ": ", field.value, kCrlf);
  }
  const std::string* const connection = headers.Find("connection");
  const bool has_length = headers.Find("content-length") != nullptr;
  const std::string* const coding = headers.Find("transfer-encoding");
  if (framing.send_date && headers.Find("date") == nullptr) {
    absl::StrAppend(&head_, "Date: ", stack_.HttpDate(), kCrlf);
  }
  if (connection == nullptr) {
    AddConnectionField(has_length);
  } else if (Names(*connection, "close")) {
    last_ = true;
  }
  if (coding != nullptr) {
    chunked_ = Names(*coding, "chunked");
  } else if (!has_length) {
    AddLengthField(content_length);
  }
  head_ += "\r\n";
  head_formed_ = true;
}

void Outgoing::AddConnectionField(bool has_length) {
  if (framing.keep_alive && (has_length || framing.chunked_by_default ||
                             framing.keep_alive_without_length)) {
    head_ += "Connection: keep-alive\r\n";
    const int64_t seconds = absl::ToInt64Seconds(framing.keep_alive_timeout);
    if (seconds > 0) {
      absl::StrAppend(&head_, "Keep-Alive: timeout=", seconds, kCrlf);
    }
  } else {
    last_ = true;
    head_ += "Connection: close\r\n";
  }
}

void Outgoing::AddLengthField(std::optional<size_t> content_length) {
  if (!framing.has_body) return;
  if (!framing.chunked_by_default) {
    last_ = true;
  } else if (content_length.has_value()) {
    absl::StrAppend(&head_, "Content-Length: ", *content_length, kCrlf);
  } else {
    head_ += "Transfer-Encoding: chunked\r\n";
    chunked_ = true;
  }
}

bool Outgoing::Write(absl::string_view data, WriteCallback written) {
  if (!framing.has_body) {
    if (written != nullptr) {
      stack_.loop().NextTick(
          [written = std::move(written)]() mutable { written(nullptr); });
    }
    return true;
  }
  if (socket_ != nullptr && !socket_->corked()) {
    socket_->Cork();
    stack_.loop().NextTick([socket = socket_] { socket->Uncork(); });
  }
  return SendBody(data, std::move(written));
}

bool Outgoing::SendBody(absl::string_view data, WriteCallback written) {
  if (!chunked_ || data.empty()) return Send(data, std::move(written));
  Send(absl::StrCat(absl::Hex(data.size()), kCrlf), nullptr);
  Send(data, nullptr);
  return Send(kCrlf, std::move(written));
}

void Outgoing::End(absl::string_view data, WriteCallback finished) {
  const std::shared_ptr<Socket> socket = socket_;
  if (socket != nullptr) socket->Cork();
  const bool has_data = !data.empty() && framing.has_body;
  if (has_data) SendBody(data, nullptr);
  if (framing.has_body && chunked_) {
    Send("0\r\n\r\n", std::move(finished));
  } else if (!head_sent_ ||
             (!quirks_.old_responses && (!data.empty() || !output_.empty()))) {
    Send("", std::move(finished));
  } else if (finished != nullptr) {
    stack_.loop().NextTick(
        [finished = std::move(finished)]() mutable { finished(nullptr); });
  }
  ended_ = true;
  if (socket != nullptr) socket->UncorkAll();
}

bool Outgoing::Send(absl::string_view data, WriteCallback written) {
  std::string with_head;
  if (!head_sent_) {
    head_sent_ = true;
    with_head = absl::StrCat(head_, data);
    data = with_head;
  }
  if (socket_ != nullptr && socket_->destroyed()) return false;
  if (socket_ != nullptr && socket_->writable()) {
    if (!output_.empty()) Flush();
    return socket_->Write(data, std::move(written));
  }
  // v0.1.96 makes one string of what waits.
  if (quirks_.old_responses && !output_.empty()) {
    absl::StrAppend(&output_.back().data, data);
  } else {
    output_.push_back({std::string(data), std::move(written)});
  }
  output_bytes_ += data.size();
  return output_bytes_ < quirks_.write_high_water_bytes;
}

void Outgoing::Flush() {
  std::vector<Piece> pieces = std::exchange(output_, {});
  output_bytes_ = 0;
  if (pieces.empty()) return;
  socket_->Cork();
  for (Piece& piece : pieces) {
    socket_->Write(piece.data, std::move(piece.written));
  }
  socket_->Uncork();
}

void Outgoing::Assign(std::shared_ptr<Socket> socket) {
  socket_ = std::move(socket);
  if (socket_->writable()) Flush();
}

bool Outgoing::FlushTo(Socket& socket) {
  while (!output_.empty()) {
    if (!socket.writable()) return false;
    const Piece piece = std::move(output_.front());
    output_.erase(output_.begin());
    socket.Write(piece.data);
  }
  return true;
}

}  // namespace simloop::net::http
