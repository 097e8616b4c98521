// The sending half of an http message: Node's lib/_http_outgoing.js.
#include "net/http_outgoing.h"

#include <charconv>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace simloop::net::http {
namespace {

constexpr absl::string_view kCrlf = "\r\n";

// `trailer`: it is one.
void Validate(const Headers::Field& field, bool trailer = false) {
  if (!IsToken(field.name)) {
    throw Error("ERR_INVALID_HTTP_TOKEN",
                absl::StrCat(trailer ? "Trailer" : "Header",
                             " name must be a valid HTTP token [\"", field.name,
                             "\"]"));
  }
  if (!IsFieldValue(field.value)) {
    throw Error(
        "ERR_INVALID_CHAR",
        absl::StrCat("Invalid character in ", trailer ? "trailer" : "header",
                     " content [\"", field.name, "\"]"));
  }
}

// The value of Content-Length, if it is a number. Mostly it is nothing else.
std::optional<uint64_t> LengthOf(absl::string_view value) {
  const char* const end = value.data() + value.size();
  uint64_t length = 0;
  const auto [parsed, error] = std::from_chars(value.data(), end, length);
  if (error == std::errc() && parsed == end) return length;
  if (absl::SimpleAtoi(value, &length)) return length;  // with blanks
  return std::nullopt;
}

}  // namespace

Outgoing::Outgoing(Stack& stack) : stack_(stack), quirks_(stack.quirks()) {}

void Outgoing::RequireOpen(absl::string_view what) const {
  if (!head_formed_) return;
  throw Error("ERR_HTTP_HEADERS_SENT",
              absl::StrCat("Cannot ", what,
                           " headers after they are sent to the client"));
}

void Outgoing::SetHeader(absl::string_view name, absl::string_view value) {
  RequireOpen("set");
  Validate({std::string(name), std::string(value)});
  headers_.Set(name, value);
}

void Outgoing::AppendHeader(absl::string_view name, absl::string_view value) {
  RequireOpen("append");
  Validate({std::string(name), std::string(value)});
  headers_.Append(name, value);
}

void Outgoing::SetHeaders(const Headers& headers) {
  RequireOpen("set");
  for (const Headers::Field& field : headers.fields()) Validate(field);
  headers_.SetAll(headers);
}

void Outgoing::RemoveHeader(absl::string_view name) {
  RequireOpen("remove");
  headers_.Remove(name);
  if (absl::EqualsIgnoreCase(name, "connection")) removed_connection_ = true;
  if (absl::EqualsIgnoreCase(name, "content-length")) removed_length_ = true;
  if (absl::EqualsIgnoreCase(name, "transfer-encoding")) removed_coding_ = true;
  if (absl::EqualsIgnoreCase(name, "date")) removed_date_ = true;
}

void Outgoing::SetTrailers(const Headers& trailers) {
  trailers_.clear();
  for (const Headers::Field& field : trailers.fields()) {
    Validate(field, /*trailer=*/true);
    absl::StrAppend(&trailers_, field.name, ": ", field.value, kCrlf);
  }
}

Head& Outgoing::BeginHead() {
  head_.Clear();
  return head_;
}

void Outgoing::FormHead(const Headers& headers,
                        std::optional<size_t> content_length) {
  Said said;
  if (unique_.empty()) {
    AddFields(headers, said);
  } else {
    AddFields(headers.Merged(unique_), said);
  }
  if (framing.send_date && !said.date && !removed_date_) {
    head_.Append(stack_.HttpDateField());
  }
  if (chunked_ && framing.never_chunked && !quirks_.old_responses) {
    chunked_ = false;
    framing.keep_alive = false;
  }
  if (removed_connection_) {
    last_ = !framing.keep_alive;
  } else if (!said.connection) {
    AddConnectionField(said);
  }
  if (!said.length && !said.coding) AddLengthField(said, content_length);
  if (!chunked_ && said.trailer && !quirks_.old_responses) {
    throw Error("ERR_HTTP_TRAILER_INVALID",
                "Trailers are invalid with this transfer encoding");
  }
  head_.Append(kCrlf);
  head_formed_ = true;
  if (quirks_.old_responses) {
    head_sent_ = true;
    KeepOld(head_.view());
  } else if (said.expect) {
    SendHead();
  }
}

