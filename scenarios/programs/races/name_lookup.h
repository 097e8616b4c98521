// LookUp: how the programs that connect by themselves come from a host to its
// addresses.
#ifndef SCENARIOS_PROGRAMS_RACES_NAME_LOOKUP_H_
#define SCENARIOS_PROGRAMS_RACES_NAME_LOOKUP_H_

#include <optional>
#include <string>
#include <utility>

#include "loop/ip.h"
#include "net/resolver.h"
#include "scenarios/site.h"

namespace simloop::scenarios {

// `done` is called once, from a callback of the loop. `key` is an argument of
// type kHost.
inline void LookUp(Site& site, const char* key, net::ResolveCallback done) {
  const std::string host = site.Host(key);
  const std::optional<loop::Ip> ip = loop::Ip::Parse(host);
  net::Resolver* const resolver = site.stack().options().resolver.get();
  if (!ip.has_value() && resolver != nullptr) {
    resolver->Resolve(host, net::AddressFamily::kIpv4, std::move(done));
    return;
  }
  net::Resolution known;
  if (ip.has_value()) {
    known.addresses = {*ip};
  } else {
    known.error = "ENOTFOUND";
  }
  site.loop().NextTick(
      [done = std::move(done), known]() mutable { done(known); });
}

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAMS_RACES_NAME_LOOKUP_H_
