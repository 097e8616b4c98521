// A server's answer in Node v0.1.96: ServerResponse of lib/http.js of that
// time, which checks little and sends what it is told, twice if told twice.
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/http_response.h"
#include "net/http_server_connection.h"

namespace simloop::net::http {
namespace {

// Where STATUS_CODES had other words, or none.
absl::string_view OldStatusText(int status) {
  switch (status) {
    case 302:
      return "Moved Temporarily";
    case 408:
      return "Request Time-out";
    case 413:
      return "Request Entity Too Large";
    case 414:
      return "Request-URI Too Large";
    case 504:
      return "Gateway Time-out";
    case 505:
      return "HTTP Version not supported";
  }
  const bool is_known =
      (status >= 100 && status <= 101) || (status >= 200 && status <= 206) ||
      (status >= 300 && status <= 305) || (status >= 400 && status <= 415) ||
      (status >= 500 && status <= 503);
  return is_known ? StatusText(status) : "unknown";
}

}  // namespace

// The second head is sent behind the first.
void ServerResponse::WriteHeadOld(int status, absl::string_view message,
                                  const Headers& headers) {
  status_code = status;
  // A response to HEAD has a body, like any other.
  if (status == 204 || status == 304) out_.framing.has_body = false;
  out_.BeginHead().Append("HTTP/1.1 ", absl::AlphaNum(status).Piece(), " ",
                          message.empty() ? OldStatusText(status) : message,
                          "\r\n");
  if (!out_.headers().empty() && !out_.head_formed()) {
    for (const Headers::Field& field : headers.fields()) {
      out_.SetHeader(field.name, field.value);
    }
    out_.FormHead(out_.headers(), std::nullopt);
  } else {
    out_.FormHead(headers, std::nullopt);
  }
}

bool ServerResponse::WriteOld(absl::string_view data) {
  if (!out_.head_formed()) {
    throw Error("", "writeHead() must be called before write()");
  }
  if (!out_.framing.has_body) {
    throw Error("", "This type of response MUST NOT have a body.");
  }
  out_.WriteOld(data);
  if (std::exchange(flushing_, true)) Flush();
  return true;
}

void ServerResponse::EndOld(absl::string_view data) {
  if (!data.empty()) WriteOld(data);
  out_.EndOld();
  ended_ = true;
  Flush();
}

void ServerResponse::Flush() {
  if (!quirks_.old_responses) {
    FlushHeaders();
    return;
  }
  const auto self = shared_from_this();
  if (connection_ != nullptr) connection_->FlushOld();
}

}  // namespace simloop::net::http
