// Ipv4 and Ip: addresses of ip(7) and ipv6(7) as values. They resolve no names
// and know no scopes (sin6_scope_id).
#ifndef LOOP_IP_H_
#define LOOP_IP_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace simloop::loop {

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
  // In 224.0.0.0/4 (RFC 1112 section 4).
  bool is_multicast() const { return (bits >> 28) == 14; }
  std::string ToString() const;
  auto operator<=>(const Ipv4&) const = default;
};

// An address of either family, as 128 bits: an IPv4 one is held as its mapped
// form ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), which is how a dual-stack
// socket sees it.
class Ip final {
 public:
  // :: , the address of no family in particular.
  constexpr Ip() = default;
  constexpr Ip(Ipv4 ip)  // NOLINT: an IPv4 address is one
      : Ip(0, kMapped | ip.bits) {}
  constexpr Ip(uint64_t high, uint64_t low)
      : words_{static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32),
               static_cast<uint32_t>(high), static_cast<uint32_t>(high >> 32)} {
  }

  static constexpr Ip Any6() { return Ip(); }
  static constexpr Ip Loopback6() { return Ip(0, 1); }
  // Dotted quad, or an IPv6 address by inet_pton(3)'s rules.
  static std::optional<Ip> Parse(absl::string_view text);

  constexpr uint64_t high() const {
    return uint64_t{words_[3]} << 32 | words_[2];
  }
  constexpr uint64_t low() const {
    return uint64_t{words_[1]} << 32 | words_[0];
  }
  bool is_v4() const { return high() == 0 && words_[1] == 0xffff; }
  // The IPv4 address; 0.0.0.0 if it is none.
  Ipv4 v4() const { return {is_v4() ? words_[0] : 0}; }
  // 0.0.0.0 or ::.
  bool is_any() const { return high() == 0 && (low() & ~kMapped) == 0; }
  // In 127.0.0.0/8, or ::1.
  bool is_loopback() const {
    return is_v4() ? v4().is_loopback() : *this == Loopback6();
  }
  bool is_multicast() const {
    return is_v4() ? v4().is_multicast() : high() >> 56 == 0xff;
  }

  // "10.0.0.1", "::1" (RFC 5952).
  std::string ToString() const;
  // As an IPv6 socket shows it: "::ffff:10.0.0.1", "::1".
  std::string ToString6() const;
  bool operator==(const Ip& other) const {
    return low() == other.low() && high() == other.high();
  }
  std::strong_ordering operator<=>(const Ip& other) const {
    const auto order = high() <=> other.high();
    return order != 0 ? order : low() <=> other.low();
  }

 private:
  static constexpr uint64_t kMapped = 0xffff'0000'0000;

  // The lowest first. Four words and not two, so that an address and a port,
  // of which there are many, need no padding.
  uint32_t words_[4] = {};
};

}  // namespace simloop::loop

#endif  // LOOP_IP_H_
