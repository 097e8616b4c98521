// The addresses of a name: lookup() of Node's lib/dns.js.
#include "net/lookup.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "net/quirks.h"

namespace simloop::net {

using loop::Ip;

void Ask(Stack& stack, absl::string_view host, AddressFamily family,
         ResolveCallback done) {
  std::optional<Ip> ip = Ip::Parse(host);
  if (host == "localhost") {
    ip = family == AddressFamily::kIpv6 ? Ip::Loopback6()
                                        : Ip(loop::Ipv4::Loopback());
    if (stack.quirks().localhost_is_known_at_once) {
      done(Resolution{"", {*ip}});
      return;
    }
  }
  Resolver* const resolver = stack.options().resolver.get();
  if (!ip.has_value() && resolver != nullptr) {
    resolver->Resolve(host, family, std::move(done));
    return;
  }
  Resolution known;
  if (ip.has_value()) {
    known.addresses = {*ip};
  } else {
    known.error = "ENOTFOUND";
  }
  stack.loop().NextTick(
      [done = std::move(done), known]() mutable { done(known); });
}

void Lookup(Stack& stack, absl::string_view host, const LookupOptions& options,
            LookupCallback done) {
  if (host.empty()) {
    stack.loop().NextTick(
        [done = std::move(done)]() mutable { done(nullptr, {}); });
    return;
  }
  // The stack may be gone by then.
  Ask(stack, host, options.family,
      [host = std::string(host), quirks = stack.quirks(),
       ipv4_first = options.ipv4_first,
       done = std::move(done)](const Resolution& resolution) mutable {
        std::vector<Ip> addresses = resolution.addresses;
        if (!resolution.error.empty() || addresses.empty()) {
          const Error error = LookupError(
              quirks, resolution.error.empty() ? "ENOTFOUND" : resolution.error,
              host);
          done(&error, {});
          return;
        }
        if (ipv4_first) {
          std::stable_partition(addresses.begin(), addresses.end(),
                                [](const Ip& ip) { return ip.is_v4(); });
        }
        if (quirks.localhost_is_known_at_once) addresses.resize(1);
        done(nullptr, addresses);
      });
}

}  // namespace simloop::net
