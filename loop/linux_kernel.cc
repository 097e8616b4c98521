// The live kernel: each call is the call of that name, its errno the answer.
// Here: sockets and their names. Reading and writing: linux_transfer.cc;
// waiting and the other descriptors: linux_events.cc.
#include "loop/linux_kernel.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>

#include "loop/linux_address.h"
#include "loop/linux_result.h"

namespace simloop::loop {
LinuxKernel::LinuxKernel(Options options) : options_(options) {
  signal(SIGPIPE, SIG_IGN);
}

Result<Fd> LinuxKernel::Socket(Family family, int type, int protocol) {
  const Result<Fd> made =
      Descriptor(socket(static_cast<int>(family), type, protocol));
  if (made.ok()) sole_.Set(*made, options_.closing_removes);
  return made;
}

Result<FdPair> LinuxKernel::Socketpair(Family family, int type, int protocol) {
  int made[2];
  if (socketpair(static_cast<int>(family), type, protocol, made) < 0) {
    return LastError();
  }
  return FdPair{Fd{made[0]}, Fd{made[1]}};
}

Result<void> LinuxKernel::Bind(Fd fd, const Address& address) {
  Address actual = address;
  const bool any =
      maps() && address.ip.is_any() && address.family == Family::kInet;
  if (any) actual.ip = options_.host_address;
  const SocketAddress native(actual);
  const Result<void> bound = Done(bind(fd.number, native.get(), native.size()));
  if (any && bound.ok()) bound_to_any_.Set(fd, true);
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
  if (maps()) bound_to_any_.Set(Fd{result}, false);
  sole_.Set(Fd{result}, options_.closing_removes);
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
    bound_to_any_.Set(fd, false);
  }
  return connected;
}

Result<void> LinuxKernel::Shutdown(Fd fd, int how) {
  return Done(shutdown(fd.number, how));
}

Result<void> LinuxKernel::Close(Fd fd) {
  if (maps()) bound_to_any_.Set(fd, false);
  if (removal_.fd.valid()) {
    if (removal_.fd != fd || !sole_.has(fd)) RemoveNow();
    removal_.fd = Fd();
  }
  sole_.Set(fd, false);
  return Done(close(fd.number));
}

Result<Fd> LinuxKernel::Dup(Fd fd) {
  return Duplicated(fd, Descriptor(dup(fd.number)));
}

Result<Fd> LinuxKernel::Dup2(Fd fd, Fd onto) {
  return Duplicated(fd, Descriptor(dup2(fd.number, onto.number)));
}

Result<Address> LinuxKernel::Getsockname(Fd fd) {
  SocketAddress name;
  if (getsockname(fd.number, name.get(), name.available()) < 0) {
    return LastError();
  }
  Address address = name.value();
  if (maps() && bound_to_any_.has(fd)) address.ip = Ipv4::Any();
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

bool LinuxKernel::IsUnbound(Fd fd) const {
  SocketAddress name;
  return getsockname(fd.number, name.get(), name.available()) == 0 &&
         name.value() == Address::Inet(Ipv4::Any(), 0);
}

Result<Fd> LinuxKernel::Duplicated(Fd fd, const Result<Fd>& made) {
  if (maps() && made.ok()) bound_to_any_.Set(*made, bound_to_any_.has(fd));
  if (made.ok()) {
    sole_.Set(fd, false);
    sole_.Set(*made, false);
  }
  return made;
}

}  // namespace simloop::loop
