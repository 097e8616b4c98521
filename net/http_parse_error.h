// What Node says of bytes that are no http, by what llhttp says of them.
#ifndef NET_HTTP_PARSE_ERROR_H_
#define NET_HTTP_PARSE_ERROR_H_

#include "llhttp.h"

#include "absl/strings/string_view.h"
#include "net/error.h"

namespace simloop::net::http {

// "Parse Error: ...".
Error ParseError(absl::string_view code, absl::string_view reason);

// The words of Node's llhttp where this one's differ. `at_line_feed`: the byte
// that it met.
Error NodeParseError(llhttp_errno_t code, absl::string_view reason,
                     bool at_line_feed);

}  // namespace simloop::net::http

#endif  // NET_HTTP_PARSE_ERROR_H_
