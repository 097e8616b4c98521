// Writes a process's system calls as strace(1) does.
#include "tests/net/system_call_log.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "loop/abi.h"
#include "loop/errno.h"

namespace simloop::net {

using loop::Address;
using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

template <typename T>
std::string Answer(const Result<T>& result, absl::string_view success) {
  if (result.ok()) return std::string(success);
  return absl::StrCat("-1 ", loop::ErrnoName(result.error()), " (",
                      loop::ErrnoText(result.error()), ")");
}

std::string EventText(uint32_t events) {
  std::string text;
  const auto add = [&](uint32_t bit, const char* name) {
    if ((events & bit) == 0) return;
    absl::StrAppend(&text, text.empty() ? "" : "|", name);
  };
  add(loop::kEpollIn, "EPOLLIN");
  add(loop::kEpollOut, "EPOLLOUT");
  add(loop::kEpollErr, "EPOLLERR");
  add(loop::kEpollHup, "EPOLLHUP");
  return text.empty() ? "0" : text;
}

// A byte that is not ASCII, or controls, in octal: as short as can be.
std::string Octal(unsigned char byte, bool digit_follows) {
  return digit_follows ? absl::StrFormat("\\%03o", byte)
                       : absl::StrFormat("\\%o", byte);
}

std::string Quoted(absl::string_view data) {
  static constexpr absl::string_view kNamed = "\n\r\t\f\v\"\\";
  static constexpr absl::string_view kNames = "nrtfv\"\\";
  constexpr size_t kMost = 200;  // strace -s
  std::string text = "\"";
  for (size_t i = 0; i < data.size() && i < kMost; ++i) {
    const auto byte = static_cast<unsigned char>(data[i]);
    const size_t named = kNamed.find(data[i]);
    if (named != absl::string_view::npos) {
      absl::StrAppend(&text, "\\", kNames.substr(named, 1));
    } else if (byte < ' ' || byte > '~') {
      const bool digit_follows =
          i + 1 < data.size() && data[i + 1] >= '0' && data[i + 1] <= '9';
      text += Octal(byte, digit_follows);
    } else {
      text += data[i];
    }
  }
  return text + (data.size() > kMost ? "\"..." : "\"");
}

}  // namespace

void SystemCallLog::Line(absl::string_view call, absl::string_view answer) {
  absl::StrAppend(&text_, call, " = ", answer, "\n");
}

// The recorded logs begin with a call.
void SystemCallLog::Comment(absl::string_view line) {
  if (text_.empty()) return;
  absl::StrAppend(&text_, "            # ");
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    text_ += byte < 0x80 ? std::string(1, c) : Octal(byte, false);
  }
}

std::string SystemCallLog::Adopt(Fd fd) {
  names_[fd.number] = next_name_++;
  return Name(fd);
}

std::string SystemCallLog::Name(Fd fd) const {
  const auto found = names_.find(fd.number);
  return absl::StrCat(
      "fd", found == names_.end() ? "?" : std::string(1, found->second));
}

std::string SystemCallLog::Sockaddr(loop::Family family, const loop::Ip& ip,
                                    uint16_t port) {
  if (family == loop::Family::kUnix) return "{sa_family=AF_UNIX}";
  const int next = static_cast<int>(ports_.size()) + 1;
  const int name = ports_.emplace(port, next).first->second;
  return absl::StrCat("{sa_family=AF_INET, sin_port=htons(P", name,
                      "), sin_addr=inet_addr(\"", ip.ToString(), "\")}");
}

Result<Fd> SystemCallLog::Socket(loop::Family family, int type, int protocol) {
  const Result<Fd> made = kernel_.Socket(family, type, protocol);
  Line("socket(AF_INET, SOCK_STREAM, IPPROTO_IP)",
       Answer(made, made.ok() ? Adopt(*made) : ""));
  return made;
}

Result<void> SystemCallLog::Setsockopt(Fd fd, int level, int name,
                                       absl::Span<const char> value) {
  const Result<void> set = kernel_.Setsockopt(fd, level, name, value);
  if (level == loop::kSolSocket && name == loop::kSoReuseaddr) {
    Line(absl::StrCat("setsockopt(", Name(fd),
                      ", SOL_SOCKET, SO_REUSEADDR, [1], 4)"),
         Answer(set, "0"));
  } else if (level == loop::kIpprotoTcp && name == loop::kTcpNodelay) {
    Line(absl::StrCat("setsockopt(", Name(fd),
                      ", SOL_TCP, TCP_NODELAY, [1], 4)"),
         Answer(set, "0"));
  }
  return set;
}

// A program here leaves the port to the kernel, where the recorded one named
// it: the log has the one that it got.
Result<void> SystemCallLog::Bind(Fd fd, const Address& address) {
  const Result<void> bound = kernel_.Bind(fd, address);
  const Result<Address> got = kernel_.Getsockname(fd);
  const uint16_t port =
      address.port == 0 && got.ok() ? got->port : address.port;
  Line(absl::StrCat("bind(", Name(fd), ", ",
                    Sockaddr(address.family, address.ip, port), ", 16)"),
       Answer(bound, "0"));
  return bound;
}

