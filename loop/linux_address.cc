// Addresses in and out of the kernel's forms: network byte order, and names of
// Unix sockets that end where the size says.
#include "loop/linux_address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include <algorithm>

namespace simloop::loop {
namespace {

constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);

uint64_t LoadBigEndian(const uint8_t* bytes) {
  uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word = word << 8 | bytes[i];
  return word;
}

void StoreBigEndian(uint64_t word, uint8_t* bytes) {
  for (int i = 7; i >= 0; --i, word >>= 8) {
    bytes[i] = static_cast<uint8_t>(word);
  }
}

}  // namespace

SocketAddress::SocketAddress(const Address& address)
    : storage_(), size_(static_cast<socklen_t>(address.size())) {
  storage_.ss_family = static_cast<sa_family_t>(address.family);
  if (address.family == Family::kUnix) {
    // A name that does not fit makes a size that no kernel takes.
    char* bytes = reinterpret_cast<char*>(&storage_);
    memcpy(bytes + kPathOffset, address.path.data(),
           std::min(address.path.size(), sizeof storage_ - kPathOffset));
  } else if (address.family == Family::kInet6) {
    sockaddr_in6* in6 = reinterpret_cast<sockaddr_in6*>(&storage_);
    in6->sin6_port = htons(address.port);
    StoreBigEndian(address.ip.high(), in6->sin6_addr.s6_addr);
    StoreBigEndian(address.ip.low(), in6->sin6_addr.s6_addr + 8);
  } else {
    sockaddr_in* in = reinterpret_cast<sockaddr_in*>(&storage_);
    in->sin_port = htons(address.port);
    in->sin_addr.s_addr = htonl(address.ip.v4().bits);
  }
}

Address SocketAddress::value() const {
  if (size_ < sizeof(sa_family_t)) return Address::Unspecified();
  if (storage_.ss_family == AF_UNIX) {
    const size_t most = sizeof(sockaddr_un);
    const size_t size = std::min<size_t>(size_, most) - kPathOffset;
    const char* path =
        reinterpret_cast<const sockaddr_un*>(&storage_)->sun_path;
    const bool abstract = size > 0 && path[0] == '\0';
    return Address::Unix(
        std::string(path, abstract ? size : strnlen(path, size)));
  }
  if (storage_.ss_family == AF_INET6) {
    const sockaddr_in6* in6 = reinterpret_cast<const sockaddr_in6*>(&storage_);
    const uint8_t* ip = in6->sin6_addr.s6_addr;
    return Address::Inet6(Ip(LoadBigEndian(ip), LoadBigEndian(ip + 8)),
                          ntohs(in6->sin6_port));
  }
  if (storage_.ss_family == AF_INET) {
    const sockaddr_in* in = reinterpret_cast<const sockaddr_in*>(&storage_);
    return Address::Inet(Ipv4{ntohl(in->sin_addr.s_addr)}, ntohs(in->sin_port));
  }
  Address address;
  address.family = static_cast<Family>(storage_.ss_family);
  return address;
}

}  // namespace simloop::loop
