// Answers that are known when they are asked for.
#include "net/delayed_resolver.h"

#include <algorithm>
#include <utility>

namespace simloop::net {

// Not inline: g++ 12 sees an uninitialized value in the move where it is.
DelayedResolver::DelayedResolver(loop::EventLoop& loop, NameQuestion ask)
    : loop_(loop), ask_(std::move(ask)) {}

void DelayedResolver::Resolve(absl::string_view name, AddressFamily family,
                              ResolveCallback done) {
  DelayedResolution answer = ask_(name);
  std::vector<loop::Ip>& addresses = answer.resolution.addresses;
  if (family != AddressFamily::kAny) {
    const bool v4 = family == AddressFamily::kIpv4;
    addresses.erase(
        std::remove_if(addresses.begin(), addresses.end(),
                       [v4](const loop::Ip& ip) { return ip.is_v4() != v4; }),
        addresses.end());
  }
  if (answer.resolution.error.empty() && addresses.empty()) {
    answer.resolution.error = "ENOTFOUND";
  }
  auto tell = [done = std::move(done),
               resolution = std::move(answer.resolution)]() mutable {
    done(resolution);
  };
  if (answer.delay <= absl::ZeroDuration()) {
    loop_.NextTick(std::move(tell));
  } else {
    loop_.SetTimeout(answer.delay, std::move(tell));
  }
}

}  // namespace simloop::net
