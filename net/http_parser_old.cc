// What the parser of Node v0.1.96 took for the body of a response.
#include "net/http_parser.h"

namespace simloop::net::http {

// No status is without a body; and without a length there is none, unless the
// connection is to end.
Parser::Rest Parser::RestOfOldResponse() {
  const bool is_11 = parser_.http_major > 0 && parser_.http_minor > 0;
  const bool keeps = is_11 ? (parser_.flags & F_CONNECTION_CLOSE) == 0
                           : (parser_.flags & F_CONNECTION_KEEP_ALIVE) != 0;
  if (keeps && (parser_.flags & (F_CONTENT_LENGTH | F_CHUNKED)) == 0) {
    return Rest::kNothing;
  }
  parser_.status_code = 200;
  return Rest::kBody;
}

}  // namespace simloop::net::http