Result<void> SystemCallLog::Listen(Fd fd, int backlog) {
  const Result<void> listening = kernel_.Listen(fd, backlog);
  Line(absl::StrCat("listen(", Name(fd), ", ", backlog, ")"),
       Answer(listening, "0"));
  return listening;
}

Result<loop::Accepted> SystemCallLog::Accept4(Fd fd, int flags) {
  const Result<loop::Accepted> accepted = kernel_.Accept4(fd, flags);
  const std::string name = Name(fd);
  if (!accepted.ok()) {
    Line(absl::StrCat("accept(", name, ", buf, [128])"), Answer(accepted, ""));
    return accepted;
  }
  const std::string peer =
      Sockaddr(accepted->peer.family, accepted->peer.ip, accepted->peer.port);
  Line(absl::StrCat("accept(", name, ", ", peer, ", [128 => 16])"),
       Adopt(accepted->fd));
  return accepted;
}

Result<void> SystemCallLog::Connect(Fd fd, const Address& address) {
  const Result<void> connected = kernel_.Connect(fd, address);
  Line(
      absl::StrCat("connect(", Name(fd), ", ",
                   Sockaddr(address.family, address.ip, address.port), ", 16)"),
      Answer(connected, "0"));
  return connected;
}

Result<size_t> SystemCallLog::Read(Fd fd, absl::Span<char> buffer) {
  const Result<size_t> got = kernel_.Read(fd, buffer);
  const absl::string_view data(buffer.data(), got.ok() ? *got : 0);
  Line(absl::StrCat("read(", Name(fd), ", ", Quoted(data), ", ", buffer.size(),
                    ")"),
       Answer(got, absl::StrCat(data.size())));
  return got;
}

Result<size_t> SystemCallLog::Write(Fd fd, absl::Span<const char> data) {
  const Result<size_t> sent = kernel_.Write(fd, data);
  Line(absl::StrCat("write(", Name(fd), ", ",
                    Quoted(absl::string_view(data.data(), data.size())), ", ",
                    data.size(), ")"),
       Answer(sent, sent.ok() ? absl::StrCat(*sent) : ""));
  return sent;
}

Result<void> SystemCallLog::Shutdown(Fd fd, int how) {
  const Result<void> done = kernel_.Shutdown(fd, how);
  Line(absl::StrCat("shutdown(", Name(fd), ", SHUT_WR)"), Answer(done, "0"));
  return done;
}

Result<void> SystemCallLog::Close(Fd fd) {
  const std::string name = Name(fd);
  const bool known = names_.erase(fd.number) > 0;
  const Result<void> closed = kernel_.Close(fd);
  if (known) Line(absl::StrCat("close(", name, ")"), Answer(closed, "0"));
  return closed;
}

Result<size_t> SystemCallLog::Getsockopt(Fd fd, int level, int name,
                                         absl::Span<char> value) {
  const Result<size_t> got = kernel_.Getsockopt(fd, level, name, value);
  if (level == loop::kSolSocket && name == loop::kSoError && got.ok()) {
    int error = 0;
    std::memcpy(&error, value.data(), sizeof(error));
    Line(absl::StrCat(
             "getsockopt(", Name(fd), ", SOL_SOCKET, SO_ERROR, [",
             error == 0 ? "0" : loop::ErrnoName(static_cast<Errno>(error)),
             "], [4])"),
         "0");
  }
  return got;
}

Result<Fd> SystemCallLog::EpollCreate1(int flags) {
  const Result<Fd> made = kernel_.EpollCreate1(flags);
  if (made.ok()) epoll_ = made->number;
  return made;
}

Result<void> SystemCallLog::EpollCtl(Fd epoll, int op, Fd fd,
                                     const loop::EpollEvent& event) {
  const Result<void> done = kernel_.EpollCtl(epoll, op, fd, event);
  const char* const name = op == loop::kEpollCtlAdd   ? "ADD"
                           : op == loop::kEpollCtlMod ? "MOD"
                                                      : "DEL";
  Line(absl::StrCat("epoll_ctl(EPOLL_CTL_", name, ", ", Name(fd), ", ",
                    EventText(event.events), ")"),
       Answer(done, "0"));
  return done;
}

Result<size_t> SystemCallLog::EpollWait(Fd epoll,
                                        absl::Span<loop::EpollEvent> events,
                                        absl::Duration timeout) {
  const Result<size_t> count = kernel_.EpollWait(epoll, events, timeout);
  if (!count.ok() || *count == 0) return count;
  std::string reported;
  for (size_t i = 0; i < *count; ++i) {
    const Fd fd{static_cast<int>(static_cast<uint32_t>(events[i].data))};
    absl::StrAppend(&reported, reported.empty() ? "" : ", ", Name(fd), " ",
                    EventText(events[i].events));
  }
  absl::StrAppend(&text_, "epoll_wait -> [", reported, "]\n");
  return count;
}

std::string Unaligned(absl::string_view log) {
  std::string text;
  for (absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    const size_t at = line.rfind(" = ");
    absl::string_view call = line.substr(0, at);
    while (at != absl::string_view::npos && call.back() == ' ') {
      call.remove_suffix(1);
    }
    absl::StrAppend(&text, call,
                    at == absl::string_view::npos ? "" : line.substr(at), "\n");
  }
  return text;
}

}  // namespace simloop::net
