// The names of what a Record holds.
#include "trace/record.h"

#include <cstddef>
#include <iterator>

#include "loop/check.h"

namespace simloop::trace {
namespace {

// By number.
constexpr absl::string_view kNames[] = {
    "socket",
    "bind",
    "listen",
    "accept4",
    "connect",
    "read",
    "write",
    "writev",
    "recv",
    "send",
    "shutdown",
    "close",
    "getsockname",
    "getpeername",
    "getsockopt",
    "setsockopt",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "socketpair",
    "readv",
    "recvfrom",
    "recvmsg",
    "sendto",
    "sendmsg",
    "dup",
    "dup2",
    "fcntl",
    "ioctl",
    "poll",
    "eventfd",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "pipe2",
    "unlink",
};
static_assert(std::size(kNames) == static_cast<size_t>(kLastSyscall) + 1);

}  // namespace

absl::string_view SyscallName(Syscall call) {
  SIMLOOP_CHECK(call <= kLastSyscall, "not a system call");
  return kNames[static_cast<size_t>(call)];
}

}  // namespace simloop::trace
