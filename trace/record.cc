// The names of what a Record holds.
#include "trace/record.h"

#include "loop/check.h"

namespace simloop::trace {

absl::string_view SyscallName(Syscall call) {
  switch (call) {
    case Syscall::kSocket:
      return "socket";
    case Syscall::kBind:
      return "bind";
    case Syscall::kListen:
      return "listen";
    case Syscall::kAccept4:
      return "accept4";
    case Syscall::kConnect:
      return "connect";
    case Syscall::kRead:
      return "read";
    case Syscall::kWrite:
      return "write";
    case Syscall::kWritev:
      return "writev";
    case Syscall::kRecv:
      return "recv";
    case Syscall::kSend:
      return "send";
    case Syscall::kShutdown:
      return "shutdown";
    case Syscall::kClose:
      return "close";
    case Syscall::kGetsockname:
      return "getsockname";
    case Syscall::kGetpeername:
      return "getpeername";
    case Syscall::kGetsockopt:
      return "getsockopt";
    case Syscall::kSetsockopt:
      return "setsockopt";
    case Syscall::kEpollCreate1:
      return "epoll_create1";
    case Syscall::kEpollCtl:
      return "epoll_ctl";
    case Syscall::kEpollWait:
      return "epoll_wait";
  }
  SIMLOOP_CHECK(false, "not a system call");
  return "";
}

}  // namespace simloop::trace
