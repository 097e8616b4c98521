// Writes a process's system calls and its loop's events.
#include "tests/net/node_trace.h"

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/errno.h"

namespace simloop::net {

using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

template <typename T>
std::string Outcome(const Result<T>& result, absl::string_view success) {
  return std::string(result.ok() ? success : loop::ErrnoName(result.error()));
}

std::string Outcome(const Result<size_t>& result) {
  return result.ok() ? absl::StrCat(*result)
                     : std::string(loop::ErrnoName(result.error()));
}

}  // namespace

void NodeTrace::Line(absl::string_view text) {
  absl::StrAppend(&text_, "      | ", text, "\n");
}

std::string NodeTrace::Name(Fd fd) const {
  const auto found = names_.find(fd.number);
  return absl::StrCat(
      "fd", found == names_.end() ? "?" : std::string(1, found->second));
}

std::string NodeTrace::Adopt(Fd fd) {
  names_[fd.number] = next_name_++;
  return Name(fd);
}

void NodeTrace::OnLoopEvent(const loop::LoopEvent& event, loop::Owner) {
  using Kind = loop::LoopEvent::Kind;
  const std::string watcher = absl::StrCat("#", event.id);
  const absl::string_view what = event.interest == loop::kReadable ? "R" : "W";
  switch (event.kind) {
    case Kind::kEnter:
      return Line("== enter ev_loop");
    case Kind::kTurn:
      return Line(
          absl::StrCat("== loop iteration ", event.count, " (prepare)"));
    case Kind::kTickQueued:
      return Line("nextTick queued");
    case Kind::kTicks:
      return Line(absl::StrCat("-- tick: ", event.count, " callback(s)"));
    case Kind::kWatcherSet:
      return Line(absl::StrCat("iowatcher", watcher, ".set(", Name(event.fd),
                               ",", what, ")"));
    case Kind::kWatcherStart:
      return Line(absl::StrCat("iowatcher", watcher, ".start (", Name(event.fd),
                               " ", what, ")"));
    case Kind::kWatcherStop:
      return Line(absl::StrCat("iowatcher", watcher, ".stop"));
    case Kind::kWatcherFire:
      return Line(absl::StrCat("** watcher", watcher, " fires on ",
                               Name(event.fd), " ", what));
    default:
      return;
  }
}

Result<Fd> NodeTrace::Socket(loop::Family family, int type, int protocol) {
  const Result<Fd> made = kernel_.Socket(family, type, protocol);
  if (made.ok()) {
    Line(absl::StrCat("socket(tcp4) -> ", Adopt(*made), " nonblock,cloexec"));
  }
  return made;
}

Result<void> NodeTrace::Bind(Fd fd, const loop::Address& address) {
  const Result<void> bound = kernel_.Bind(fd, address);
  Line(absl::StrCat("setsockopt(", Name(fd), ",SO_REUSEADDR,1); bind(",
                    Name(fd), ", any) -> ", Outcome(bound, "0")));
  return bound;
}

Result<void> NodeTrace::Listen(Fd fd, int backlog) {
  const Result<void> listening = kernel_.Listen(fd, backlog);
  Line(absl::StrCat("listen(", Name(fd), ", ", backlog, ") -> ",
                    Outcome(listening, "0")));
  return listening;
}

Result<loop::Accepted> NodeTrace::Accept4(Fd fd, int flags) {
  const Result<loop::Accepted> accepted = kernel_.Accept4(fd, flags);
  const std::string outcome =
      accepted.ok() ? absl::StrCat(Adopt(accepted->fd), " nonblock,cloexec")
                    : Outcome(accepted, "");
  Line(absl::StrCat("accept(", Name(fd), ") -> ", outcome));
  return accepted;
}

Result<void> NodeTrace::Connect(Fd fd, const loop::Address& address) {
  const Result<void> connected = kernel_.Connect(fd, address);
  Line(absl::StrCat("connect(", Name(fd), ") -> ", Outcome(connected, "0")));
  return connected;
}

Result<size_t> NodeTrace::Read(Fd fd, absl::Span<char> buffer) {
  const Result<size_t> read = kernel_.Read(fd, buffer);
  Line(absl::StrCat("read(", Name(fd), ") -> ", Outcome(read)));
  return read;
}

Result<size_t> NodeTrace::Write(Fd fd, absl::Span<const char> data) {
  const Result<size_t> written = kernel_.Write(fd, data);
  Line(absl::StrCat("write(", Name(fd), ", ", data.size(), ") -> ",
                    Outcome(written)));
  return written;
}

Result<void> NodeTrace::Shutdown(Fd fd, int how) {
  const Result<void> done = kernel_.Shutdown(fd, how);
  Line(absl::StrCat("shutdown(", Name(fd), ", write) -> ", Outcome(done, "0")));
  return done;
}

Result<void> NodeTrace::Close(Fd fd) {
  const Result<void> closed = kernel_.Close(fd);
  if (names_.count(fd.number) > 0) {
    Line(absl::StrCat("close(", Name(fd), ") -> ", Outcome(closed, "0")));
  }
  return closed;
}

Result<size_t> NodeTrace::Getsockopt(Fd fd, int level, int name,
                                     absl::Span<char> value) {
  const Result<size_t> got = kernel_.Getsockopt(fd, level, name, value);
  if (name == loop::kSoError && got.ok()) {
    const int error = *reinterpret_cast<const int*>(value.data());
    Line(absl::StrCat(
        "getsockopt(", Name(fd), ",SO_ERROR) -> ",
        error == 0 ? "0" : loop::ErrnoName(static_cast<Errno>(error))));
  }
  return got;
}

}  // namespace simloop::net
