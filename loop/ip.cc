// Reading and printing of IP addresses (inet_pton(3), RFC 5952).
#include "loop/ip.h"

#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace simloop::loop {
namespace {

constexpr int kGroups = 8;  // of 16 bits in an IPv6 address
using Groups = std::array<uint16_t, kGroups>;

std::optional<uint16_t> ParseGroup(absl::string_view text) {
  uint32_t number = 0;
  if (text.empty() || text.size() > 4) return std::nullopt;
  for (const char c : text) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
      return std::nullopt;
    }
  }
  if (!absl::SimpleHexAtoi(text, &number)) return std::nullopt;
  return static_cast<uint16_t>(number);
}

// The groups of a text without "::"; the last may be a dotted quad.
bool ParseGroups(absl::string_view text, std::array<uint16_t, kGroups>* groups,
                 int* count) {
  *count = 0;
  if (text.empty()) return true;
  while (true) {
    const size_t colon = text.find(':');
    const absl::string_view part = text.substr(0, colon);
    const bool last = colon == absl::string_view::npos;
    if (last && part.find('.') != part.npos) {
      const std::optional<Ipv4> ip = Ipv4::Parse(part);
      if (!ip.has_value() || *count > kGroups - 2) return false;
      (*groups)[(*count)++] = static_cast<uint16_t>(ip->bits >> 16);
      (*groups)[(*count)++] = static_cast<uint16_t>(ip->bits);
      return true;
    }
    const std::optional<uint16_t> group = ParseGroup(part);
    if (!group.has_value() || *count == kGroups) return false;
    (*groups)[(*count)++] = *group;
    if (last) return true;
    text.remove_prefix(colon + 1);
  }
}

Ip FromGroups(const Groups& groups) {
  uint64_t halves[2] = {0, 0};
  for (int i = 0; i < kGroups; ++i) {
    halves[i / 4] = halves[i / 4] << 16 | groups[i];
  }
  return Ip(halves[0], halves[1]);
}

Groups ToGroups(const Ip& ip) {
  Groups groups;
  for (int i = 0; i < kGroups; ++i) {
    const uint64_t half = i < 4 ? ip.high() : ip.low();
    groups[i] = static_cast<uint16_t>(half >> (16 * (3 - i % 4)));
  }
  return groups;
}

}  // namespace

// Octets of digits alone, without a leading zero (inet_pton(3)).
std::optional<Ipv4> Ipv4::Parse(absl::string_view text) {
  Ipv4 ip;
  int dots = 0;
  int digits = 0;  // of the octet so far
  uint32_t octet = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0 || ++dots > 3) return std::nullopt;
      ip.bits = ip.bits << 8 | octet;
      digits = 0;
      octet = 0;
      continue;
    }
    if (c < '0' || c > '9' || (digits > 0 && octet == 0)) return std::nullopt;
    octet = octet * 10 + static_cast<uint32_t>(c - '0');
    if (octet > 255) return std::nullopt;
    ++digits;
  }
  if (digits == 0 || dots != 3) return std::nullopt;
  ip.bits = ip.bits << 8 | octet;
  return ip;
}

std::string Ipv4::ToString() const {
  return absl::StrCat(bits >> 24, ".", bits >> 16 & 0xff, ".", bits >> 8 & 0xff,
                      ".", bits & 0xff);
}

std::optional<Ip> Ip::Parse(absl::string_view text) {
  const std::optional<Ipv4> v4 = Ipv4::Parse(text);
  if (v4.has_value()) return Ip(*v4);
  Groups groups = {};
  int count = 0;
  const size_t gap = text.find("::");
  if (gap == absl::string_view::npos) {
    if (!ParseGroups(text, &groups, &count) || count != kGroups) {
      return std::nullopt;
    }
    return FromGroups(groups);
  }
  Groups tail = {};
  int tail_count = 0;
  const absl::string_view before = text.substr(0, gap);
  if (before.find('.') != before.npos ||
      !ParseGroups(before, &groups, &count) ||
      !ParseGroups(text.substr(gap + 2), &tail, &tail_count) ||
      count + tail_count >= kGroups) {
    return std::nullopt;
  }
  for (int i = 0; i < tail_count; ++i) {
    groups[kGroups - tail_count + i] = tail[i];
  }
  return FromGroups(groups);
}

std::string Ip::ToString() const {
  return is_v4() ? v4().ToString() : ToString6();
}

std::string Ip::ToString6() const {
  if (is_v4()) return absl::StrCat("::ffff:", v4().ToString());
  // inet_ntop(3) shows ::a.b.c.d (RFC 4291 section 2.5.5.1) dotted too.
  if (high() == 0 && low() >> 32 == 0 && low() >> 16 != 0) {
    return absl::StrCat("::", Ipv4{static_cast<uint32_t>(low())}.ToString());
  }
  const Groups groups = ToGroups(*this);
  // The first longest run of two or more zeros is left out.
  int gap = -1;
  int gap_size = 1;
  for (int i = 0; i < kGroups; ++i) {
    int size = 0;
    while (i + size < kGroups && groups[i + size] == 0) ++size;
    if (size > gap_size) {
      gap = i;
      gap_size = size;
    }
  }
  std::string text;
  for (int i = 0; i < kGroups; ++i) {
    if (i == gap) {
      text += "::";
      i += gap_size - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ":";
    absl::StrAppend(&text, absl::Hex(groups[i]));
  }
  return text;
}

}  // namespace simloop::loop
