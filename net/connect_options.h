// ConnectOptions: where socket.connect() goes, and how
// (https://nodejs.org/api/net.html#socketconnectoptions-connectlistener).
#ifndef NET_CONNECT_OPTIONS_H_
#define NET_CONNECT_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/resolver.h"

namespace simloop::net {

// The option `lookup`: asks for the addresses of a host; `done` is called at
// once or later, from a callback of the loop.
using LookupFunction = absl::AnyInvocable<void(
    absl::string_view host, AddressFamily family, ResolveCallback done)>;

struct ConnectOptions {
  uint16_t port = 0;
  // An address, or a name; empty: 127.0.0.1.
  std::string host;
  // A Unix socket's pathname; if it is not empty, host and port are not looked
  // at.
  std::string path;
  // Where it is bound to first, bind(2); modern.
  std::string local_address;
  uint16_t local_port = 0;
  // Which addresses of a name are looked at.
  AddressFamily family = AddressFamily::kAny;
  // Null: the stack's resolver.
  LookupFunction lookup;
  // Modern: a name's addresses are tried one after the other, by turns of
  // family (RFC 8305 in Node's reading); each but the last gets so long, at
  // least 10 ms.
  bool auto_select_family = true;
  absl::Duration auto_select_family_attempt_timeout = absl::Milliseconds(250);
};

}  // namespace simloop::net

#endif  // NET_CONNECT_OPTIONS_H_
