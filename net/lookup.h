// Lookup(): the addresses of a name, for a program: dns.lookup() of Node
// (https://nodejs.org/api/dns.html).
#ifndef NET_LOOKUP_H_
#define NET_LOOKUP_H_

#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "loop/ip.h"
#include "net/error.h"
#include "net/resolver.h"
#include "net/stack.h"

namespace simloop::net {

struct LookupOptions {
  AddressFamily family = AddressFamily::kAny;
  // verbatim: false: IPv4 before IPv6, and not as the resolver has them.
  bool ipv4_first = false;
};

// Null and the addresses, of which Node gives the first where `all` is not
// asked for; or an error, "ENOTFOUND" and the like, of getaddrinfo.
using LookupCallback =
    absl::AnyInvocable<void(const Error*, const std::vector<loop::Ip>&)>;

// `done` is called once, never inside (but for v0.1.96, which knows "localhost"
// at once). In the next tick: an address is its own, whatever its family, and
// an empty `host` has none, which is no error. v0.1.96 has one address at most.
void Lookup(Stack& stack, absl::string_view host, const LookupOptions& options,
            LookupCallback done);

// dns.resolve4(), dns.resolve6(), as `family` says (kAny: the first of them
// that has an answer): all addresses that the resolver knows of the name,
// whatever it looks like. Of Node's other questions to the domain name system
// there are none.
void Resolve(Stack& stack, absl::string_view host, AddressFamily family,
             LookupCallback done);

// The same for net's own objects, without the error's words; `host` is not
// empty. Without a resolver "localhost" alone is known.
void Ask(Stack& stack, absl::string_view host, AddressFamily family,
         ResolveCallback done);

}  // namespace simloop::net

#endif  // NET_LOOKUP_H_
