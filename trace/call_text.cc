// strace(1)'s format.
#include "trace/call_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "trace/abi_text.h"

namespace simloop::trace {
namespace {

bool Ok(const Call& call) { return call.error == loop::Errno::kOk; }

// An address that was answered.
std::string NameText(const Call& call) {
  if (!Ok(call)) return ", ..., [128]";
  return absl::StrCat(", ", SockaddrText(call.address), ", [",
                      call.address.size(), "]");
}

// The bytes that went, of `all`.
std::string DataText(const Call& call, int64_t all) {
  return absl::StrCat(
      QuotedText(call.data),
      static_cast<int64_t>(call.data.size()) < all ? "..." : "");
}

std::string TransferText(const Call& call) {
  if (!Ok(call)) return absl::StrCat("..., ", call.args[0]);
  const bool receives = call.call == Syscall::kRecv ||
                        call.call == Syscall::kRecvfrom ||
                        call.call == Syscall::kRecvmsg;
  const bool truncated = receives && (call.args[1] & loop::kMsgTrunc) != 0;
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
  const auto events_text =
      call.call == Syscall::kPoll ? PollEventsText : EpollEventsText;
  std::string text = "[";
  for (const Readiness& ready : reported) {
    absl::StrAppend(&text, text.size() > 1 ? ", " : "", fd_text(ready.fd), " ",
                    events_text(ready.events));
  }
  return absl::StrCat(text, "]");
}

std::string TimeoutText(int64_t nanos) {
  return nanos < 0 ? "-1" : absl::StrCat(nanos, "ns");
}

// What a call about a message says of its other end, and of its control data.
std::string MessageText(const Call& call) {
  const bool named = call.address.family != loop::Family::kUnspecified;
  return absl::StrCat("{", named ? SockaddrText(call.address) : "NULL", ", [",
                      TransferText(call), "], ", call.args[2], "}, ",
                      MessageFlagsText(call.args[1]));
}

// Of recvfrom and sendto.
std::string TransferWithAddressText(const Call& call) {
  const bool answered = call.call == Syscall::kRecvfrom;
  std::string size = absl::StrCat(call.address.size());
  if (answered) size = absl::StrCat("[", size, "]");
  const bool known = Ok(call) || !answered;
  const bool named = known && call.address.family != loop::Family::kUnspecified;
  return absl::StrCat(", ", TransferText(call), ", ",
                      MessageFlagsText(call.args[1]), ", ",
                      named   ? SockaddrText(call.address)
                      : known ? "NULL"
                              : "...",
                      ", ",
                      named   ? size
                      : known ? "[0]"
                              : "[128]");
}

std::string PairText(const Call& call, FdText fd_text) {
  if (!Ok(call)) return "...";
  return absl::StrCat("[", fd_text(call.other), ", ",
                      fd_text(loop::Fd{static_cast<int>(call.result)}), "]");
}

std::string TimerText(const Call& call) {
  return absl::StrCat("{it_interval=", call.args[1],
                      "ns, it_value=", call.args[2], "ns}");
}

// The calls about descriptors that are no sockets.
std::string OtherArgumentsText(const Call& call,
                               absl::Span<const Readiness> reported,
                               FdText fd_text) {
  const int64_t* args = call.args;
  switch (call.call) {
    case Syscall::kDup2:
      return absl::StrCat(", ", args[0]);
    case Syscall::kFcntl:
      return absl::StrCat(", ", FcntlCommandText(args[0]), ", ", args[1]);
    case Syscall::kIoctl:
      return absl::StrCat(", ", IoctlRequestText(args[0]), ", [", args[1], "]");
    case Syscall::kPoll:
      return absl::StrCat(ReportedText(call, reported, fd_text), ", ", args[0],
                          ", ", TimeoutText(args[1]));
    case Syscall::kEventfd:
      return absl::StrCat(args[0], ", ", AcceptFlagsText(args[1]));
    case Syscall::kTimerfdCreate:
      return absl::StrCat(ClockText(args[0]), ", ", AcceptFlagsText(args[1]));
    case Syscall::kTimerfdSettime:
      return absl::StrCat(", ", args[0], ", ", TimerText(call));
    case Syscall::kTimerfdGettime:
      return absl::StrCat(", ", Ok(call) ? TimerText(call) : "...");
    case Syscall::kPipe2:
      return absl::StrCat(PairText(call, fd_text), ", ",
                          AcceptFlagsText(args[0]));
    case Syscall::kUnlink:
      return QuotedText(call.data);
    default:
      return "";
  }
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
      return absl::StrCat(", ", SockaddrText(call.address), ", ",
                          call.address.size());
    case Syscall::kListen:
      return absl::StrCat(", ", args[0]);
    case Syscall::kAccept4:
      return absl::StrCat(NameText(call), ", ", AcceptFlagsText(args[0]));
    case Syscall::kRead:
    case Syscall::kWrite:
      return absl::StrCat(", ", TransferText(call));
    case Syscall::kReadv:
    case Syscall::kWritev:
      return absl::StrCat(", [", TransferText(call), " in ", args[1], "]");
    case Syscall::kRecv:
    case Syscall::kSend:
      return absl::StrCat(", ", TransferText(call), ", ",
                          MessageFlagsText(args[1]));
    case Syscall::kShutdown:
      return absl::StrCat(", ", HowText(args[0]));
    case Syscall::kRecvfrom:
    case Syscall::kSendto:
      return TransferWithAddressText(call);
    case Syscall::kRecvmsg:
    case Syscall::kSendmsg:
      return absl::StrCat(", ", MessageText(call));
    case Syscall::kSocketpair:
      return absl::StrCat(FamilyText(args[0]), ", ", SocketTypeText(args[1]),
                          ", ", args[2], ", ", PairText(call, fd_text));
    case Syscall::kGetsockname:
    case Syscall::kGetpeername:
      return NameText(call);
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
    default:
      return OtherArgumentsText(call, reported, fd_text);
  }
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
    case Syscall::kDup:
    case Syscall::kDup2:
    case Syscall::kEventfd:
    case Syscall::kTimerfdCreate:
      return fd_text(call.other);
    case Syscall::kGetsockopt:  // answers its value's size beside it
    case Syscall::kSocketpair:  // and these what they made
    case Syscall::kPipe2:
      return "0";
    default:
      return absl::StrCat(call.result);
  }
}

}  // namespace

bool AsksDescriptor(Syscall call) {
  switch (call) {
    case Syscall::kSocket:
    case Syscall::kSocketpair:
    case Syscall::kEpollCreate1:
    case Syscall::kEventfd:
    case Syscall::kTimerfdCreate:
    case Syscall::kPipe2:
    case Syscall::kPoll:
    case Syscall::kUnlink:
      return false;
    default:
      return true;
  }
}

std::string CallText(const Call& call, FdText fd_text,
                     absl::Span<const Readiness> reported) {
  return absl::StrCat(std::string(SyscallName(call.call)), "(",
                      AsksDescriptor(call.call) ? fd_text(call.fd) : "",
                      ArgumentsText(call, reported, fd_text),
                      ") = ", ResultText(call, fd_text));
}

}  // namespace simloop::trace
