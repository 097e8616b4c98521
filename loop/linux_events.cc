// The calls of LinuxKernel that wait, that make descriptors other than
// sockets, and that ask about any descriptor; and the clock.
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "loop/linux_kernel.h"
#include "loop/linux_result.h"

namespace simloop::loop {
namespace {

// At most so many events are asked for at once; epoll_wait(2) answers with as
// many as it likes anyway.
constexpr size_t kMaxEvents = 1024;
// No request that a socket takes has a longer argument (netdevice(7)): one
// whose argument is no int harms nobody.
constexpr size_t kMaxIoctlBytes = 256;

TimerSpec SpecOf(const itimerspec& native) {
  return {absl::DurationFromTimespec(native.it_interval),
          absl::DurationFromTimespec(native.it_value)};
}

int64_t MonotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

}  // namespace

Result<int> LinuxKernel::Fcntl(Fd fd, int command, int argument) {
  const int result = fcntl(fd.number, command, argument);
  if (result < 0) return LastError();
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
    static_cast<void>(Duplicated(fd, Fd{result}));
  }
  return result;
}

Result<void> LinuxKernel::Ioctl(Fd fd, uint32_t request, int* value) {
  alignas(8) char argument[kMaxIoctlBytes] = {};
  memcpy(argument, value, sizeof *value);
  if (ioctl(fd.number, request, argument) < 0) return LastError();
  memcpy(value, argument, sizeof *value);
  return {};
}

Result<size_t> LinuxKernel::Poll(absl::Span<PollFd> fds,
                                 absl::Duration timeout) {
  RemoveNow();  // one of them may be an epoll
  std::vector<pollfd> native(fds.size());
  for (size_t i = 0; i < fds.size(); ++i) {
    native[i].fd = fds[i].fd.number;
    native[i].events = static_cast<int16_t>(fds[i].events);
  }
  const Limit limit(timeout);
  const int count =
      ppoll(native.data(), native.size(), limit.get(), /*sigmask=*/nullptr);
  if (count < 0) return LastError();
  for (size_t i = 0; i < fds.size(); ++i) {
    fds[i].revents = static_cast<uint16_t>(native[i].revents);
  }
  return static_cast<size_t>(count);
}

Result<Fd> LinuxKernel::EpollCreate1(int flags) {
  return Descriptor(epoll_create1(flags));
}

Result<void> LinuxKernel::EpollCtl(Fd epoll, int op, Fd fd,
                                   const EpollEvent& event) {
  RemoveNow();
  if (op == kEpollCtlDel && sole_.has(fd)) {
    removal_ = {epoll, fd};
    return {};
  }
  epoll_event native = {};
  native.events = event.events;
  native.data.u64 = event.data;
  return Done(epoll_ctl(epoll.number, op, fd.number, &native));
}

void LinuxKernel::RemoveNow() {
  if (!removal_.fd.valid()) return;
  epoll_event unused = {};
  epoll_ctl(removal_.epoll.number, EPOLL_CTL_DEL, removal_.fd.number, &unused);
  removal_.fd = Fd();
}

Result<size_t> LinuxKernel::EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                                      absl::Duration timeout) {
  RemoveNow();
  // epoll_wait(2) counts milliseconds; epoll_pwait2(2) nanoseconds.
  epoll_event native[kMaxEvents];
  const int room = static_cast<int>(std::min(events.size(), kMaxEvents));
  int count = -1;
  if (!counts_milliseconds_) {
    const Limit limit(timeout);
    count = epoll_pwait2(epoll.number, native, room, limit.get(),
                         /*sigmask=*/nullptr);
    // Before Linux 5.11, and behind an older sandbox, there is none.
    counts_milliseconds_ = count < 0 && (errno == ENOSYS || errno == EPERM);
  }
  if (counts_milliseconds_) {
    count = epoll_wait(epoll.number, native, room, MillisecondsUp(timeout));
  }
  if (count < 0) return LastError();
  for (int i = 0; i < count; ++i) {
    events[static_cast<size_t>(i)] = {native[i].events, native[i].data.u64};
  }
  return static_cast<size_t>(count);
}

Result<Fd> LinuxKernel::Eventfd(unsigned int initial, int flags) {
  return Descriptor(eventfd(initial, flags));
}

Result<Fd> LinuxKernel::TimerfdCreate(int clock, int flags) {
  return Descriptor(timerfd_create(clock, flags));
}

Result<TimerSpec> LinuxKernel::TimerfdSettime(Fd fd, int flags,
                                              const TimerSpec& spec) {
  itimerspec native = {absl::ToTimespec(spec.interval),
                       absl::ToTimespec(spec.value)};
  itimerspec old = {};
  if (timerfd_settime(fd.number, flags, &native, &old) < 0) return LastError();
  return SpecOf(old);
}

Result<TimerSpec> LinuxKernel::TimerfdGettime(Fd fd) {
  itimerspec now = {};
  if (timerfd_gettime(fd.number, &now) < 0) return LastError();
  return SpecOf(now);
}

Result<FdPair> LinuxKernel::Pipe2(int flags) {
  int made[2];
  if (pipe2(made, flags) < 0) return LastError();
  return FdPair{Fd{made[0]}, Fd{made[1]}};
}

Result<void> LinuxKernel::Unlink(const std::string& path) {
  return Done(unlink(path.c_str()));
}

MonotonicClock::MonotonicClock() : start_nanos_(MonotonicNanos()) {}

Instant MonotonicClock::Now() const {
  return Instant::FromNanos(MonotonicNanos() - start_nanos_);
}

}  // namespace simloop::loop
