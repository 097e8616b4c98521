// SocketAddress: a sockaddr(3type) of the live kernel, made of an Address or
// filled in by a call. Private to loop/linux_kernel.cc.
#ifndef LOOP_LINUX_ADDRESS_H_
#define LOOP_LINUX_ADDRESS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include "loop/address.h"

namespace simloop::loop {

class SocketAddress final {
 public:
  // To be filled in.
  SocketAddress() : storage_(), size_(sizeof storage_) {}
  // Any family, in the size of an IPv4 address: what the kernel makes of a
  // wrong family is its to say.
  explicit SocketAddress(const Address& address)
      : storage_(), size_(sizeof(sockaddr_in)) {
    sockaddr_in* in = reinterpret_cast<sockaddr_in*>(&storage_);
    in->sin_family = static_cast<sa_family_t>(address.family);
    in->sin_port = htons(address.port);
    in->sin_addr.s_addr = htonl(address.ip.bits);
  }

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  socklen_t size() const { return size_; }
  socklen_t* available() { return &size_; }

  // Of a family other than AF_INET: the family alone.
  Address value() const {
    Address address;
    address.family = static_cast<Family>(storage_.ss_family);
    if (storage_.ss_family == AF_INET) {
      const sockaddr_in* in = reinterpret_cast<const sockaddr_in*>(&storage_);
      address.ip.bits = ntohl(in->sin_addr.s_addr);
      address.port = ntohs(in->sin_port);
    }
    return address;
  }

 private:
  sockaddr_storage storage_;
  socklen_t size_;
};

}  // namespace simloop::loop

#endif  // LOOP_LINUX_ADDRESS_H_
