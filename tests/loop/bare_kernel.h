// BareKernel: a kernel that implements no call: each answers ENOSYS, as Linux
// answers a call it was built without. Kernels of tests override what they
// need.
#ifndef TESTS_LOOP_BARE_KERNEL_H_
#define TESTS_LOOP_BARE_KERNEL_H_

#include <string>

#include "loop/kernel.h"

namespace simloop::loop {

class BareKernel : public Kernel {
 public:
  Result<Fd> Socket(Family, int, int) override { return Errno::kENOSYS; }
  Result<FdPair> Socketpair(Family, int, int) override {
    return Errno::kENOSYS;
  }
  Result<void> Bind(Fd, const Address&) override { return Errno::kENOSYS; }
  Result<void> Listen(Fd, int) override { return Errno::kENOSYS; }
  Result<Accepted> Accept4(Fd, int) override { return Errno::kENOSYS; }
  Result<void> Connect(Fd, const Address&) override { return Errno::kENOSYS; }
  Result<size_t> Read(Fd, absl::Span<char>) override { return Errno::kENOSYS; }
  Result<size_t> Readv(Fd, absl::Span<const absl::Span<char>>) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Write(Fd, absl::Span<const char>) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Writev(Fd, absl::Span<const absl::Span<const char>>) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Recv(Fd, absl::Span<char>, int) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Recvfrom(Fd, absl::Span<char>, int, Address*) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Recvmsg(Fd, IncomingMessage*, int) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Send(Fd, absl::Span<const char>, int) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Sendto(Fd, absl::Span<const char>, int,
                        const Address&) override {
    return Errno::kENOSYS;
  }
  Result<size_t> Sendmsg(Fd, const OutgoingMessage&, int) override {
    return Errno::kENOSYS;
  }
  Result<void> Shutdown(Fd, int) override { return Errno::kENOSYS; }
  Result<void> Close(Fd) override { return Errno::kENOSYS; }
  Result<Fd> Dup(Fd) override { return Errno::kENOSYS; }
  Result<Fd> Dup2(Fd, Fd) override { return Errno::kENOSYS; }
  Result<Address> Getsockname(Fd) override { return Errno::kENOSYS; }
  Result<Address> Getpeername(Fd) override { return Errno::kENOSYS; }
  Result<size_t> Getsockopt(Fd, int, int, absl::Span<char>) override {
    return Errno::kENOSYS;
  }
  Result<void> Setsockopt(Fd, int, int, absl::Span<const char>) override {
    return Errno::kENOSYS;
  }
  Result<int> Fcntl(Fd, int, int) override { return Errno::kENOSYS; }
  Result<void> Ioctl(Fd, uint32_t, int*) override { return Errno::kENOSYS; }
  Result<size_t> Poll(absl::Span<PollFd>, absl::Duration) override {
    return Errno::kENOSYS;
  }
  Result<Fd> EpollCreate1(int) override { return Errno::kENOSYS; }
  Result<void> EpollCtl(Fd, int, Fd, const EpollEvent&) override {
    return Errno::kENOSYS;
  }
  Result<size_t> EpollWait(Fd, absl::Span<EpollEvent>,
                           absl::Duration) override {
    return Errno::kENOSYS;
  }
  Result<Fd> Eventfd(unsigned int, int) override { return Errno::kENOSYS; }
  Result<Fd> TimerfdCreate(int, int) override { return Errno::kENOSYS; }
  Result<TimerSpec> TimerfdSettime(Fd, int, const TimerSpec&) override {
    return Errno::kENOSYS;
  }
  Result<TimerSpec> TimerfdGettime(Fd) override { return Errno::kENOSYS; }
  Result<FdPair> Pipe2(int) override { return Errno::kENOSYS; }
  Result<void> Unlink(const std::string&) override { return Errno::kENOSYS; }
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_BARE_KERNEL_H_
