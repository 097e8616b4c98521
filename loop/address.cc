// Reading and printing of socket addresses.
#include "loop/address.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace simloop::loop {
namespace {

// A decimal number of at most `max`, of digits alone. `octet` also forbids
// what inet_pton(3) forbids: a leading zero.
std::optional<uint32_t> ParseNumber(absl::string_view text, uint32_t max,
                                    bool octet) {
  if (text.empty() || text.size() > 5) return std::nullopt;
  if (octet && text.size() > 1 && text[0] == '0') return std::nullopt;
  uint32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  if (number > max) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Ipv4> Ipv4::Parse(absl::string_view text) {
  Ipv4 ip;
  for (int octet = 0; octet < 4; ++octet) {
    const size_t dot = text.find('.');
    if ((dot == absl::string_view::npos) != (octet == 3)) return std::nullopt;
    const std::optional<uint32_t> value =
        ParseNumber(text.substr(0, dot), 255, true);
    if (!value) return std::nullopt;
    ip.bits = ip.bits << 8 | *value;
    if (octet < 3) text.remove_prefix(dot + 1);
  }
  return ip;
}

std::string Ipv4::ToString() const {
  return absl::StrCat(bits >> 24, ".", bits >> 16 & 0xff, ".", bits >> 8 & 0xff,
                      ".", bits & 0xff);
}

std::optional<Address> Address::Parse(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  const std::optional<Ipv4> ip = Ipv4::Parse(text.substr(0, colon));
  const std::optional<uint32_t> port =
      ParseNumber(text.substr(colon + 1), 65535, false);
  if (!ip || !port) return std::nullopt;
  return Inet(*ip, static_cast<uint16_t>(*port));
}

std::string Address::ToString() const {
  switch (family) {
    case Family::kInet:
      return absl::StrCat(ip.ToString(), ":", port);
    case Family::kUnspecified:
      return "unspec";
    case Family::kUnix:
      return "unix";
    case Family::kInet6:
      return "inet6";
  }
  return "unspec";
}

}  // namespace simloop::loop
