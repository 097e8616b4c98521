// Address: a socket address (sockaddr(3type)) as a value: IPv4 (ip(7)), IPv6
// (ipv6(7)), Unix (unix(7)) or AF_UNSPEC. Endpoint: where a packet comes from
// or goes to, an address of a host and a port.
#ifndef LOOP_ADDRESS_H_
#define LOOP_ADDRESS_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "loop/ip.h"

namespace simloop::loop {

// Address families, with Linux's numbers (socket(2)).
enum class Family : uint16_t {
  kUnspecified = 0,
  kUnix = 1,
  kInet = 2,
  kInet6 = 10
};

struct Endpoint {
  Ip ip;
  uint16_t port = 0;  // host byte order

  // "10.0.0.1:80", "[::1]:80".
  std::string ToString() const;
  auto operator<=>(const Endpoint&) const = default;
};

struct Address {
  // sizeof sun_path (unix(7)).
  static constexpr size_t kUnixPathBytes = 108;

  Family family = Family::kUnspecified;
  uint16_t port = 0;  // host byte order
  // socklen_t where it is not that of a whole address of the family: what a
  // careless program passes to bind(2) or connect(2). 0: it is whole.
  uint16_t short_size = 0;
  Ip ip;  // mapped for kInet
  // kUnix: sun_path. A pathname, without the byte of 0 that ends it; an
  // abstract name with the byte of 0 that begins it; empty: unnamed.
  std::string path;

  static Address Inet(Ipv4 ip, uint16_t port) {
    return {Family::kInet, port, 0, ip, {}};
  }
  static Address Inet6(Ip ip, uint16_t port) {
    return {Family::kInet6, port, 0, ip, {}};
  }
  // kInet if it is an IPv4 one, else kInet6.
  static Address Of(const Endpoint& endpoint) {
    return {endpoint.ip.is_v4() ? Family::kInet : Family::kInet6,
            endpoint.port,
            0,
            endpoint.ip,
            {}};
  }
  static Address Unix(std::string path) {
    return {Family::kUnix, 0, 0, {}, std::move(path)};
  }
  static Address Unspecified() { return {}; }
  // "127.0.0.1:80", "[::1]:80", "unix:path", "unix:@abstract", "unix:",
  // "unspec"; nullopt if it is none.
  static std::optional<Address> Parse(absl::string_view text);

  bool is_abstract() const { return !path.empty() && path[0] == '\0'; }
  Endpoint endpoint() const { return {ip, port}; }
  // socklen_t: of a whole sockaddr of the family, or short_size.
  size_t size() const;
  // As Parse() reads it.
  std::string ToString() const;
  auto operator<=>(const Address&) const = default;
};

}  // namespace simloop::loop

#endif  // LOOP_ADDRESS_H_
