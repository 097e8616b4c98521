// Makes IncomingMessages of the bytes of a connection.
#include "net/http_parser.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace simloop::net::http {
namespace {

// Of these Node keeps the first value only.
constexpr absl::string_view kSingletons[] = {
    "age",
    "authorization",
    "content-length",
    "content-type",
    "etag",
    "expires",
    "from",
    "host",
    "if-modified-since",
    "last-modified",
    "if-unmodified-since",
    "location",
    "max-forwards",
    "proxy-authorization",
    "referer",
    "retry-after",
    "server",
    "user-agent",
};

bool IsSingleton(absl::string_view name) {
  for (const absl::string_view singleton : kSingletons) {
    if (name == singleton) return true;
  }
  return false;
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

const llhttp_settings_t& Parser::Settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_message_begin = [](llhttp_t* p) {
      Of(p).Begin();
      return 0;
    };
    s.on_url = [](llhttp_t* p, const char* at, size_t length) {
      Of(p).message_->url_.append(at, length);
      return 0;
    };
    s.on_status = [](llhttp_t* p, const char* at, size_t length) {
      Of(p).message_->status_message_.append(at, length);
      return 0;
    };
    s.on_header_field = [](llhttp_t* p, const char* at, size_t length) {
      Of(p).field_.append(at, length);
      return 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, size_t length) {
      Of(p).value_.append(at, length);
      return 0;
    };
    s.on_header_value_complete = [](llhttp_t* p) {
      Of(p).AddField();
      return 0;
    };
    s.on_headers_complete = [](llhttp_t* p) {
      return Guard(p, [](Parser& self) { return self.HeadComplete(); });
    };
    s.on_body = [](llhttp_t* p, const char* at, size_t length) {
      return Guard(p, [&](Parser& self) {
        const auto message = self.message_;
        message->OnBody(absl::string_view(at, length));
        return 0;
      });
    };
    s.on_message_complete = [](llhttp_t* p) {
      return Guard(p, [](Parser& self) {
        self.busy_ = false;
        const auto message = self.message_;
        message->OnComplete();
        return 0;
      });
    };
    return s;
  }();
  return settings;
}

Parser::Parser(Kind kind, std::weak_ptr<Socket> socket, OnMessage on_message)
    : socket_(std::move(socket)), on_message_(std::move(on_message)) {
  llhttp_init(&parser_, kind == Kind::kRequests ? HTTP_REQUEST : HTTP_RESPONSE,
              &Settings());
  parser_.data = this;
}

void Parser::Reset() {
  llhttp_reset(&parser_);
  message_ = nullptr;
  busy_ = true;
}

void Parser::Begin() {
  busy_ = true;
  message_ = std::make_shared<IncomingMessage>(socket_.lock());
  field_.clear();
  value_.clear();
}

void Parser::AddField() {
  Headers& headers = message_->headers_;
  absl::AsciiStrToLower(&field_);
  std::string* const before =
      field_ == "set-cookie" ? nullptr : headers.FindMutable(field_);
  if (before == nullptr) {
    headers.Add(field_, value_);
  } else if (!IsSingleton(field_)) {
    absl::StrAppend(before, field_ == "cookie" ? "; " : ", ", value_);
  }
  field_.clear();
  value_.clear();
}

int Parser::HeadComplete() {
  const std::shared_ptr<IncomingMessage> message = message_;
  message->version_major_ = parser_.http_major;
  message->version_minor_ = parser_.http_minor;
  message->status_code_ = parser_.status_code;
  message->keep_alive_ = llhttp_should_keep_alive(&parser_) != 0;
  message->upgrade_ = parser_.upgrade != 0;
  if (parser_.type == HTTP_REQUEST) {
    message->method_ =
        llhttp_method_name(static_cast<llhttp_method_t>(parser_.method));
  }
  // Without an 'upgrade' listener what follows is http all the same.
  parser_.upgrade = 0;
  return on_message_(message) ? 1 : 0;
}

std::optional<Error> Parser::Outcome(llhttp_errno_t code) {
  if (thrown_ != nullptr) {
    std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  if (code == HPE_OK) return std::nullopt;
  const char* const reason = llhttp_get_error_reason(&parser_);
  return Error(llhttp_errno_name(code),
               absl::StrCat("Parse Error: ", reason == nullptr ? "" : reason));
}

std::optional<Error> Parser::Execute(absl::string_view data) {
  return Outcome(llhttp_execute(&parser_, data.data(), data.size()));
}

std::optional<Error> Parser::Finish() {
  return Outcome(llhttp_finish(&parser_));
}

}  // namespace simloop::net::http
