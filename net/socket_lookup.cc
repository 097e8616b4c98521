// From a socket's host to the addresses it is to try. The names in the comments
// are those of Node's lib/net.js.
#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "net/lookup.h"
#include "net/socket.h"

namespace simloop::net {

using loop::Address;
using loop::Ip;

// A step that is due, unless this attempt is over by then.
loop::Task Socket::IfStillConnecting(void (Socket::*step)()) {
  return [self = shared_from_this(), attempt = attempt_, step] {
    if (self->stack_ == nullptr || attempt != self->attempt_) return;
    if (self->connecting_) (*self.*step)();
  };
}

ResolveCallback Socket::OnAnswer() {
  return [self = shared_from_this(),
          attempt = attempt_](const Resolution& resolution) {
    if (self->stack_ == nullptr || attempt != self->attempt_) return;
    if (self->connecting_) self->OnResolved(resolution);
  };
}

// lookupAndConnect().
void Socket::LookUp() {
  Dial& dial = *this->dial();
  const ConnectOptions& options = dial.options;
  is_unix_ = !options.path.empty();
  if (is_unix_) {
    dial.addresses.push_back(Address::Unix(options.path));
    v0196_ ? BeginOld() : TryNext();
    return;
  }
  const std::optional<Ip> ip = options.host.empty() ? Ip(loop::Ipv4::Loopback())
                                                    : Ip::Parse(options.host);
  if (ip.has_value()) {
    dial.addresses.push_back(Address::Of({*ip, options.port}));
    stack_->loop().NextTick(
        IfStillConnecting(v0196_ ? &Socket::BeginOld : &Socket::TryNext));
    return;
  }
  const std::string host = options.host;
  if (dial.options.lookup != nullptr && !v0196_) {
    // It may destroy the socket, and the options with it.
    LookupFunction lookup = std::move(dial.options.lookup);
    lookup(host, options.family, OnAnswer());
    return;
  }
  Ask(*stack_, host, options.family, OnAnswer());
}

// emitLookup().
void Socket::OnResolved(const Resolution& resolution) {
  const auto alive = shared_from_this();
  const uint16_t attempt = attempt_;
  const bool nothing = resolution.error.empty() && resolution.addresses.empty();
  if (nothing || !resolution.error.empty()) {
    FailLookup(nothing ? "ENOTFOUND" : absl::string_view(resolution.error));
    return;
  }
  if (v0196_) {
    dial()->addresses = {
        Address::Of({resolution.addresses.front(), dial()->options.port})};
    BeginOld();
    return;
  }
  TakeAddresses(resolution);
  if (attempt != attempt_ || !connecting_) return;
  if (dial()->addresses.empty()) {
    FailLookup("ENOTFOUND");
  } else {
    TryNext();
  }
}

// The addresses by turns of family, the first one's first.
void Socket::TakeAddresses(const Resolution& resolution) {
  const uint16_t attempt = attempt_;
  const std::string host = dial()->options.host;
  const uint16_t port = dial()->options.port;
  const bool several = dial()->options.auto_select_family &&
                       dial()->options.family == AddressFamily::kAny &&
                       dial()->options.local_address.empty();
  std::vector<Ip> groups[2];
  for (const Ip& ip : resolution.addresses) {
    on.lookup.Emit({nullptr, ip, host});
    if (attempt != attempt_ || !connecting_) return;
    std::vector<Ip>& group =
        groups[ip.is_v4() == resolution.addresses.front().is_v4() ? 0 : 1];
    if (std::find(group.begin(), group.end(), ip) == group.end()) {
      group.push_back(ip);
    }
    if (!several) break;
  }
  for (size_t i = 0; i < std::max(groups[0].size(), groups[1].size()); ++i) {
    for (const std::vector<Ip>& group : groups) {
      if (i < group.size()) {
        dial()->addresses.push_back(Address::Of({group[i], port}));
      }
    }
  }
}

void Socket::FailLookup(absl::string_view code) {
  const std::string host = dial()->options.host;
  const Error error = LookupError(quirks(), code, host);
  if (!quirks().opening_for_ever) {
    const uint16_t attempt = attempt_;
    on.lookup.Emit({&error, Ip(), host});
    if (attempt != attempt_ || stack_ == nullptr) return;
    stack_->loop().NextTick([self = shared_from_this(), attempt, error] {
      if (attempt == self->attempt_) self->DestroyWith(&error);
    });
    return;
  }
  // v0.1.96: an 'error' alone; nothing else ever comes.
  has_handle_ = false;
  extras_->dial = nullptr;
  const absl::Cleanup release = [this] { Release(); };
  EmitError(error);
}

}  // namespace simloop::net
