// LinuxKernel: the kernel of this machine, through libc. The live back end;
// with MonotonicClock the only part that sees a system header.
#ifndef LOOP_LINUX_KERNEL_H_
#define LOOP_LINUX_KERNEL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "loop/clock.h"
#include "loop/kernel.h"

namespace simloop::loop {

class LinuxKernel final : public Kernel {
 public:
  struct Options {
    // The loopback address that stands for a scenario's host: a bind to
    // 0.0.0.0 binds it (and getsockname still says 0.0.0.0), and an unbound
    // connect goes out from it. Any(): leave addresses as they are, as those
    // of other families always are.
    Ipv4 host_address = Ipv4::Any();
    // Sockets are read and written by recv(2) and send(2), which answer as
    // read(2) and write(2) do and go a shorter way; strace(1) shows them.
    bool receive_and_send = false;
    // EPOLL_CTL_DEL of a socket waits for the next call that it matters to, and
    // is left out if that closes the socket, which takes it out of every epoll
    // (epoll(7), question 6). So it answers no error. Only of sockets that were
    // made here and have no other descriptor; the process must not share them
    // by fork(2).
    bool closing_removes = false;
  };

  // Ignores SIGPIPE in the process, as Node does.
  explicit LinuxKernel(Options options);
  LinuxKernel() : LinuxKernel(Options()) {}

  Result<Fd> Socket(Family family, int type, int protocol) override;
  Result<FdPair> Socketpair(Family family, int type, int protocol) override;
  Result<void> Bind(Fd fd, const Address& address) override;
  Result<void> Listen(Fd fd, int backlog) override;
  Result<Accepted> Accept4(Fd fd, int flags) override;
  Result<void> Connect(Fd fd, const Address& address) override;
  Result<size_t> Read(Fd fd, absl::Span<char> buffer) override;
  Result<size_t> Readv(Fd fd,
                       absl::Span<const absl::Span<char>> buffers) override;
  Result<size_t> Write(Fd fd, absl::Span<const char> data) override;
  Result<size_t> Writev(Fd fd,
                        absl::Span<const absl::Span<const char>> data) override;
  Result<size_t> Recv(Fd fd, absl::Span<char> buffer, int flags) override;
  Result<size_t> Recvfrom(Fd fd, absl::Span<char> buffer, int flags,
                          Address* from) override;
  Result<size_t> Recvmsg(Fd fd, IncomingMessage* message, int flags) override;
  Result<size_t> Send(Fd fd, absl::Span<const char> data, int flags) override;
  Result<size_t> Sendto(Fd fd, absl::Span<const char> data, int flags,
                        const Address& to) override;
  Result<size_t> Sendmsg(Fd fd, const OutgoingMessage& message,
                         int flags) override;
  Result<void> Shutdown(Fd fd, int how) override;
  Result<void> Close(Fd fd) override;
  Result<Fd> Dup(Fd fd) override;
  Result<Fd> Dup2(Fd fd, Fd onto) override;
  Result<Address> Getsockname(Fd fd) override;
  Result<Address> Getpeername(Fd fd) override;
  Result<size_t> Getsockopt(Fd fd, int level, int name,
                            absl::Span<char> value) override;
  Result<void> Setsockopt(Fd fd, int level, int name,
                          absl::Span<const char> value) override;
  Result<int> Fcntl(Fd fd, int command, int argument) override;
  Result<void> Ioctl(Fd fd, uint32_t request, int* value) override;
  Result<size_t> Poll(absl::Span<PollFd> fds, absl::Duration timeout) override;
  Result<Fd> EpollCreate1(int flags) override;
  Result<void> EpollCtl(Fd epoll, int op, Fd fd,
                        const EpollEvent& event) override;
  Result<size_t> EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                           absl::Duration timeout) override;
  Result<Fd> Eventfd(unsigned int initial, int flags) override;
  Result<Fd> TimerfdCreate(int clock, int flags) override;
  Result<TimerSpec> TimerfdSettime(Fd fd, int flags,
                                   const TimerSpec& spec) override;
  Result<TimerSpec> TimerfdGettime(Fd fd) override;
  Result<FdPair> Pipe2(int flags) override;
  Result<void> Unlink(const std::string& path) override;

 private:
  // Descriptors of which something is so.
  class Marks final {
   public:
    void Set(Fd fd, bool so) {
      const auto index = static_cast<size_t>(fd.number);
      if (!fd.valid() || (index >= marked_.size() && !so)) return;
      if (index >= marked_.size()) marked_.resize(index + 1);
      marked_[index] = so;
    }
    bool has(Fd fd) const {
      const auto index = static_cast<size_t>(fd.number);
      return index < marked_.size() && marked_[index];
    }
    void Clear() { marked_.clear(); }

   private:
    std::vector<bool> marked_;  // by number
  };

  bool maps() const { return !options_.host_address.is_any(); }
  // An IPv4 socket with no local address yet.
  bool IsUnbound(Fd fd) const;
  // `made` is another descriptor of the socket of `fd`.
  Result<Fd> Duplicated(Fd fd, const Result<Fd>& made);
  // The EPOLL_CTL_DEL that waits, if one does.
  void RemoveNow();

  Options options_;
  // Bound to host_address where 0.0.0.0 was asked for.
  Marks bound_to_any_;
  // Where closing_removes: the only descriptor of its socket.
  Marks sole_;
  struct {
    Fd epoll;
    Fd fd;  // not valid: none waits
  } removal_;
  bool counts_milliseconds_ = false;  // no epoll_pwait2(2) here
};

// CLOCK_MONOTONIC (clock_gettime(2)), counted from its construction.
class MonotonicClock final : public Clock {
 public:
  MonotonicClock();
  Instant Now() const override;

 private:
  int64_t start_nanos_;
};

}  // namespace simloop::loop

#endif  // LOOP_LINUX_KERNEL_H_
