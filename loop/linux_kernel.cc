// The live kernel: each call is the call of that name, its errno the answer.
#include "loop/linux_kernel.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "loop/linux_address.h"

namespace simloop::loop {
namespace {

// UIO_MAXIOV (readv(2)): more than these are EINVAL.
constexpr size_t kMaxBuffers = 1024;
// At most so many events are asked for at once; epoll_wait(2) answers with as
// many as it likes anyway.
constexpr size_t kMaxEvents = 1024;

Errno LastError() { return static_cast<Errno>(errno); }

Result<void> Done(int result) {
  if (result < 0) return LastError();
  return {};
}

Result<size_t> Count(ssize_t result) {
  if (result < 0) return LastError();
  return static_cast<size_t>(result);
}

Result<Fd> Descriptor(int result) {
  if (result < 0) return LastError();
  return Fd{result};
}

}  // namespace

LinuxKernel::LinuxKernel(Options options) : options_(options) {
  signal(SIGPIPE, SIG_IGN);
}

Result<Fd> LinuxKernel::Socket(Family family, int type, int protocol) {
  return Descriptor(socket(static_cast<int>(family), type, protocol));
}

Result<void> LinuxKernel::Bind(Fd fd, const Address& address) {
  Address actual = address;
  const bool any =
      maps() && address.ip.is_any() && address.family == Family::kInet;
  if (any) actual.ip = options_.host_address;
  const SocketAddress native(actual);
  const Result<void> bound = Done(bind(fd.number, native.get(), native.size()));
  if (any && bound.ok()) SetBoundToAny(fd, true);
  return bound;
}

Result<void> LinuxKernel::Listen(Fd fd, int backlog) {
  // listen(2) of an unbound socket binds it to 0.0.0.0 and a free port.
  if (maps() && IsUnbound(fd)) {
    static_cast<void>(Bind(fd, Address::Inet(Ipv4::Any(), 0)));
  }
  return Done(listen(fd.number, backlog));
}

Result<Accepted> LinuxKernel::Accept4(Fd fd, int flags) {
  SocketAddress peer;
  const int result = accept4(fd.number, peer.get(), peer.available(), flags);
  if (result < 0) return LastError();
  if (maps()) SetBoundToAny(Fd{result}, false);
  return Accepted{Fd{result}, peer.value()};
}

Result<void> LinuxKernel::Connect(Fd fd, const Address& address) {
  if (maps() && address.family == Family::kInet && IsUnbound(fd)) {
    // The port is left open until connect(2) picks one for this very peer; so
    // the bind can neither fail for want of ports nor take one needlessly.
    const int on = 1;
    setsockopt(fd.number, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const SocketAddress source(Address::Inet(options_.host_address, 0));
    static_cast<void>(bind(fd.number, source.get(), source.size()));
  }
  const SocketAddress native(address);
  const Result<void> connected =
      Done(connect(fd.number, native.get(), native.size()));
  if (maps() && (connected.ok() || connected.error() == Errno::kEINPROGRESS)) {
    SetBoundToAny(fd, false);
  }
  return connected;
}

Result<size_t> LinuxKernel::Read(Fd fd, absl::Span<char> buffer) {
  return Count(read(fd.number, buffer.data(), buffer.size()));
}

Result<size_t> LinuxKernel::Write(Fd fd, absl::Span<const char> data) {
  return Count(write(fd.number, data.data(), data.size()));
}

Result<size_t> LinuxKernel::Writev(
    Fd fd, absl::Span<const absl::Span<const char>> data) {
  if (data.size() > kMaxBuffers) return Errno::kEINVAL;
  iovec buffers[kMaxBuffers];
  for (size_t i = 0; i < data.size(); ++i) {
    buffers[i].iov_base = const_cast<char*>(data[i].data());
    buffers[i].iov_len = data[i].size();
  }
  return Count(writev(fd.number, buffers, static_cast<int>(data.size())));
}

Result<size_t> LinuxKernel::Recv(Fd fd, absl::Span<char> buffer, int flags) {
  return Count(recv(fd.number, buffer.data(), buffer.size(), flags));
}

Result<size_t> LinuxKernel::Send(Fd fd, absl::Span<const char> data,
                                 int flags) {
  return Count(send(fd.number, data.data(), data.size(), flags));
}

Result<void> LinuxKernel::Shutdown(Fd fd, int how) {
  return Done(shutdown(fd.number, how));
}

Result<void> LinuxKernel::Close(Fd fd) {
  if (maps()) SetBoundToAny(fd, false);
  return Done(close(fd.number));
}

Result<Address> LinuxKernel::Getsockname(Fd fd) {
  SocketAddress name;
  if (getsockname(fd.number, name.get(), name.available()) < 0) {
    return LastError();
  }
  Address address = name.value();
  if (maps() && bound_to_any(fd)) address.ip = Ipv4::Any();
  return address;
}

Result<Address> LinuxKernel::Getpeername(Fd fd) {
  SocketAddress name;
  if (getpeername(fd.number, name.get(), name.available()) < 0) {
    return LastError();
  }
  return name.value();
}

Result<size_t> LinuxKernel::Getsockopt(Fd fd, int level, int name,
                                       absl::Span<char> value) {
  socklen_t size = static_cast<socklen_t>(value.size());
  if (getsockopt(fd.number, level, name, value.data(), &size) < 0) {
    return LastError();
  }
  return static_cast<size_t>(size);
}

Result<void> LinuxKernel::Setsockopt(Fd fd, int level, int name,
                                     absl::Span<const char> value) {
  return Done(setsockopt(fd.number, level, name, value.data(),
                         static_cast<socklen_t>(value.size())));
}

Result<Fd> LinuxKernel::EpollCreate1(int flags) {
  return Descriptor(epoll_create1(flags));
}

Result<void> LinuxKernel::EpollCtl(Fd epoll, int op, Fd fd,
                                   const EpollEvent& event) {
  epoll_event native = {};
  native.events = event.events;
  native.data.u64 = event.data;
  return Done(epoll_ctl(epoll.number, op, fd.number, &native));
}

Result<size_t> LinuxKernel::EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                                      absl::Duration timeout) {
  // epoll_wait(2) counts milliseconds; epoll_pwait2(2) nanoseconds.
  timespec time = {};
  const timespec* limit = nullptr;
  if (timeout != absl::InfiniteDuration()) {
    if (timeout > absl::ZeroDuration()) {
      time = absl::ToTimespec(absl::Ceil(timeout, absl::Nanoseconds(1)));
    }
    limit = &time;
  }
  epoll_event native[kMaxEvents];
  const int room = static_cast<int>(std::min(events.size(), kMaxEvents));
  const int count =
      epoll_pwait2(epoll.number, native, room, limit, /*sigmask=*/nullptr);
  if (count < 0) return LastError();
  for (int i = 0; i < count; ++i) {
    events[static_cast<size_t>(i)] = {native[i].events, native[i].data.u64};
  }
  return static_cast<size_t>(count);
}

bool LinuxKernel::IsUnbound(Fd fd) const {
  SocketAddress name;
  return getsockname(fd.number, name.get(), name.available()) == 0 &&
         name.value() == Address::Inet(Ipv4::Any(), 0);
}

void LinuxKernel::SetBoundToAny(Fd fd, bool any) {
  if (!fd.valid()) return;
  const size_t index = static_cast<size_t>(fd.number);
  if (index >= bound_to_any_.size()) {
    if (!any) return;
    bound_to_any_.resize(index + 1);
  }
  bound_to_any_[index] = any;
}

bool LinuxKernel::bound_to_any(Fd fd) const {
  const size_t index = static_cast<size_t>(fd.number);
  return index < bound_to_any_.size() && bound_to_any_[index];
}

namespace {

int64_t MonotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

}  // namespace

MonotonicClock::MonotonicClock() : start_nanos_(MonotonicNanos()) {}

Instant MonotonicClock::Now() const {
  return Instant::FromNanos(MonotonicNanos() - start_nanos_);
}

}  // namespace simloop::loop
