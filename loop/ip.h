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
      : low_(kMapped | ip.bits) {}
  constexpr Ip(uint64_t high, uint64_t low) : high_(high), low_(low) {}

  static constexpr Ip Any6() { return Ip(); }
  static constexpr Ip Loopback6() { return Ip(0, 1); }
  // Dotted quad, or an IPv6 address by inet_pton(3)'s rules.
  static std::optional<Ip> Parse(absl::string_view text);

  constexpr uint64_t high() const { return high_; }
  constexpr uint64_t low() const { return low_; }
  bool is_v4() const { return high_ == 0 && low_ >> 32 == 0xffff; }
  // The IPv4 address; 0.0.0.0 if it is none.
  Ipv4 v4() const { return {is_v4() ? static_cast<uint32_t>(low_) : 0}; }
  // 0.0.0.0 or ::.
  bool is_any() const { return high_ == 0 && (low_ & ~kMapped) == 0; }
  // In 127.0.0.0/8, or ::1.
  bool is_loopback() const {
    return is_v4() ? v4().is_loopback() : *this == Loopback6();
  }
  bool is_multicast() const {
    return is_v4() ? v4().is_multicast() : high_ >> 56 == 0xff;
  }

  // "10.0.0.1", "::1" (RFC 5952).
  std::string ToString() const;
  // As an IPv6 socket shows it: "::ffff:10.0.0.1", "::1".
  std::string ToString6() const;
  auto operator<=>(const Ip&) const = default;

 private:
  static constexpr uint64_t kMapped = 0xffff'0000'0000;

  uint64_t high_ = 0;
  uint64_t low_ = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_IP_H_
