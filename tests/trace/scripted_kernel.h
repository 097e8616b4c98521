// ScriptedKernel: a kernel whose every call answers what the test has set.
#ifndef TESTS_TRACE_SCRIPTED_KERNEL_H_
#define TESTS_TRACE_SCRIPTED_KERNEL_H_

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "tests/loop/bare_kernel.h"

namespace simloop::trace {

class ScriptedKernel final : public loop::BareKernel {
 public:
  // What calls answer: this error, if it is not kOk, or else these.
  loop::Errno error = loop::Errno::kOk;
  int next_fd = 10;
  std::string data;
  loop::Address address = *loop::Address::Parse("10.0.0.9:99");
  std::vector<loop::EpollEvent> events;

  loop::Result<loop::Fd> Socket(loop::Family, int, int) override {
    return New();
  }
  loop::Result<void> Bind(loop::Fd, const loop::Address&) override {
    return error;
  }
  loop::Result<void> Listen(loop::Fd, int) override { return error; }
  loop::Result<loop::Accepted> Accept4(loop::Fd, int) override {
    if (error != loop::Errno::kOk) return error;
    return loop::Accepted{loop::Fd{next_fd++}, address};
  }
  loop::Result<void> Connect(loop::Fd, const loop::Address&) override {
    return error;
  }
  loop::Result<size_t> Read(loop::Fd, absl::Span<char> buffer) override {
    if (error != loop::Errno::kOk) return error;
    const size_t size = std::min(buffer.size(), data.size());
    std::memcpy(buffer.data(), data.data(), size);
    return size;
  }
  loop::Result<size_t> Write(loop::Fd, absl::Span<const char> bytes) override {
    return Count(bytes.size());
  }
  loop::Result<size_t> Writev(
      loop::Fd, absl::Span<const absl::Span<const char>> parts) override {
    size_t size = 0;
    for (const absl::Span<const char> part : parts) size += part.size();
    return Count(size);
  }
  loop::Result<size_t> Recv(loop::Fd fd, absl::Span<char> buffer,
                            int) override {
    return Read(fd, buffer);
  }
  loop::Result<size_t> Send(loop::Fd, absl::Span<const char> bytes,
                            int) override {
    return Count(bytes.size());
  }
  loop::Result<size_t> Recvfrom(loop::Fd fd, absl::Span<char> buffer, int,
                                loop::Address* from) override {
    *from = address;
    return Read(fd, buffer);
  }
  loop::Result<size_t> Recvmsg(loop::Fd fd, loop::IncomingMessage* message,
                               int) override {
    message->from = address;
    return Read(fd, message->buffers[0]);
  }
  loop::Result<size_t> Sendto(loop::Fd, absl::Span<const char> bytes, int,
                              const loop::Address&) override {
    return Count(bytes.size());
  }
  loop::Result<loop::FdPair> Pipe2(int) override {
    if (error != loop::Errno::kOk) return error;
    next_fd += 2;
    return loop::FdPair{loop::Fd{next_fd - 2}, loop::Fd{next_fd - 1}};
  }
  loop::Result<loop::Fd> Dup2(loop::Fd, loop::Fd onto) override { return onto; }
  loop::Result<loop::Fd> Eventfd(unsigned int, int) override { return New(); }
  // All that is asked for has come.
  loop::Result<size_t> Poll(absl::Span<loop::PollFd> fds,
                            absl::Duration) override {
    for (loop::PollFd& fd : fds) fd.revents = fd.events;
    return Count(fds.size());
  }
  loop::Result<void> Unlink(const std::string&) override { return error; }
  loop::Result<void> Shutdown(loop::Fd, int) override { return error; }
  loop::Result<void> Close(loop::Fd) override { return error; }
  loop::Result<loop::Address> Getsockname(loop::Fd) override { return address; }
  loop::Result<loop::Address> Getpeername(loop::Fd) override { return address; }
  // Every option is 111, ECONNREFUSED.
  loop::Result<size_t> Getsockopt(loop::Fd, int, int,
                                  absl::Span<char> value) override {
    const int number = 111;
    std::memcpy(value.data(), &number, sizeof(number));
    return sizeof(number);
  }
  loop::Result<void> Setsockopt(loop::Fd, int, int,
                                absl::Span<const char>) override {
    return error;
  }
  loop::Result<loop::Fd> EpollCreate1(int) override { return New(); }
  loop::Result<void> EpollCtl(loop::Fd, int, loop::Fd,
                              const loop::EpollEvent&) override {
    return error;
  }
  loop::Result<size_t> EpollWait(loop::Fd, absl::Span<loop::EpollEvent> ready,
                                 absl::Duration) override {
    if (error != loop::Errno::kOk) return error;
    const size_t count = std::min(ready.size(), events.size());
    std::copy_n(events.begin(), count, ready.begin());
    return count;
  }

 private:
  loop::Result<loop::Fd> New() {
    if (error != loop::Errno::kOk) return error;
    return loop::Fd{next_fd++};
  }
  loop::Result<size_t> Count(size_t size) {
    if (error != loop::Errno::kOk) return error;
    return size;
  }
};

}  // namespace simloop::trace

#endif  // TESTS_TRACE_SCRIPTED_KERNEL_H_
