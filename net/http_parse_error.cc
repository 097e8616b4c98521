// The words of Node's llhttp for what is no http.
#include "net/http_parse_error.h"

#include "absl/strings/str_cat.h"

namespace simloop::net::http {
namespace {

// Where this llhttp says it otherwise than Node's, by the byte that it met.
struct OtherWords {
  llhttp_errno_t code;
  absl::string_view reason;
  bool at_line_feed;
  absl::string_view node_code;
  absl::string_view node_reason;
};

constexpr OtherWords kOtherWords[] = {
    {HPE_INVALID_HEADER_TOKEN, "Invalid header value char", true,
     "HPE_CR_EXPECTED", "Missing expected CR after header value"},
    {HPE_INVALID_CHUNK_SIZE, "Invalid character in chunk size", true,
     "HPE_CR_EXPECTED", "Missing expected CR after chunk size"},
    {HPE_STRICT, "Invalid character in chunk extensions value", true,
     "HPE_CR_EXPECTED", "Missing expected CR after chunk extension value"},
    {HPE_STRICT, "Expected CRLF after chunk", true, "HPE_CR_EXPECTED",
     "Missing expected CR after chunk data"},
    {HPE_STRICT, "Expected CRLF after chunk", false, "HPE_STRICT",
     "Expected LF after chunk data"},
    {HPE_INVALID_CONSTANT, "Expected HTTP/", false, "HPE_INVALID_CONSTANT",
     "Expected HTTP/, RTSP/ or ICE/"},
    {HPE_INVALID_STATUS, "Response overflow", false, "HPE_INVALID_STATUS",
     "Invalid response status"},
};

}  // namespace

Error ParseError(absl::string_view code, absl::string_view reason) {
  return Error(code, absl::StrCat("Parse Error: ", reason));
}

Error NodeParseError(llhttp_errno_t code, absl::string_view reason,
                     bool at_line_feed) {
  for (const OtherWords& words : kOtherWords) {
    if (words.code == code && words.reason == reason &&
        words.at_line_feed == at_line_feed) {
      return ParseError(words.node_code, words.node_reason);
    }
  }
  return ParseError(llhttp_errno_name(code), reason);
}

}  // namespace simloop::net::http
