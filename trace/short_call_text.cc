// The short form of call_text.h: what was asked of which descriptor, and the
// answer.
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "trace/abi_text.h"
#include "trace/call_text.h"

namespace simloop::trace {
namespace {

// " nonblock,cloexec", or less.
std::string NewFlagsText(int64_t flags) {
  std::string text;
  if ((flags & loop::kSockNonblock) != 0) text = "nonblock";
  if ((flags & loop::kSockCloexec) != 0) {
    absl::StrAppend(&text, text.empty() ? "" : ",", "cloexec");
  }
  return text.empty() ? text : absl::StrCat(" ", text);
}

std::string SocketKindText(int64_t family, int64_t type) {
  if (family == static_cast<int64_t>(loop::Family::kUnix)) return "unix";
  const int64_t flags = loop::kSockNonblock | loop::kSockCloexec;
  const bool stream = (type & ~flags) == loop::kSockStream;
  const bool v6 = family == static_cast<int64_t>(loop::Family::kInet6);
  return absl::StrCat(stream ? "tcp" : "udp", v6 ? "6" : "4");
}

absl::string_view ShortHowText(int64_t how) {
  switch (how) {
    case loop::kShutRd:
      return "read";
    case loop::kShutWr:
      return "write";
    default:
      return "both";
  }
}

std::string BoundText(const loop::Address& address) {
  if (address.family == loop::Family::kUnix) return address.ToString();
  return address.ip.is_any() ? "any" : address.ip.ToString();
}

std::string AskedText(const Call& call, FdText fd_text) {
  switch (call.call) {
    case Syscall::kSocket:
      return SocketKindText(call.args[0], call.args[1]);
    case Syscall::kBind:
      return absl::StrCat(fd_text(call.fd), ", ", BoundText(call.address));
    case Syscall::kListen:
    case Syscall::kWrite:
    case Syscall::kWritev:
    case Syscall::kSend:
    case Syscall::kSendmsg:
      return absl::StrCat(fd_text(call.fd), ", ", call.args[0]);
    case Syscall::kShutdown:
      return absl::StrCat(fd_text(call.fd), ", ",
                          std::string(ShortHowText(call.args[0])));
    case Syscall::kGetsockopt:
      return absl::StrCat(fd_text(call.fd), ",",
                          OptionText(call.args[0], call.args[1]));
    case Syscall::kSetsockopt:
      return absl::StrCat(fd_text(call.fd), ",",
                          OptionText(call.args[0], call.args[1]), ",",
                          call.args[2]);
    case Syscall::kEpollCtl:
      return absl::StrCat(fd_text(call.fd), ", ", EpollOpText(call.args[0]),
                          ", ", fd_text(call.other));
    case Syscall::kSocketpair:
      return SocketKindText(call.args[0], call.args[1]);
    case Syscall::kSendto:
      return absl::StrCat(fd_text(call.fd), ", ", call.args[0], ", ",
                          call.address.ToString());
    case Syscall::kFcntl:
      return absl::StrCat(fd_text(call.fd), ", ",
                          FcntlCommandText(call.args[0]));
    case Syscall::kIoctl:
      return absl::StrCat(fd_text(call.fd), ", ",
                          IoctlRequestText(call.args[0]));
    case Syscall::kTimerfdSettime:
      return absl::StrCat(fd_text(call.fd), ", ", call.args[2], "ns");
    case Syscall::kUnlink:
      return std::string(call.data);
    default:
      return AsksDescriptor(call.call) ? fd_text(call.fd) : "";
  }
}

std::string AnswerText(const Call& call, FdText fd_text) {
  if (call.error != loop::Errno::kOk) {
    return std::string(ErrnoName(call.error));
  }
  switch (call.call) {
    case Syscall::kSocket:
      return absl::StrCat(fd_text(call.other), NewFlagsText(call.args[1]));
    case Syscall::kAccept4:
      return absl::StrCat(fd_text(call.other), NewFlagsText(call.args[0]));
    case Syscall::kEpollCreate1:
    case Syscall::kDup:
    case Syscall::kDup2:
    case Syscall::kEventfd:
    case Syscall::kTimerfdCreate:
      return fd_text(call.other);
    case Syscall::kSocketpair:
    case Syscall::kPipe2:
      return absl::StrCat(fd_text(call.other), " ",
                          fd_text(loop::Fd{static_cast<int>(call.result)}));
    case Syscall::kIoctl:
      return absl::StrCat(call.args[1]);
    case Syscall::kGetsockname:
    case Syscall::kGetpeername:
      return call.address.ToString();
    case Syscall::kGetsockopt:
      if (call.args[0] == loop::kSolSocket && call.args[1] == loop::kSoError &&
          call.args[2] != 0) {
        return std::string(ErrnoName(static_cast<loop::Errno>(call.args[2])));
      }
      return absl::StrCat(call.args[2]);
    default:
      return absl::StrCat(call.result);
  }
}

}  // namespace

std::string ShortCallText(const Call& call, FdText fd_text) {
  // Only accept4(2) is called, and people say accept.
  const absl::string_view name =
      call.call == Syscall::kAccept4 ? "accept" : SyscallName(call.call);
  return absl::StrCat(std::string(name), "(", AskedText(call, fd_text), ") -> ",
                      AnswerText(call, fd_text));
}

}  // namespace simloop::trace
