// Address: a socket address (sockaddr(3type)) as a value. IPv4 (ip(7)) and
// AF_UNSPEC only; it resolves no names.
#ifndef LOOP_ADDRESS_H_
#define LOOP_ADDRESS_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace simloop::loop {

// Address families, with Linux's numbers (socket(2)).
enum class Family : uint16_t {
  kUnspecified = 0,
  kUnix = 1,
  kInet = 2,
  kInet6 = 10
};

// An IPv4 address in host byte order: 127.0.0.1 is 0x7f000001.
struct Ipv4 {
  uint32_t bits = 0;

  static constexpr Ipv4 Any() { return {0}; }
  static constexpr Ipv4 Loopback() { return {0x7f000001}; }
  // Dotted quad, inet_pton(3)'s rules; nullopt if it is none.
  static std::optional<Ipv4> Parse(absl::string_view text);

  bool is_any() const { return bits == 0; }
  // In 127.0.0.0/8 (RFC 1122 section 3.2.1.3).
  bool is_loopback() const { return (bits >> 24) == 127; }
  std::string ToString() const;
  auto operator<=>(const Ipv4&) const = default;
};

struct Address {
  Family family = Family::kUnspecified;
  Ipv4 ip;
  uint16_t port = 0;  // host byte order

  static constexpr Address Inet(Ipv4 ip, uint16_t port) {
    return {Family::kInet, ip, port};
  }
  static constexpr Address Unspecified() { return {}; }
  // "127.0.0.1:80"; nullopt if it is none.
  static std::optional<Address> Parse(absl::string_view text);

  // "127.0.0.1:80"; "unspec" for AF_UNSPEC.
  std::string ToString() const;
  auto operator<=>(const Address&) const = default;
};

}  // namespace simloop::loop

#endif  // LOOP_ADDRESS_H_
