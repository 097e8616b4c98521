// Message: what one send left in another socket's queue (struct sk_buff of
// net/unix/af_unix.c): bytes, descriptors, the sender's name and credentials,
// and the share of the sender's SO_SNDBUF that it takes up.
#ifndef SIM_UNIX_MESSAGE_H_
#define SIM_UNIX_MESSAGE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loop/abi.h"
#include "loop/address.h"
#include "sim/file.h"

namespace simloop::sim::unix_domain {

class Socket;

// What is left of a socket for those that refer to it: peers, messages.
struct Identity {
  Socket* socket = nullptr;  // null once it is closed
  bool bound = false;
  loop::Address name = loop::Address::Unix("");
};

// Memory of a sender's: given back, and the sender told, when it goes.
class Charge final {
 public:
  Charge() = default;
  // REQUIRES: the sender is not closed.
  Charge(std::shared_ptr<Identity> sender, size_t bytes);
  Charge(Charge&& other) noexcept
      : sender_(std::move(other.sender_)),
        bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&& other) noexcept {
    std::swap(sender_, other.sender_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Charge();

  const Identity& sender() const { return *sender_; }

 private:
  std::shared_ptr<Identity> sender_;
  size_t bytes_ = 0;
};

struct Message {
  size_t left() const { return bytes.size() - consumed; }

  // Goes last: descriptors are closed before the sender is told.
  Charge charge;
  std::vector<FileRef> rights;
  // Of the sender, if either end asked for them (SO_PASSCRED).
  std::optional<loop::Credentials> credentials;
  std::string bytes;
  size_t consumed = 0;
  bool peeked = false;
  // Its one byte is out of band (MSG_OOB): at most one message's is.
  bool urgent = false;
};

// Credentials of every simulated process.
inline constexpr loop::Credentials kCredentials = {1, 0, 0};
// Those of nobody: there is no peer.
inline constexpr loop::Credentials kNoPeer = {0, UINT32_MAX, UINT32_MAX};
// Those of nobody in a message: overflowuid.
inline constexpr loop::Credentials kUnknownSender = {0, 65534, 65534};

// The most that one message of a stream carries.
inline constexpr size_t kMostStreamBytes = 3776 + 32768;
// skb->truesize of `bytes` in a stream, or in a datagram: what Linux counts,
// on a machine with pages of 4096 bytes.
size_t StreamCharge(size_t bytes);
size_t DatagramCharge(size_t bytes);

}  // namespace simloop::sim::unix_domain

#endif  // SIM_UNIX_MESSAGE_H_