void Outgoing::AddFields(const Headers& headers, Said& said) {
  if (quirks_.old_responses) {
    for (const auto& field : headers.fields()) AddFieldOld(field, said);
    return;
  }
  const bool valid = headers.valid();
  for (const Headers::Field& field : headers.fields()) {
    if (!valid) Validate(field);  // the first that is not is told
    AddField(field, said);
  }
}

void Outgoing::AddField(const Headers::Field& field, Said& said) {
  const absl::string_view name = field.name;
  head_.Append(name, ": ", field.value, kCrlf);
  switch (name.size()) {  // few names are compared
    case 4:
      if (IsNamed(name, "date")) said.date = true;
      break;
    case 6:
      if (IsNamed(name, "expect")) said.expect = true;
      break;
    case 7:
      if (IsNamed(name, "trailer")) said.trailer = true;
      break;
    case 10:
      if (IsNamed(name, "connection")) {
        AddSaidConnection(field.value, said);
      } else if (IsNamed(name, "keep-alive")) {
        framing.keep_alive_timeout = absl::ZeroDuration();
      }
      break;
    case 14:
      if (IsNamed(name, "content-length")) {
        said.length = true;
        removed_length_ = false;
        said_length_ = LengthOf(field.value);
      }
      break;
    case 17:
      if (IsNamed(name, "transfer-encoding")) {
        said.coding = true;
        removed_coding_ = false;
        if (ListNames(field.value, "chunked")) chunked_ = true;
      }
      break;
  }
}

void Outgoing::AddSaidConnection(absl::string_view value, Said& said) {
  said.connection = true;
  removed_connection_ = false;
  if (ListNames(value, "close")) {
    last_ = true;
  } else {
    framing.keep_alive = true;
  }
}

void Outgoing::AddConnectionField(const Said& said) {
  const bool keep =
      framing.keep_alive && (said.length || framing.chunked_by_default ||
                             framing.keep_alive_without_length);
  if (!keep) {
    last_ = true;
    head_.Append("Connection: close\r\n");
    return;
  }
  if (framing.last_of_connection) {
    // As in Node it is the next request that ends the connection.
    head_.Append("Connection: close\r\n");
    return;
  }
  if (framing.keep_alive_timeout <= absl::ZeroDuration()) {
    head_.Append("Connection: keep-alive\r\n");
    return;
  }
  const int64_t seconds = absl::ToInt64Seconds(framing.keep_alive_timeout);
  head_.Append("Connection: keep-alive\r\nKeep-Alive: timeout=");
  head_.AppendNumber(static_cast<uint64_t>(seconds));
  if (framing.max_requests > 0) {
    head_.Append(", max=");
    head_.AppendNumber(static_cast<uint64_t>(framing.max_requests));
  }
  head_.Append(kCrlf);
}

void Outgoing::AddLengthField(const Said& said,
                              std::optional<size_t> content_length) {
  if (!framing.has_body) {
    chunked_ = false;
  } else if (!framing.chunked_by_default) {
    last_ = true;
  } else if (content_length.has_value() && !said.trailer && !removed_length_) {
    head_.Append("Content-Length: ");
    head_.AppendNumber(*content_length);
    head_.Append(kCrlf);
  } else if (!removed_coding_) {
    head_.Append("Transfer-Encoding: chunked\r\n");
    chunked_ = true;
  } else {
    last_ = true;
  }
}

