// LoggingKernel: writes the epoll calls of another kernel as lines, with
// descriptors as letters in the order they were made: "ADD A IN", "MOD B IN =
// EEXIST", "WAIT A:IN B:OUT". The first descriptor is the loop's epoll.
#ifndef TESTS_LOOP_LOGGING_KERNEL_H_
#define TESTS_LOOP_LOGGING_KERNEL_H_

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "loop/kernel.h"
#include "tests/loop/epoll_text.h"
#include "tests/loop/loop_log.h"

namespace simloop::loop {

class LoggingKernel final : public Kernel {
 public:
  // Both must outlive it.
  LoggingKernel(Kernel& kernel, LoopLog& log) : kernel_(kernel), log_(log) {}

  Result<Fd> Socket(Family family, int type, int protocol) override {
    const Result<Fd> made = kernel_.Socket(family, type, protocol);
    if (made.ok()) Name(*made);
    return made;
  }
  Result<Accepted> Accept4(Fd fd, int flags) override {
    const Result<Accepted> made = kernel_.Accept4(fd, flags);
    if (made.ok()) Name(made->fd);
    return made;
  }
  Result<Fd> EpollCreate1(int flags) override {
    return kernel_.EpollCreate1(flags);
  }
  Result<void> EpollCtl(Fd epoll, int op, Fd fd,
                        const EpollEvent& event) override {
    const Result<void> done = kernel_.EpollCtl(epoll, op, fd, event);
    std::string line = absl::StrCat(EpollOpText(op), " ", names_[fd.number]);
    if (op != kEpollCtlDel) {
      absl::StrAppend(&line, " ", EpollBitsText(event.events));
    }
    if (!done.ok()) absl::StrAppend(&line, " = ", ErrnoName(done.error()));
    log_.Say(line);
    return done;
  }
  Result<size_t> EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                           absl::Duration timeout) override {
    const Result<size_t> count = kernel_.EpollWait(epoll, events, timeout);
    if (!count.ok() || *count == 0) return count;
    std::string line = "WAIT";
    for (const EpollEvent& event : events.first(*count)) {
      const int number = static_cast<int>(event.data & 0xffffffff);
      absl::StrAppend(&line, " ", names_[number], ":",
                      EpollBitsText(event.events));
    }
    log_.Say(line);
    return count;
  }
  Result<void> Bind(Fd fd, const Address& address) override {
    return kernel_.Bind(fd, address);
  }
  Result<void> Listen(Fd fd, int backlog) override {
    return kernel_.Listen(fd, backlog);
  }
  Result<void> Connect(Fd fd, const Address& address) override {
    return kernel_.Connect(fd, address);
  }
  Result<size_t> Read(Fd fd, absl::Span<char> buffer) override {
    return kernel_.Read(fd, buffer);
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
  Result<size_t> Send(Fd fd, absl::Span<const char> data, int flags) override {
    return kernel_.Send(fd, data, flags);
  }
  Result<void> Shutdown(Fd fd, int how) override {
    return kernel_.Shutdown(fd, how);
  }
  Result<void> Close(Fd fd) override { return kernel_.Close(fd); }
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

 private:
  void Name(Fd fd) { names_[fd.number] = std::string(1, next_name_++); }

  Kernel& kernel_;
  LoopLog& log_;
  std::map<int, std::string> names_;
  char next_name_ = 'A';
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_LOGGING_KERNEL_H_
