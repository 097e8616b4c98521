// SocketAddress: a sockaddr(3type) of the live kernel, made of an Address or
// filled in by a call. Private to loop/linux_*.cc.
#ifndef LOOP_LINUX_ADDRESS_H_
#define LOOP_LINUX_ADDRESS_H_

#include <sys/socket.h>

#include "loop/address.h"

namespace simloop::loop {

class SocketAddress final {
 public:
  // To be filled in.
  SocketAddress() : storage_(), size_(sizeof storage_) {}
  // Of address.size() bytes. A family that is none of Family's has the shape
  // of an IPv4 address; what the kernel makes of it, as of a size that is
  // wrong, is its to say.
  explicit SocketAddress(const Address& address);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  socklen_t size() const { return size_; }
  socklen_t* available() { return &size_; }

  // AF_UNSPEC where nothing was filled in; of a family that is none of
  // Family's, the family alone.
  Address value() const;

 private:
  sockaddr_storage storage_;
  socklen_t size_;
};

}  // namespace simloop::loop

#endif  // LOOP_LINUX_ADDRESS_H_
