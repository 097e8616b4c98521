#include "sim/kernel.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/check.h"
#include "sim/epoll.h"
#include "sim/link.h"
#include "sim/socket.h"
#include "sim/tcp/socket.h"
#include "sim/world.h"

namespace simloop::sim {

using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

// SOCK_MAX of Linux: no type has this number or a higher one.
constexpr int kSocketTypes = 11;

}  // namespace

std::string Kernel::Wakeup::Name() const {
  return absl::StrCat(kernel_.host_.name(), ".wake#", kernel_.runs_ + 1);
}

Kernel::Kernel(Host& host)
    : host_(host),
      descriptors_(host.options().descriptor_limit),
      wakeup_(*this),
      parking_(*this) {}

Kernel::~Kernel() {
  Halt();
  descriptors_.CloseAll();
  host_.RunSoftirq();
}

// --- The processor -----------------------------------------------------------

void Kernel::Start(Step step) {
  SIMLOOP_CHECK(step_ == nullptr, "a process is started once");
  step_ = std::move(step);
  host_.world().queue().Schedule(wakeup_, host_.world().Now());
}

void Kernel::Wake() {
  SIMLOOP_CHECK(step_ != nullptr, "only a started process can be told");
  Unpark();
  ready_ = true;
  host_.world().queue().Schedule(wakeup_, host_.world().Now());
}

void Kernel::Halt() {
  Unpark();
  host_.world().queue().Cancel(wakeup_);
}

void Kernel::Run() {
  Unpark();
  ready_ = false;
  ++runs_;
  const bool again = step_();
  if (again && !wakeup_.scheduled()) {
    // Whatever else is due at this instant may come between two turns.
    host_.world().queue().Schedule(wakeup_, host_.world().Now());
  }
}

void Kernel::Park(Epoll& epoll, absl::Duration timeout) {
  parked_at_ = &epoll;
  epoll.waiters().Add(parking_);
  World& world = host_.world();
  const loop::Instant until = world.Now() + timeout;
  if (!until.infinite()) world.queue().Schedule(wakeup_, until);
}

void Kernel::Unpark() {
  if (parked_at_ == nullptr) return;
  parked_at_->waiters().Remove(parking_);
  parked_at_ = nullptr;
}

void Kernel::BecomeReady() {
  if (ready_) return;
  ready_ = true;
  World& world = host_.world();
  int64_t late = absl::ToInt64Nanoseconds(host_.options().wakeup_jitter);
  if (late > 0) {
    const uint32_t step = world.Pick(ChoiceKind::kWakeup, Link::kDelaySteps,
                                     [&] { return wakeup_.Name(); });
    late = late / (Link::kDelaySteps - 1) * step;
  }
  world.queue().Schedule(wakeup_, world.Now().PlusNanos(late));
}

Result<size_t> Kernel::EpollWait(Fd epoll, absl::Span<loop::EpollEvent> events,
                                 absl::Duration timeout) {
  File* file = descriptors_.Find(epoll);
  if (file == nullptr) return Errno::kEBADF;
  if (file->AsEpoll() == nullptr || events.empty()) return Errno::kEINVAL;
  const size_t count = file->AsEpoll()->Wait(events);
  if (count == 0 && timeout > absl::ZeroDuration()) {
    Unpark();
    Park(*file->AsEpoll(), timeout);
  }
  return count;
}

// --- Descriptors
// ---------------------------------------------------------------

sim::Socket* Kernel::FindSocket(Fd fd, Errno* error) const {
  File* file = descriptors_.Find(fd);
  sim::Socket* socket = file == nullptr ? nullptr : file->AsSocket();
  if (socket == nullptr) {
    *error = file == nullptr ? Errno::kEBADF : Errno::kENOTSOCK;
  }
  return socket;
}

Result<Fd> Kernel::Socket(loop::Family family, int type, int protocol) {
  if (family != loop::Family::kInet) return Errno::kEAFNOSUPPORT;
  const int kind = type & ~(loop::kSockNonblock | loop::kSockCloexec);
  if (kind < 0 || kind >= kSocketTypes) return Errno::kEINVAL;
  if (kind != loop::kSockStream) return Errno::kESOCKTNOSUPPORT;
  if (protocol != 0 && protocol != loop::kIpprotoTcp) {
    return Errno::kEPROTONOSUPPORT;
  }
  if ((type & loop::kSockNonblock) == 0) return Errno::kEINVAL;
  return descriptors_.Add(std::make_unique<tcp::Socket>(host_.tcp()));
}

