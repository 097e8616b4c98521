// strace(1)'s format.
#include "trace/call_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "trace/abi_text.h"

namespace simloop::trace {
namespace {

bool Ok(const Call& call) { return call.error == loop::Errno::kOk; }

// The bytes that went, of `all`.
std::string DataText(const Call& call, int64_t all) {
  return absl::StrCat(
      QuotedText(call.data),
      static_cast<int64_t>(call.data.size()) < all ? "..." : "");
}

std::string TransferText(const Call& call) {
  if (!Ok(call)) return absl::StrCat("..., ", call.args[0]);
  const bool truncated =
      call.call == Syscall::kRecv && (call.args[1] & loop::kMsgTrunc) != 0;
  return absl::StrCat(truncated ? "..." : DataText(call, call.result), ", ",
                      call.args[0]);
}

std::string OptionValueText(const Call& call) {
  if (call.call == Syscall::kGetsockopt && !Ok(call)) return "...";
  const int64_t value = call.args[2];
  if (!call.data.empty()) return QuotedText(call.data);
  if (call.args[0] != loop::kSolSocket) return absl::StrCat("[", value, "]");
  if (call.args[1] == loop::kSoLinger) {
    return absl::StrCat("{l_onoff=", value & 0xffffffff,
                        ", l_linger=", value >> 32, "}");
  }
  if (call.args[1] == loop::kSoError && value != 0) {
    return absl::StrCat(
        "[", std::string(ErrnoName(static_cast<loop::Errno>(value))), "]");
  }
  return absl::StrCat("[", value, "]");
}

std::string ReportedText(const Call& call, absl::Span<const Readiness> reported,
                         FdText fd_text) {
  if (reported.empty()) return "...";
  std::string text = "[";
  for (const Readiness& ready : reported) {
    absl::StrAppend(&text, text.size() > 1 ? ", " : "", fd_text(ready.fd), " ",
                    EpollEventsText(ready.events));
  }
  return absl::StrCat(text, "]");
}

std::string TimeoutText(int64_t nanos) {
  return nanos < 0 ? "-1" : absl::StrCat(nanos, "ns");
}

std::string ArgumentsText(const Call& call,
                          absl::Span<const Readiness> reported,
                          FdText fd_text) {
  const int64_t* args = call.args;
  switch (call.call) {
    case Syscall::kSocket:
      return absl::StrCat(FamilyText(args[0]), ", ", SocketTypeText(args[1]),
                          ", ", args[2]);
    case Syscall::kBind:
    case Syscall::kConnect:
      return absl::StrCat(", ", SockaddrText(call.address), ", 16");
    case Syscall::kListen:
      return absl::StrCat(", ", args[0]);
    case Syscall::kAccept4:
      return absl::StrCat(", ", Ok(call) ? SockaddrText(call.address) : "...",
                          Ok(call) ? ", [16], " : ", [128], ",
                          AcceptFlagsText(args[0]));
    case Syscall::kRead:
    case Syscall::kWrite:
      return absl::StrCat(", ", TransferText(call));
    case Syscall::kWritev:
      return absl::StrCat(", [", TransferText(call), " in ", args[1], "]");
    case Syscall::kRecv:
    case Syscall::kSend:
      return absl::StrCat(", ", TransferText(call), ", ",
                          MessageFlagsText(args[1]));
    case Syscall::kShutdown:
      return absl::StrCat(", ", HowText(args[0]));
    case Syscall::kClose:
      return "";
    case Syscall::kGetsockname:
    case Syscall::kGetpeername:
      return Ok(call) ? absl::StrCat(", ", SockaddrText(call.address), ", [16]")
                      : std::string(", ..., [128]");
    case Syscall::kGetsockopt:
    case Syscall::kSetsockopt:
      return absl::StrCat(", ", LevelText(args[0]), ", ",
                          OptionText(args[0], args[1]), ", ",
                          OptionValueText(call));
    case Syscall::kEpollCreate1:
      return args[0] == loop::kEpollCloexec ? "EPOLL_CLOEXEC"
                                            : absl::StrCat(args[0]);
    case Syscall::kEpollCtl:
      return absl::StrCat(", ", EpollOpText(args[0]), ", ", fd_text(call.other),
                          ", ",
                          EpollEventsText(static_cast<uint32_t>(args[1])));
    case Syscall::kEpollWait:
      return absl::StrCat(", ", ReportedText(call, reported, fd_text), ", ",
                          args[0], ", ", TimeoutText(args[1]));
  }
  return "";
}

// The descriptor a call makes is written by name, other results as numbers.
std::string ResultText(const Call& call, FdText fd_text) {
  if (!Ok(call)) {
    return absl::StrCat("-1 ", std::string(ErrnoName(call.error)), " (",
                        std::string(ErrnoText(call.error)), ")");
  }
  switch (call.call) {
    case Syscall::kSocket:
    case Syscall::kAccept4:
    case Syscall::kEpollCreate1:
      return fd_text(call.other);
    case Syscall::kGetsockopt:  // answers its value's size beside it
      return "0";
    default:
      return absl::StrCat(call.result);
  }
}

}  // namespace

std::string CallText(const Call& call, FdText fd_text,
                     absl::Span<const Readiness> reported) {
  const bool asks_none =
      call.call == Syscall::kSocket || call.call == Syscall::kEpollCreate1;
  return absl::StrCat(std::string(SyscallName(call.call)), "(",
                      asks_none ? "" : fd_text(call.fd),
                      ArgumentsText(call, reported, fd_text),
                      ") = ", ResultText(call, fd_text));
}

}  // namespace simloop::trace
