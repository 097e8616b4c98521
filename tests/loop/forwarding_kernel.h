// ForwardingKernel: a kernel that hands every call to another. Decorators of
// tests override the calls they look at.
#ifndef TESTS_LOOP_FORWARDING_KERNEL_H_
#define TESTS_LOOP_FORWARDING_KERNEL_H_

#include <string>

#include "loop/kernel.h"

namespace simloop::loop {

class ForwardingKernel : public Kernel {
 public:
  // `kernel` must outlive it.
  explicit ForwardingKernel(Kernel& kernel) : kernel_(kernel) {}

  Result<Fd> Socket(Family family, int type, int protocol) override {
    return kernel_.Socket(family, type, protocol);
  }
  Result<FdPair> Socketpair(Family family, int type, int protocol) override {
    return kernel_.Socketpair(family, type, protocol);
  }
  Result<void> Bind(Fd fd, const Address& address) override {
    return kernel_.Bind(fd, address);
  }
  Result<void> Listen(Fd fd, int backlog) override {
    return kernel_.Listen(fd, backlog);
  }
  Result<Accepted> Accept4(Fd fd, int flags) override {
    return kernel_.Accept4(fd, flags);
  }
  Result<void> Connect(Fd fd, const Address& address) override {
    return kernel_.Connect(fd, address);
  }
  Result<size_t> Read(Fd fd, absl::Span<char> buffer) override {
    return kernel_.Read(fd, buffer);
  }
  Result<size_t> Readv(Fd fd,
                       absl::Span<const absl::Span<char>> buffers) override {
    return kernel_.Readv(fd, buffers);
  }
  Result<size_t> Write(Fd fd, absl::Span<const char> data) override {
    return kernel_.Write(fd, data);
  }
  Result<size_t> Writev(
      Fd fd, absl::Span<const absl::Span<const char>> data) override {
    return kernel_.Writev(fd, data);
  }
  Result<size_t> Recv(Fd fd, absl::Span<char> buffer, int flags) override {
    return kernel_.Recv(fd, buffer, flags);
  }
  Result<size_t> Recvfrom(Fd fd, absl::Span<char> buffer, int flags,
                          Address* from) override {
    return kernel_.Recvfrom(fd, buffer, flags, from);
  }
  Result<size_t> Recvmsg(Fd fd, IncomingMessage* message, int flags) override {
    return kernel_.Recvmsg(fd, message, flags);
  }
  Result<size_t> Send(Fd fd, absl::Span<const char> data, int flags) override {
    return kernel_.Send(fd, data, flags);
  }
  Result<size_t> Sendto(Fd fd, absl::Span<const char> data, int flags,
                        const Address& to) override {
    return kernel_.Sendto(fd, data, flags, to);
  }
  Result<size_t> Sendmsg(Fd fd, const OutgoingMessage& message,
                         int flags) override {
    return kernel_.Sendmsg(fd, message, flags);
  }
  Result<void> Shutdown(Fd fd, int how) override {
    return kernel_.Shutdown(fd, how);
  }
  Result<void> Close(Fd fd) override { return kernel_.Close(fd); }
  Result<Fd> Dup(Fd fd) override { return kernel_.Dup(fd); }
  Result<Fd> Dup2(Fd fd, Fd onto) override { return kernel_.Dup2(fd, onto); }
  Result<Address> Getsockname(Fd fd) override {
    return kernel_.Getsockname(fd);
  }
  Result<Address> Getpeername(Fd fd) override {
    return kernel_.Getpeername(fd);
  }
  Result<size_t> Getsockopt(Fd fd, int level, int name,
                            absl::Span<char> value) override {
    return kernel_.Getsockopt(fd, level, name, value);
  }
  Result<void> Setsockopt(Fd fd, int level, int name,
                          absl::Span<const char> value) override {
    return kernel_.Setsockopt(fd, level, name, value);
  }
  Result<int> Fcntl(Fd fd, int command, int argument) override {
    return kernel_.Fcntl(fd, command, argument);
  }
  Result<void> Ioctl(Fd fd, uint32_t request, int* value) override {
    return kernel_.Ioctl(fd, request, value);
  }
  Result<size_t> Poll(absl::Span<PollFd> fds, absl::Duration timeout) override {
    return kernel_.Poll(fds, timeout);
  }
  Result<Fd> EpollCreate1(int flags) override {
    return kernel_.EpollCreate1(flags);
  }
  Result<void> EpollCtl(Fd epoll, int op, Fd fd,
                        const EpollEvent& event) override {
    return kernel_.EpollCtl(epoll, op, fd, event);
  }
  Result<size_t> EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                           absl::Duration timeout) override {
    return kernel_.EpollWait(epoll, events, timeout);
  }
  Result<Fd> Eventfd(unsigned int initial, int flags) override {
    return kernel_.Eventfd(initial, flags);
  }
  Result<Fd> TimerfdCreate(int clock, int flags) override {
    return kernel_.TimerfdCreate(clock, flags);
  }
  Result<TimerSpec> TimerfdSettime(Fd fd, int flags,
                                   const TimerSpec& spec) override {
    return kernel_.TimerfdSettime(fd, flags, spec);
  }
  Result<TimerSpec> TimerfdGettime(Fd fd) override {
    return kernel_.TimerfdGettime(fd);
  }
  Result<FdPair> Pipe2(int flags) override { return kernel_.Pipe2(flags); }
  Result<void> Unlink(const std::string& path) override {
    return kernel_.Unlink(path);
  }

 protected:
  Kernel& kernel_;
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_FORWARDING_KERNEL_H_
