// The addresses of a name: lookup() of Node's lib/dns.js.
#include "net/lookup.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "net/quirks.h"

namespace simloop::net {

using loop::Ip;

namespace {

// v0.1.96 asks for IPv6 only where there is no IPv4, and takes the first.
ResolveCallback TakingOne(ResolveCallback done) {
  return [done = std::move(done)](const Resolution& resolution) mutable {
    Resolution one = resolution;
    std::stable_partition(one.addresses.begin(), one.addresses.end(),
                          [](const Ip& ip) { return ip.is_v4(); });
    if (!one.addresses.empty()) one.addresses.resize(1);
    done(one);
  };
}

// An answer for a program. The stack may be gone by then.
ResolveCallback Telling(Stack& stack, absl::string_view host,
                        LookupCallback done) {
  return [host = std::string(host), quirks = stack.quirks(),
          done = std::move(done)](const Resolution& resolution) mutable {
    if (resolution.error.empty() && !resolution.addresses.empty()) {
      done(nullptr, resolution.addresses);
      return;
    }
    const Error error = LookupError(
        quirks, resolution.error.empty() ? "ENOTFOUND" : resolution.error,
        host);
    done(&error, {});
  };
}

}  // namespace

void Resolve(Stack& stack, absl::string_view host, AddressFamily family,
             LookupCallback done) {
  ResolveCallback tell = Telling(stack, host, std::move(done));
  Resolver* const resolver = stack.options().resolver.get();
  if (resolver != nullptr && !host.empty()) {
    resolver->Resolve(host, family, std::move(tell));
    return;
  }
  stack.loop().NextTick([tell = std::move(tell)]() mutable {
    tell(Resolution{"ENOTFOUND", {}});
  });
}

void Ask(Stack& stack, absl::string_view host, AddressFamily family,
         ResolveCallback done) {
  const bool is_old = stack.quirks().localhost_is_known_at_once;
  std::optional<Ip> ip = Ip::Parse(host);
  if (host == "localhost") {
    ip = family == AddressFamily::kIpv6 ? Ip::Loopback6()
                                        : Ip(loop::Ipv4::Loopback());
    if (is_old) {
      done(Resolution{"", {*ip}});
      return;
    }
  }
  Resolver* const resolver = stack.options().resolver.get();
  if (!ip.has_value() && resolver != nullptr) {
    resolver->Resolve(host, family,
                      is_old ? TakingOne(std::move(done)) : std::move(done));
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
  ResolveCallback tell = Telling(stack, host, std::move(done));
  if (options.ipv4_first) {
    tell = [tell = std::move(tell)](const Resolution& resolution) mutable {
      Resolution sorted = resolution;
      std::stable_partition(sorted.addresses.begin(), sorted.addresses.end(),
                            [](const Ip& ip) { return ip.is_v4(); });
      tell(sorted);
    };
  }
  Ask(stack, host, options.family, std::move(tell));
}

}  // namespace simloop::net
