// Reading and printing of socket addresses.
#include "loop/address.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace simloop::loop {
namespace {

constexpr absl::string_view kUnixPrefix = "unix:";
// sizeof sockaddr_in, sockaddr_in6; offsetof(sockaddr_un, sun_path).
constexpr size_t kInetBytes = 16;
constexpr size_t kInet6Bytes = 28;
constexpr size_t kUnixPathOffset = 2;

// A decimal port, of digits alone.
std::optional<uint16_t> ParsePort(absl::string_view text) {
  if (text.empty() || text.size() > 5) return std::nullopt;
  uint32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  if (number > 65535) return std::nullopt;
  return static_cast<uint16_t>(number);
}

std::optional<Address> ParseUnix(absl::string_view name) {
  if (name.size() > Address::kUnixPathBytes) return std::nullopt;
  std::string path(name);
  if (!path.empty() && path[0] == '@') path[0] = '\0';
  return Address::Unix(std::move(path));
}

}  // namespace

std::string Endpoint::ToString() const { return Address::Of(*this).ToString(); }

std::optional<Address> Address::Parse(absl::string_view text) {
  if (text == "unspec") return Unspecified();
  if (absl::StartsWith(text, kUnixPrefix)) {
    return ParseUnix(text.substr(kUnixPrefix.size()));
  }
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  const std::optional<uint16_t> port = ParsePort(text.substr(colon + 1));
  absl::string_view host = text.substr(0, colon);
  if (!port.has_value()) return std::nullopt;
  if (!absl::StartsWith(host, "[")) {
    const std::optional<Ipv4> ip = Ipv4::Parse(host);
    if (!ip.has_value()) return std::nullopt;
    return Inet(*ip, *port);
  }
  if (!absl::EndsWith(host, "]")) return std::nullopt;
  host = host.substr(1, host.size() - 2);
  const std::optional<Ip> ip = Ip::Parse(host);
  if (!ip.has_value() || Ipv4::Parse(host).has_value()) return std::nullopt;
  return Inet6(*ip, *port);
}

size_t Address::size() const {
  if (short_size != 0) return short_size;
  switch (family) {
    case Family::kInet6:
      return kInet6Bytes;
    case Family::kUnix:
      if (path.empty()) return kUnixPathOffset;
      // A pathname's byte of 0 is counted, if there is room for it.
      return kUnixPathOffset + path.size() +
             (is_abstract() || path.size() == kUnixPathBytes ? 0 : 1);
    default:
      return kInetBytes;
  }
}

std::string Address::ToString() const {
  switch (family) {
    case Family::kInet:
      return absl::StrCat(ip.v4().ToString(), ":", port);
    case Family::kInet6:
      return absl::StrCat("[", ip.ToString6(), "]:", port);
    case Family::kUnix:
      if (!is_abstract()) return absl::StrCat(kUnixPrefix, path);
      return absl::StrCat(kUnixPrefix, "@", path.substr(1));
    case Family::kUnspecified:
      return "unspec";
  }
  return absl::StrCat("family ", static_cast<int>(family));
}

}  // namespace simloop::loop
