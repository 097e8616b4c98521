// Socket: a file that answers the socket calls: what each protocol implements.
// Each call answers as the manual page of its name says for a non-blocking
// descriptor; waiting is sim/kernel.h's.
#ifndef SIM_SOCKET_H_
#define SIM_SOCKET_H_

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/address.h"
#include "loop/control_message.h"
#include "loop/result.h"
#include "sim/file.h"

namespace simloop::sim {

// What goes beside the bytes of a message (cmsg(3)).
struct Ancillary {
  // SCM_RIGHTS of unix(7): the files of its descriptors, in their order.
  std::vector<FileRef> rights;
  // All others, as they are read or written.
  std::vector<loop::ControlMessage> messages;
  // What is wrong with what is to be sent: the socket's answer, in its turn.
  loop::Errno error = loop::Errno::kOk;
};

// recv(2), recvfrom(2) and recvmsg(2). The last four are answers; `from` and
// `ancillary` may be null where the call has no place for them.
struct Reception {
  absl::Span<char> buffer;
  int flags = 0;  // MSG_*
  loop::Address* from = nullptr;
  Ancillary* ancillary = nullptr;
  int answer_flags = 0;  // msg_flags
  // A stream has given what goes into one call: MSG_WAITALL waits no longer.
  bool ended = false;
};

// send(2), sendto(2) and sendmsg(2). `to` and `ancillary` may be null.
struct Transmission {
  absl::Span<const char> data;
  int flags = 0;  // MSG_*
  const loop::Address* to = nullptr;
  const Ancillary* ancillary = nullptr;
};

class Socket : public File {
 public:
  struct Accepted {
    std::unique_ptr<Socket> socket;
    loop::Address peer;
  };

  virtual loop::Result<void> Bind(const loop::Address& address) = 0;
  virtual loop::Result<void> Listen(int backlog) = 0;
  // Fills `accepted` when it succeeds.
  virtual loop::Result<void> Accept(Accepted* accepted) = 0;
  virtual loop::Result<void> Connect(const loop::Address& address) = 0;
  virtual loop::Result<size_t> Receive(Reception* reception) = 0;
  virtual loop::Result<size_t> Send(const Transmission& transmission) = 0;
  virtual loop::Result<void> Shutdown(int how) = 0;
  virtual loop::Result<loop::Address> Getsockname() = 0;
  virtual loop::Result<loop::Address> Getpeername() = 0;
  virtual loop::Result<size_t> Getsockopt(int level, int name,
                                          absl::Span<char> value) = 0;
  virtual loop::Result<void> Setsockopt(int level, int name,
                                        absl::Span<const char> value) = 0;

  // A byte stream: a blocking send goes on until all is sent, and MSG_WAITALL
  // has a meaning.
  virtual bool is_stream() const = 0;
  // Who is told when a send or connect that answered EAGAIN may go on.
  virtual WaitQueue& send_waiters() { return waiters(); }
  // A Unix socket, which carries descriptors (SCM_RIGHTS).
  virtual bool takes_rights() const { return false; }
  // SO_RCVTIMEO, SO_SNDTIMEO of socket(7); InfiniteDuration(): none.
  virtual absl::Duration receive_timeout() const = 0;
  virtual absl::Duration send_timeout() const = 0;

  loop::Result<size_t> Read(absl::Span<char> buffer) final {
    Reception reception{buffer};
    return Receive(&reception);
  }
  loop::Result<size_t> Write(absl::Span<const char> data) final {
    return Send({data});
  }
  Socket* AsSocket() final { return this; }
};

}  // namespace simloop::sim

#endif  // SIM_SOCKET_H_
