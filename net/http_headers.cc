// The fields of an http message.
#include "net/http_headers.h"

#include "absl/strings/match.h"

namespace simloop::net::http {
namespace {

struct StatusCode {
  int code;
  absl::string_view text;
};

// RFC 9110 section 15, with the texts of Node's STATUS_CODES.
constexpr StatusCode kStatusCodes[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a Teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace

void Headers::Add(absl::string_view name, absl::string_view value) {
  fields_.push_back({std::string(name), std::string(value)});
}

void Headers::Set(absl::string_view name, absl::string_view value) {
  for (Field& field : fields_) {
    if (absl::EqualsIgnoreCase(field.name, name)) {
      field.value = std::string(value);
      return;
    }
  }
  Add(name, value);
}

std::string* Headers::FindMutable(absl::string_view name) {
  for (Field& field : fields_) {
    if (absl::EqualsIgnoreCase(field.name, name)) return &field.value;
  }
  return nullptr;
}

const std::string* Headers::Find(absl::string_view name) const {
  return const_cast<Headers*>(this)->FindMutable(name);
}

absl::string_view StatusText(int status) {
  for (const StatusCode& known : kStatusCodes) {
    if (known.code == status) return known.text;
  }
  return "unknown";
}

}  // namespace simloop::net::http