void Outgoing::CheckLength(size_t bytes, bool last) {
  if (!strict_content_length) return;
  const uint64_t sum = body_bytes_ + bytes;
  // As in Node what is too much is counted, too, and before the head is formed
  // nobody looks.
  body_bytes_ = sum;
  if (!said_length_.has_value() || !framing.has_body || chunked_) return;
  if (last ? sum != *said_length_ : sum > *said_length_) {
    // Nothing undoes what end() has done by then.
    if (last && socket_ != nullptr) socket_->Cork();
    throw Error("ERR_HTTP_CONTENT_LENGTH_MISMATCH",
                absl::StrCat("Response body's content-length of ", sum,
                             " byte(s) does not match the content-length of ",
                             *said_length_, " byte(s) set in header"));
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
  const bool has_room = SendBody(data, std::move(written));
  if (!has_room) need_drain_ = true;
  return has_room;
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
  const size_t unsent =
      output_bytes_ + (socket == nullptr ? 0 : socket->writable_bytes());
  if (framing.has_body && chunked_) {
    Send(absl::StrCat("0\r\n", trailers_, kCrlf), std::move(finished));
  } else if (!head_sent_ || !data.empty() || unsent > 0) {
    Send("", std::move(finished));
  } else if (finished != nullptr) {
    stack_.loop().NextTick(
        [finished = std::move(finished)]() mutable { finished(nullptr); });
  }
  ended_ = true;
  corked_ = 0;
  if (socket != nullptr) socket->UncorkAll();
}

Outgoing::Sent Outgoing::EndAtOnce(absl::string_view data) {
  if (head_sent_ || !output_.empty() || socket_ == nullptr ||
      !socket_->writable() || socket_->corked() ||
      socket_->writable_bytes() > 0) {
    return Sent::kNothing;
  }
  if (chunked_ && framing.has_body) {
    if (!data.empty()) {
      head_.Append(absl::AlphaNum(absl::Hex(data.size())).Piece(), kCrlf, data,
                   kCrlf);
    }
    head_.Append("0\r\n", trailers_, kCrlf);
  } else if (framing.has_body) {
    head_.Append(data);
  }
  head_sent_ = ended_ = true;
  corked_ = 0;
  socket_->WriteAsCorked(head_.view());
  const bool all = socket_->writable_bytes() == 0 && socket_->writable();
  return all ? Sent::kAll : Sent::kPart;
}

bool Outgoing::Send(absl::string_view data, WriteCallback written) {
  if (!head_sent_) {
    head_sent_ = true;
    head_.Append(data);
    data = head_.view();
  }
  return WriteRaw(data, std::move(written));
}

bool Outgoing::WriteRaw(absl::string_view data, WriteCallback written) {
  if (socket_ != nullptr && socket_->destroyed()) return false;
  if (socket_ != nullptr && socket_->writable()) {
    if (!output_.empty()) Flush();
    return socket_->Write(data, std::move(written));
  }
  Keep(data, std::move(written));
  return output_bytes_ < quirks_.write_high_water_bytes;
}

void Outgoing::Keep(absl::string_view data, WriteCallback written) {
  if (abandoned_) {
    output_bytes_ += data.size();
    return;
  }
  output_.push_back({std::string(data), std::move(written)});
  ChangePending(static_cast<std::ptrdiff_t>(data.size()));
}

void Outgoing::ChangePending(std::ptrdiff_t bytes) {
  output_bytes_ =
      static_cast<size_t>(static_cast<std::ptrdiff_t>(output_bytes_) + bytes);
  if (on_pending_ != nullptr) on_pending_(bytes);
}

bool Outgoing::Flush() {
  for (; corked_ > 0; --corked_) socket_->Cork();
  std::vector<Piece> pieces = std::exchange(output_, {});
  if (pieces.empty()) return false;
  const std::shared_ptr<Socket> socket = socket_;
  bool has_room = false;
  socket->Cork();
  for (Piece& piece : pieces) {
    has_room = socket->Write(piece.data, std::move(piece.written));
  }
  socket->Uncork();
  ChangePending(-static_cast<std::ptrdiff_t>(output_bytes_));
  return has_room;
}

bool Outgoing::Assign(std::shared_ptr<Socket> socket) {
  socket_ = std::move(socket);
  return socket_->writable() && Flush();
}

void Outgoing::Cork() {
  if (socket_ != nullptr) {
    socket_->Cork();
  } else {
    ++corked_;
  }
}

void Outgoing::Uncork() {
  if (socket_ != nullptr) {
    socket_->Uncork();
  } else if (corked_ > 0) {
    --corked_;
  }
}

}  // namespace simloop::net::http
