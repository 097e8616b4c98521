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
#include "tests/loop/forwarding_kernel.h"
#include "tests/loop/loop_log.h"

namespace simloop::loop {

class LoggingKernel final : public ForwardingKernel {
 public:
  // Both must outlive it.
  LoggingKernel(Kernel& kernel, LoopLog& log)
      : ForwardingKernel(kernel), log_(log) {}

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

 private:
  void Name(Fd fd) { names_[fd.number] = std::string(1, next_name_++); }

  LoopLog& log_;
  std::map<int, std::string> names_;
  char next_name_ = 'A';
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_LOGGING_KERNEL_H_
