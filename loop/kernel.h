// Kernel: the seam. What a program may ask of its operating system about
// sockets, in the shape of section 2 of the manual. sim::Kernel and
// loop::LinuxKernel implement it; all above it is written once.
//
// 1. No call blocks. Time passes in one place, EpollWait; in a simulation not
//    even there (see EpollWait).
// 2. A call answers with a value or an Errno, as Linux 6 would, never with
//    more: misuse that Linux answers with an errno is answered with that errno.
// 3. SIGPIPE is ignored: what would raise it answers EPIPE alone.
// 4. Buffers are the caller's, and are not kept after the call.
//
// To add a call: here, linux_kernel.cc, sim/kernel.cc, trace/tracing_kernel.cc
// (one method each), and a case in tests/conformance.
#ifndef LOOP_KERNEL_H_
#define LOOP_KERNEL_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "loop/fd.h"
#include "loop/result.h"

namespace simloop::loop {

// struct epoll_event of epoll_ctl(2).
struct EpollEvent {
  uint32_t events = 0;
  uint64_t data = 0;
};

// What accept4(2) gives: the new descriptor, and the peer's address.
struct Accepted {
  Fd fd;
  Address peer;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // socket(2). `type` may carry kSockNonblock and kSockCloexec.
  virtual Result<Fd> Socket(Family family, int type, int protocol) = 0;
  // bind(2). Port 0 picks an ephemeral port (ip(7)).
  virtual Result<void> Bind(Fd fd, const Address& address) = 0;
  // listen(2).
  virtual Result<void> Listen(Fd fd, int backlog) = 0;
  // accept4(2).
  virtual Result<Accepted> Accept4(Fd fd, int flags) = 0;
  // connect(2). EINPROGRESS is an error here as there.
  virtual Result<void> Connect(Fd fd, const Address& address) = 0;

  // read(2), write(2), writev(2).
  virtual Result<size_t> Read(Fd fd, absl::Span<char> buffer) = 0;
  virtual Result<size_t> Write(Fd fd, absl::Span<const char> data) = 0;
  virtual Result<size_t> Writev(
      Fd fd, absl::Span<const absl::Span<const char>> data) = 0;
  // recv(2), send(2).
  virtual Result<size_t> Recv(Fd fd, absl::Span<char> buffer, int flags) = 0;
  virtual Result<size_t> Send(Fd fd, absl::Span<const char> data,
                              int flags) = 0;
  // shutdown(2).
  virtual Result<void> Shutdown(Fd fd, int how) = 0;
  // close(2). Forgets the descriptor whatever it answers.
  virtual Result<void> Close(Fd fd) = 0;

  // getsockname(2), getpeername(2).
  virtual Result<Address> Getsockname(Fd fd) = 0;
  virtual Result<Address> Getpeername(Fd fd) = 0;
  // getsockopt(2), setsockopt(2). `value` is the option's bytes; Getsockopt
  // answers how many it wrote. For plain ints see loop/socket_option.h.
  virtual Result<size_t> Getsockopt(Fd fd, int level, int name,
                                    absl::Span<char> value) = 0;
  virtual Result<void> Setsockopt(Fd fd, int level, int name,
                                  absl::Span<const char> value) = 0;

  // epoll_create1(2), epoll_ctl(2).
  virtual Result<Fd> EpollCreate1(int flags) = 0;
  virtual Result<void> EpollCtl(Fd epoll, int op, Fd fd,
                                const EpollEvent& event) = 0;
  // epoll_wait(2); answers how many events it wrote. `timeout` may be
  // absl::InfiniteDuration(); it is rounded up to whole nanoseconds.
  // Live it blocks for as long as that. Simulated it never blocks: when
  // nothing is ready it answers 0 at once and, if `timeout` is not 0, the
  // process is parked: the world steps it again when an event is ready or the
  // timeout has passed, and it is to call EpollWait again.
  virtual Result<size_t> EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                                   absl::Duration timeout) = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_KERNEL_H_
