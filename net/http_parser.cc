// Makes IncomingMessages of the bytes of a connection: what llhttp calls, piece
// by piece. llhttp 8 is built in its strict mode; what Node's llhttp 9 refuses
// beyond that is refused here: folded fields, fields without a name, a line
// that ends without CR. The limits are those of Node's src/node_http_parser.cc.
// How it is called, and what that comes to: http_parser_outcome.cc.
#include "net/http_parser.h"

#include <utility>

#include "net/http_parse_error.h"

namespace simloop::net::http {
namespace {

bool IsOld(const std::weak_ptr<Socket>& weak) {
  const auto socket = weak.lock();
  return socket != nullptr && socket->stack().quirks().old_responses;
}

}  // namespace

template <typename F>
int Parser::Guard(llhttp_t* parser, F&& f) {
  Parser& self = Of(parser);
  try {
    return f(self);
  } catch (...) {
    self.thrown_ = std::current_exception();
    return -1;
  }
}

llhttp_settings_t Parser::MakeSettings() {
  llhttp_settings_t s;
  llhttp_settings_init(&s);
  s.on_message_begin = [](llhttp_t* p) { return Of(p).Begin(); };
  s.on_url = [](llhttp_t* p, const char* at, size_t size) {
    return Of(p).OnUrl({at, size});
  };
  s.on_version = [](llhttp_t* p, const char* at, size_t size) {
    return Of(p).OnVersion(at + size);
  };
  s.on_status = [](llhttp_t* p, const char* at, size_t size) {
    return Of(p).OnStatus({at, size});
  };
  s.on_header_field = [](llhttp_t* p, const char* at, size_t size) {
    return Of(p).OnName({at, size});
  };
  s.on_header_field_complete = [](llhttp_t* p) {
    return Of(p).OnNameComplete();
  };
  s.on_header_value = [](llhttp_t* p, const char* at, size_t size) {
    return Of(p).OnValue({at, size});
  };
  s.on_header_value_complete = [](llhttp_t* p) {
    return Of(p).OnValueComplete();
  };
  s.on_headers_complete = [](llhttp_t* p) {
    return Guard(p, [](Parser& self) { return self.OnHead(); });
  };
  s.on_chunk_header = [](llhttp_t* p) { return Of(p).OnChunk(); };
  const llhttp_data_cb extension = [](llhttp_t* p, const char*, size_t size) {
    return Of(p).OnExtension(size);
  };
  s.on_chunk_extension_name = extension;
  s.on_chunk_extension_value = extension;
  s.on_body = [](llhttp_t* p, const char* at, size_t size) {
    const int result = Guard(p, [&](Parser& self) {
      const auto message = self.message_;
      message->OnBody(absl::string_view(at, size));
      return self.AfterPiece() ? 0 : -1;
    });
    if (result == 0) return 0;
    llhttp_set_error_reason(p, kThrew);
    return static_cast<int>(HPE_USER);
  };
  s.on_message_complete = [](llhttp_t* p) {
    return Guard(p, [](Parser& self) { return self.OnComplete(); });
  };
  return s;
}

const llhttp_settings_t& Parser::Settings() {
  static const llhttp_settings_t settings = MakeSettings();
  return settings;
}

Parser::Parser(Kind kind, std::weak_ptr<Socket> socket, Limits limits,
               OnMessage on_message)
    : socket_(std::move(socket)),
      old_(IsOld(socket_)),
      limits_(limits),
      on_message_(std::move(on_message)) {
  llhttp_init(&parser_, kind == Kind::kRequests ? HTTP_REQUEST : HTTP_RESPONSE,
              &Settings());
  parser_.data = this;
}

void Parser::Reset(Limits limits) {
  llhttp_reset(&parser_);
  limits_ = limits;
  message_ = nullptr;
  error_ = nullptr;
  busy_ = true;
  upgraded_ = in_fields_ = in_name_ = in_value_ = quiet_ = false;
  version_ended_ = status_ended_ = line_ended_ = false;
}

// Node's parser reads a server's connection itself, and calls the program for
// each piece of a body apart; a client's is called by the program's own code.
// False: a tick threw, and is the end of the parser.
bool Parser::AfterPiece() {
  const auto socket = socket_.lock();
  if (parser_.type != HTTP_REQUEST || socket == nullptr ||
      socket->on.data.count() > 0) {
    return true;
  }
  tick_threw_ = !socket->stack().loop().RunTicks();
  return !tick_threw_;
}

int Parser::Begin() {
  busy_ = true;
  ++begun_;
  head_bytes_ = extension_bytes_ = 0;
  message_ = std::make_shared<IncomingMessage>(socket_.lock());
  fields_ = &message_->raw_headers_;
  in_fields_ = true;
  return 0;
}

int Parser::Refuse(absl::string_view code, absl::string_view reason) {
  error_ = std::make_unique<const Error>(old_ ? Error("", "Parse Error")
                                              : ParseError(code, reason));
  return HPE_USER;
}

int Parser::RefuseFold() {
  return Refuse("HPE_INVALID_HEADER_TOKEN",
                fields_->last().value.empty()
                    ? "Invalid header value char"
                    : "Unexpected whitespace after header value");
}

int Parser::Track(size_t bytes) {
  head_bytes_ += bytes;
  if (head_bytes_ < limits_.head_bytes) return 0;
  return Refuse("HPE_HEADER_OVERFLOW", "Header overflow");
}

int Parser::OnUrl(absl::string_view piece) {
  message_->url_.append(piece.data(), piece.size());
  return Track(piece.size());
}

int Parser::OnVersion(const char* end) {
  const auto left = static_cast<size_t>(data_.data() + data_.size() - end);
  if (parser_.type == HTTP_RESPONSE) {
    // " 200" is followed by more of the line.
    return left > 4 && end[4] == '\n' ? RefuseStatus() : 0;
  }
  if (left == 0) {
    version_ended_ = true;
  } else if (*end == '\n') {
    return Refuse("HPE_INVALID_VERSION", "Expected CRLF after version");
  }
  return 0;
}

int Parser::RefuseStatus() {
  return Refuse("HPE_INVALID_STATUS", "Invalid response status");
}

int Parser::OnStatus(absl::string_view piece) {
  if (parser_.status_code < 100) {  // fewer than three digits
    return Refuse("HPE_INVALID_STATUS", "Invalid status code");
  }
  const char* const end = piece.data() + piece.size();
  if (end == data_.data() + data_.size()) {
    status_ended_ = true;
  } else if (*end == '\n') {
    return RefuseLine();
  }
  message_->status_message_.append(piece.data(), piece.size());
  return Track(piece.size());
}

int Parser::RefuseLine() {
  return Refuse("HPE_CR_EXPECTED", "Missing expected CR after response line");
}

int Parser::OnName(absl::string_view piece) {
  if (!std::exchange(in_name_, true)) fields_->AddEmpty();
  fields_->last().name.append(piece.data(), piece.size());
  return Track(piece.size());
}

int Parser::OnNameComplete() {
  if (std::exchange(in_name_, false) && !fields_->last().name.empty()) return 0;
  return Refuse("HPE_INVALID_HEADER_TOKEN", "Invalid header token");
}

// llhttp leaves out the line break of a folded field: a gap before the piece.
int Parser::OnValue(absl::string_view piece) {
  const char* const begin = data_.data();
  if (std::exchange(in_value_, true)) {
    const char* const expected = value_end_ == nullptr ? begin : value_end_;
    if (piece.data() != expected) {
      return Refuse("HPE_INVALID_HEADER_TOKEN",
                    "Unexpected whitespace after header value");
    }
  } else {
    const char* before = piece.data();
    while (before > begin && IsBlank(before[-1])) --before;
    if (before > begin && before[-1] == '\n' && !piece.empty()) {
      return Refuse("HPE_INVALID_HEADER_TOKEN", "Invalid header value char");
    }
  }
  value_end_ = piece.data() + piece.size();
  fields_->last().value.append(piece.data(), piece.size());
  return Track(piece.size());
}

int Parser::OnValueComplete() {
  in_value_ = false;
  std::string& value = fields_->last().value;
  while (!old_ && !value.empty() && IsBlank(value.back())) value.pop_back();
  if (limits_.fields > 0 && fields_->fields().size() > limits_.fields) {
    fields_->RemoveLast();
  }
  return 0;
}

int Parser::OnHead() {
  ++heads_;
  head_bytes_ = 0;
  in_fields_ = false;
  const std::shared_ptr<IncomingMessage> message = message_;
  message->version_major_ = parser_.http_major;
  message->version_minor_ = parser_.http_minor;
  message->status_code_ = parser_.status_code;
  message->keep_alive_ = llhttp_should_keep_alive(&parser_) != 0;
  quiet_ = !old_ && parser_.upgrade != 0;
  // It did not look for "upgrade" in Connection.
  message->upgrade_ =
      parser_.upgrade != 0 || (old_ && message->raw_headers_.Has("upgrade"));
  fields_ = &message->raw_trailers_;
  if (parser_.type == HTTP_REQUEST) {
    message->method_ =
        llhttp_method_name(static_cast<llhttp_method_t>(parser_.method));
  }
  if (parser_.type == HTTP_RESPONSE && message->status_code_ < 100) {
    return Refuse("HPE_INVALID_STATUS", "Invalid status code");
  }
  Rest rest = on_message_(message);
  if (old_ && parser_.type == HTTP_RESPONSE && rest == Rest::kBody) {
    rest = RestOfOldResponse();
  }
  // To llhttp 9 what follows is of another protocol, whatever the fields say.
  if (!old_ && parser_.type == HTTP_RESPONSE && message->status_code_ == 101 &&
      rest != Rest::kOtherProtocol) {
    return 2;
  }
  switch (rest) {
    case Rest::kBody:
      return 0;
    case Rest::kNothing:
      return 1;
    case Rest::kOtherProtocol:
      upgraded_ = true;
      return 2;
  }
  return 0;
}

int Parser::OnComplete() {
  busy_ = false;
  in_fields_ = false;
  const bool kept = upgraded_ || parser_.type == HTTP_RESPONSE;
  const auto message = kept ? message_ : std::move(message_);
  if (!kept) fields_ = nullptr;
  message->OnComplete();
  return 0;
}

int Parser::OnChunk() {
  extension_bytes_ = 0;
  in_fields_ = parser_.content_length == 0;
  return 0;
}

int Parser::OnExtension(size_t bytes) {
  extension_bytes_ += bytes;
  if (extension_bytes_ <= 16 * 1024) return 0;
  return Refuse("HPE_CHUNK_EXTENSIONS_OVERFLOW", "Chunk extensions overflow");
}

}  // namespace simloop::net::http