Result<void> Kernel::Bind(Fd fd, const loop::Address& address) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  return socket == nullptr ? Result<void>(error) : socket->Bind(address);
}

Result<void> Kernel::Listen(Fd fd, int backlog) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  return socket == nullptr ? Result<void>(error) : socket->Listen(backlog);
}

Result<loop::Accepted> Kernel::Accept4(Fd fd, int flags) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  const int known = loop::kSockNonblock | loop::kSockCloexec;
  if ((flags & ~known) != 0 || (flags & loop::kSockNonblock) == 0) {
    return Errno::kEINVAL;
  }
  // Before the queue is looked at, as Linux does (accept(2), EMFILE).
  if (!descriptors_.HasRoom()) return Errno::kEMFILE;
  sim::Socket::Accepted accepted;
  const Result<void> result = socket->Accept(&accepted);
  if (!result.ok()) return result.error();
  const Result<Fd> made = descriptors_.Add(std::move(accepted.socket));
  return loop::Accepted{*made, accepted.peer};
}

Result<void> Kernel::Connect(Fd fd, const loop::Address& address) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  const Result<void> result = socket->Connect(address);
  host_.RunSoftirq();
  return result;
}

Result<size_t> Kernel::Read(Fd fd, absl::Span<char> buffer) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  const Result<size_t> result = file->Read(buffer);
  host_.RunSoftirq();
  return result;
}

Result<size_t> Kernel::Write(Fd fd, absl::Span<const char> data) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  const Result<size_t> result = file->Write(data);
  host_.RunSoftirq();
  return result;
}

Result<size_t> Kernel::Writev(Fd fd,
                              absl::Span<const absl::Span<const char>> data) {
  // As one write: what is sent leaves in as few segments (writev(2)).
  std::string joined;
  for (const absl::Span<const char>& piece : data) {
    joined.append(piece.data(), piece.size());
  }
  return Write(fd, joined);
}

Result<size_t> Kernel::Recv(Fd fd, absl::Span<char> buffer, int flags) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  const Result<size_t> result = socket->Recv(buffer, flags);
  host_.RunSoftirq();
  return result;
}

Result<size_t> Kernel::Send(Fd fd, absl::Span<const char> data, int flags) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  const Result<size_t> result = socket->Send(data, flags);
  host_.RunSoftirq();
  return result;
}

Result<void> Kernel::Shutdown(Fd fd, int how) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  const Result<void> result = socket->Shutdown(how);
  host_.RunSoftirq();
  return result;
}

Result<void> Kernel::Close(Fd fd) {
  File* file = descriptors_.Find(fd);
  if (file == parked_at_ && file != nullptr) Unpark();
  const Result<void> result = descriptors_.Close(fd);
  host_.RunSoftirq();
  return result;
}

Result<loop::Address> Kernel::Getsockname(Fd fd) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  return socket == nullptr ? Result<loop::Address>(error)
                           : socket->Getsockname();
}

Result<loop::Address> Kernel::Getpeername(Fd fd) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  return socket == nullptr ? Result<loop::Address>(error)
                           : socket->Getpeername();
}

Result<size_t> Kernel::Getsockopt(Fd fd, int level, int name,
                                  absl::Span<char> value) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  return socket == nullptr ? Result<size_t>(error)
                           : socket->Getsockopt(level, name, value);
}

Result<void> Kernel::Setsockopt(Fd fd, int level, int name,
                                absl::Span<const char> value) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  return socket == nullptr ? Result<void>(error)
                           : socket->Setsockopt(level, name, value);
}

Result<Fd> Kernel::EpollCreate1(int flags) {
  if ((flags & ~loop::kEpollCloexec) != 0) return Errno::kEINVAL;
  return descriptors_.Add(std::make_unique<Epoll>(host_.world()));
}

Result<void> Kernel::EpollCtl(Fd epoll, int op, Fd fd,
                              const loop::EpollEvent& event) {
  File* set = descriptors_.Find(epoll);
  File* file = descriptors_.Find(fd);
  if (set == nullptr || file == nullptr) return Errno::kEBADF;
  if (set->AsEpoll() == nullptr) return Errno::kEINVAL;
  return set->AsEpoll()->Control(op, fd, *file, event);
}

trace::RecordId Kernel::ReadyCause(Fd fd) const {
  File* file = descriptors_.Find(fd);
  return file == nullptr ? 0 : Epoll::ReadyCause(fd, *file);
}

}  // namespace simloop::sim
