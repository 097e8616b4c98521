// Kernel: the seam. What a program may ask of its operating system about
// sockets, in the shape of section 2 of the manual. sim::Kernel and
// loop::LinuxKernel implement it; all above it is written once.
//
// 1. Descriptors are what they are made: with O_NONBLOCK no call blocks, and
//    time passes in one place, EpollWait; in a simulation not even there (see
//    EpollWait). Without it a call waits, live; and simulated where the
//    process can (sim/kernel.h says which can, and what the others get).
// 2. A call answers with a value or an Errno, as Linux 6 would, never with
//    more: misuse that Linux answers with an errno is answered with that errno.
// 3. SIGPIPE is ignored: what would raise it answers EPIPE alone.
// 4. Buffers are the caller's, and are not kept after the call.
//
// To add a call: here, linux_kernel.cc, sim/kernel.cc, trace/process_tracer.cc
// (one method each), tests/loop/bare_kernel.h, and a case in
// tests/conformance.
#ifndef LOOP_KERNEL_H_
#define LOOP_KERNEL_H_

#include <cstddef>
#include <cstdint>
#include <string>

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

// struct pollfd of poll(2), with the event bits of epoll_ctl(2).
struct PollFd {
  Fd fd;
  uint32_t events = 0;
  uint32_t revents = 0;
};

// What accept4(2) gives: the new descriptor, and the peer's address.
struct Accepted {
  Fd fd;
  Address peer;
};

// What pipe2(2) (read end, write end) and socketpair(2) give.
struct FdPair {
  Fd first;
  Fd second;
};

// struct msghdr of sendmsg(2). `to` may be null. `control` is a sequence of
// struct cmsghdr as cmsg(3) lays them out (loop/control_message.h).
struct OutgoingMessage {
  absl::Span<const absl::Span<const char>> data;
  const Address* to = nullptr;
  absl::Span<const char> control;
};

// struct msghdr of recvmsg(2): where to put it, and what came.
struct IncomingMessage {
  absl::Span<const absl::Span<char>> buffers;
  absl::Span<char> control;
  // Answered: the sender, AF_UNSPEC where the kernel names none (a connected
  // TCP socket, an unnamed Unix one); how much of `control` was filled in;
  // msg_flags.
  Address from;
  size_t control_size = 0;
  int flags = 0;
};

// struct itimerspec of timerfd_settime(2). A `value` of 0 disarms.
struct TimerSpec {
  absl::Duration interval;
  absl::Duration value;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // socket(2). `type` may carry kSockNonblock and kSockCloexec.
  virtual Result<Fd> Socket(Family family, int type, int protocol) = 0;
  // socketpair(2).
  virtual Result<FdPair> Socketpair(Family family, int type, int protocol) = 0;
  // bind(2). Port 0 picks an ephemeral port (ip(7)); an unnamed Unix address an
  // abstract name (unix(7), "Autobind feature").
  virtual Result<void> Bind(Fd fd, const Address& address) = 0;
  // listen(2).
  virtual Result<void> Listen(Fd fd, int backlog) = 0;
  // accept4(2).
  virtual Result<Accepted> Accept4(Fd fd, int flags) = 0;
  // connect(2). EINPROGRESS is an error here as there.
  virtual Result<void> Connect(Fd fd, const Address& address) = 0;

  // read(2), readv(2), write(2), writev(2).
  virtual Result<size_t> Read(Fd fd, absl::Span<char> buffer) = 0;
  virtual Result<size_t> Readv(Fd fd,
                               absl::Span<const absl::Span<char>> buffers) = 0;
  virtual Result<size_t> Write(Fd fd, absl::Span<const char> data) = 0;
  virtual Result<size_t> Writev(
      Fd fd, absl::Span<const absl::Span<const char>> data) = 0;
  // recv(2), recvfrom(2), recvmsg(2). `from` is answered as in
  // IncomingMessage. With kMsgTrunc the answer may be more than the buffer.
  virtual Result<size_t> Recv(Fd fd, absl::Span<char> buffer, int flags) = 0;
  virtual Result<size_t> Recvfrom(Fd fd, absl::Span<char> buffer, int flags,
                                  Address* from) = 0;
  virtual Result<size_t> Recvmsg(Fd fd, IncomingMessage* message,
                                 int flags) = 0;
  // send(2), sendto(2), sendmsg(2).
  virtual Result<size_t> Send(Fd fd, absl::Span<const char> data,
                              int flags) = 0;
  virtual Result<size_t> Sendto(Fd fd, absl::Span<const char> data, int flags,
                                const Address& to) = 0;
  virtual Result<size_t> Sendmsg(Fd fd, const OutgoingMessage& message,
                                 int flags) = 0;
  // shutdown(2).
  virtual Result<void> Shutdown(Fd fd, int how) = 0;
  // close(2). Forgets the descriptor whatever it answers.
  virtual Result<void> Close(Fd fd) = 0;
  // dup(2), dup2(2).
  virtual Result<Fd> Dup(Fd fd) = 0;
  virtual Result<Fd> Dup2(Fd fd, Fd onto) = 0;

  // getsockname(2), getpeername(2).
  virtual Result<Address> Getsockname(Fd fd) = 0;
  virtual Result<Address> Getpeername(Fd fd) = 0;
  // getsockopt(2), setsockopt(2). `value` is the option's bytes; Getsockopt
  // answers how many it wrote. For plain ints see loop/socket_option.h.
  virtual Result<size_t> Getsockopt(Fd fd, int level, int name,
                                    absl::Span<char> value) = 0;
  virtual Result<void> Setsockopt(Fd fd, int level, int name,
                                  absl::Span<const char> value) = 0;
  // fcntl(2): the commands of loop/abi.h.
  virtual Result<int> Fcntl(Fd fd, int command, int argument) = 0;
  // ioctl(2): the requests of loop/abi.h, whose argument is an int.
  virtual Result<void> Ioctl(Fd fd, uint32_t request, int* value) = 0;

  // poll(2); answers how many have revents. Waits as EpollWait does.
  virtual Result<size_t> Poll(absl::Span<PollFd> fds,
                              absl::Duration timeout) = 0;
  // epoll_create1(2), epoll_ctl(2).
  virtual Result<Fd> EpollCreate1(int flags) = 0;
  virtual Result<void> EpollCtl(Fd epoll, int op, Fd fd,
                                const EpollEvent& event) = 0;
  // epoll_wait(2); answers how many events it wrote. `timeout` may be
  // absl::InfiniteDuration(); it is rounded up to whole nanoseconds.
  // Live it blocks for as long as that, and so it does in a simulated process
  // that can wait. In another one it never blocks: when nothing is ready it
  // answers 0 at once and, if `timeout` is not 0, the process is parked: the
  // world steps it again when an event is ready or the timeout has passed, and
  // it is to call EpollWait again.
  virtual Result<size_t> EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                                   absl::Duration timeout) = 0;

  // eventfd(2).
  virtual Result<Fd> Eventfd(unsigned int initial, int flags) = 0;
  // timerfd_create(2), timerfd_settime(2), timerfd_gettime(2). Settime answers
  // the old setting.
  virtual Result<Fd> TimerfdCreate(int clock, int flags) = 0;
  virtual Result<TimerSpec> TimerfdSettime(Fd fd, int flags,
                                           const TimerSpec& spec) = 0;
  virtual Result<TimerSpec> TimerfdGettime(Fd fd) = 0;
  // pipe2(2).
  virtual Result<FdPair> Pipe2(int flags) = 0;
  // unlink(2), for the pathnames of Unix sockets.
  virtual Result<void> Unlink(const std::string& path) = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_KERNEL_H_
