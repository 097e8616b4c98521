// Cat(): http.cat() of Node v0.1.96: one GET, and all of the body at once.
#ifndef NET_HTTP_CAT_H_
#define NET_HTTP_CAT_H_

#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "net/error.h"
#include "net/http_headers.h"
#include "net/stack.h"

namespace simloop::net::http {

// Why there is no body: a status that is not 2xx, or an error, which is
// "Connection closed unexpectedly" if the connection ended without one.
struct CatFailure {
  int status = 0;
  std::optional<Error> error;
};

// Null and the body, or a failure.
using CatCallback =
    absl::AnyInvocable<void(const CatFailure*, absl::string_view)>;

// `url`: "http://host:port/path?query"; port 80 and the path "/" if it has
// none. Host is sent without the port, in the place of a field "Host". `done`
// is called once. Throws for https, of which there is none. REQUIRES: a stack
// of v0.1.96.
void Cat(Stack& stack, absl::string_view url, const Headers& headers,
         CatCallback done);
inline void Cat(Stack& stack, absl::string_view url, CatCallback done) {
  Cat(stack, url, Headers(), std::move(done));
}

}  // namespace simloop::net::http

#endif  // NET_HTTP_CAT_H_
