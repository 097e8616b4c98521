// Socket: a file that answers the socket calls: what each protocol implements.
// Each call answers as the manual page of its name says for a non-blocking
// descriptor.
#ifndef SIM_SOCKET_H_
#define SIM_SOCKET_H_

#include <memory>

#include "absl/types/span.h"
#include "loop/address.h"
#include "loop/result.h"
#include "sim/file.h"

namespace simloop::sim {

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
  virtual loop::Result<size_t> Recv(absl::Span<char> buffer, int flags) = 0;
  virtual loop::Result<size_t> Send(absl::Span<const char> data, int flags) = 0;
  virtual loop::Result<void> Shutdown(int how) = 0;
  virtual loop::Result<loop::Address> Getsockname() = 0;
  virtual loop::Result<loop::Address> Getpeername() = 0;
  virtual loop::Result<size_t> Getsockopt(int level, int name,
                                          absl::Span<char> value) = 0;
  virtual loop::Result<void> Setsockopt(int level, int name,
                                        absl::Span<const char> value) = 0;

  loop::Result<size_t> Read(absl::Span<char> buffer) final {
    return Recv(buffer, 0);
  }
  loop::Result<size_t> Write(absl::Span<const char> data) final {
    return Send(data, 0);
  }
  Socket* AsSocket() final { return this; }
};

}  // namespace simloop::sim

#endif  // SIM_SOCKET_H_
