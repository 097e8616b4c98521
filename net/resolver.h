// Resolver: how a stack asks for the addresses of a name, without waiting for
// them. An interface because a simulation answers from a table and a live
// process from the network.
#ifndef NET_RESOLVER_H_
#define NET_RESOLVER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "loop/ip.h"

namespace simloop::net {

// Which addresses are asked for.
enum class AddressFamily : uint8_t { kAny = 0, kIpv4 = 4, kIpv6 = 6 };

// What became of a question.
struct Resolution {
  // Empty: there are addresses, in the order of preference. Else as Node names
  // it: "ENOTFOUND", "EAI_AGAIN", "ETIMEOUT".
  std::string error;
  std::vector<loop::Ip> addresses;
};

// Whoever asked is called once. REQUIRES: from a callback of the loop, never
// inside the question.
using ResolveCallback = absl::AnyInvocable<void(const Resolution&)>;

class Resolver {
 public:
  virtual ~Resolver() = default;
  // getaddrinfo(3): `name` is neither an address nor empty.
  virtual void Resolve(absl::string_view name, AddressFamily family,
                       ResolveCallback done) = 0;
};

}  // namespace simloop::net

#endif  // NET_RESOLVER_H_
