// The simulated kernel's socket calls.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "sim/kernel.h"
#include "sim/kernel_waiting.h"
#include "sim/tcp/socket.h"
#include "sim/udp/socket.h"
#include "sim/unix/socket.h"

namespace simloop::sim {

using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

// SOCK_MAX of Linux: no type has this number or a higher one.
constexpr int kSocketTypes = 11;
constexpr int kTypeMask = 0xf;
constexpr int kKnownFlags = loop::kSockNonblock | loop::kSockCloexec;
// IPPROTO_MAX.
constexpr int kProtocols = 263;

bool FlagsKnown(int type) { return (type & ~kTypeMask & ~kKnownFlags) == 0; }

}  // namespace

sim::Socket* Kernel::FindSocket(Fd fd, Errno* error) const {
  File* file = descriptors_.Find(fd);
  sim::Socket* socket = file == nullptr ? nullptr : file->AsSocket();
  if (socket == nullptr) {
    *error = file == nullptr ? Errno::kEBADF : Errno::kENOTSOCK;
  }
  return socket;
}

// --- Making them (__sock_create(), inet_create(), unix_create())
// ---------------

Result<std::unique_ptr<sim::Socket>> Kernel::NewSocket(loop::Family family,
                                                       int kind, int protocol) {
  const bool inet =
      family == loop::Family::kInet || family == loop::Family::kInet6;
  if (kind >= kSocketTypes) return Errno::kEINVAL;
  if (family == loop::Family::kUnix) return NewUnixSocket(kind, protocol);
  if (!inet) return Errno::kEAFNOSUPPORT;
  if (protocol < 0 || protocol >= kProtocols) return Errno::kEINVAL;
  switch (kind) {
    case loop::kSockStream:
      if (protocol != 0 && protocol != loop::kIpprotoTcp) {
        return Errno::kEPROTONOSUPPORT;
      }
      return std::unique_ptr<sim::Socket>(
          std::make_unique<tcp::Socket>(host_.tcp(), family));
    case loop::kSockDgram:
      if (protocol != 0 && protocol != loop::kIpprotoUdp) {
        return Errno::kEPROTONOSUPPORT;
      }
      return std::unique_ptr<sim::Socket>(
          std::make_unique<udp::Socket>(host_.udp(), family));
    case loop::kSockRaw:
      // What a process without CAP_NET_RAW gets (raw(7)).
      return protocol == 0 ? Errno::kEPROTONOSUPPORT : Errno::kEPERM;
    default:
      return Errno::kESOCKTNOSUPPORT;
  }
}

// unix_create(): a raw one is a datagram one.
Result<std::unique_ptr<sim::Socket>> Kernel::NewUnixSocket(int kind,
                                                           int protocol) {
  if (protocol != 0 && protocol != static_cast<int>(loop::Family::kUnix)) {
    return Errno::kEPROTONOSUPPORT;
  }
  if (kind == loop::kSockRaw) kind = loop::kSockDgram;
  if (kind != loop::kSockStream && kind != loop::kSockDgram &&
      kind != loop::kSockSeqpacket) {
    return Errno::kESOCKTNOSUPPORT;
  }
  return std::unique_ptr<sim::Socket>(
      std::make_unique<unix_domain::Socket>(host_, kind));
}

Result<Fd> Kernel::Socket(loop::Family family, int type, int protocol) {
  if (!FlagsKnown(type)) return Errno::kEINVAL;
  Result<std::unique_ptr<sim::Socket>> made =
      NewSocket(family, type & kTypeMask, protocol);
  if (!made.ok()) return made.error();
  if (OutOfMemory(1)) {
    const FileRef dropped(made.Take().release());
    return Errno::kENOBUFS;
  }
  return Install(made.Take(), type);
}

bool Kernel::OutOfMemory(int sockets) {
  if (host_.SocketsFull(sockets)) return true;
  if (!host_.options().freedoms.memory) return false;
  ++sockets_;
  return host_.world().Pick(ChoiceKind::kMemory, 2, [&] {
    return absl::StrCat(host_.name(), ".socket#", sockets_);
  }) != 0;
}

Result<loop::FdPair> Kernel::Socketpair(loop::Family family, int type,
                                        int protocol) {
  if (!FlagsKnown(type)) return Errno::kEINVAL;
  // Descriptors are reserved first (__sys_socketpair()).
  if (!descriptors_.HasRoom(2)) return Errno::kEMFILE;
  Result<std::unique_ptr<sim::Socket>> first =
      NewSocket(family, type & kTypeMask, protocol);
  if (!first.ok()) return first.error();
  if (family != loop::Family::kUnix) return Errno::kEOPNOTSUPP;
  Result<std::unique_ptr<sim::Socket>> second =
      NewSocket(family, type & kTypeMask, protocol);
  if (!second.ok()) return second.error();
  if (OutOfMemory(2)) return Errno::kENOBUFS;
  unix_domain::Socket::Connect(static_cast<unix_domain::Socket&>(**first),
                               static_cast<unix_domain::Socket&>(**second));
  return InstallPair(first.Take(), second.Take(), type);
}

// --- Names and connections
// ---------------------------------------------------

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
  // In the order of __sys_accept4_file(): room is looked for before the queue.
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  if ((flags & ~kKnownFlags) != 0) return Errno::kEINVAL;
  if (!descriptors_.HasRoom()) return Errno::kEMFILE;
  sim::Socket* socket = file->AsSocket();
  if (socket == nullptr) return Errno::kENOTSOCK;
  if (host_.FilesFull(1)) return Errno::kENFILE;
  sim::Socket::Accepted accepted;
  Result<void> result = socket->Accept(&accepted);
  if (result.error() == Errno::kEAGAIN && !socket->nonblocking()) {
    const Result<bool> waited =
        Waiting<bool>(*socket, socket->waiters(), socket->receive_timeout(),
                      [&]() -> Result<bool> {
                        const Result<void> again = socket->Accept(&accepted);
                        return again.ok() ? Result<bool>(true) : again.error();
                      });
    result = waited.error();
  }
  host_.RunSoftirq();
  if (!result.ok()) return result.error();
  const uint32_t reset = loop::kEpollErr | loop::kEpollHup;
  if (host_.options().freedoms.aborted_accepts &&
      (accepted.socket->Readiness() & reset) == reset) {
    ++accepts_;
    if (host_.world().Pick(ChoiceKind::kAbort, 2, [&] {
          return absl::StrCat(host_.name(), ".accept#", accepts_);
        }) != 0) {
      const FileRef dropped(accepted.socket.release());
      return Errno::kECONNABORTED;
    }
  }
  const Result<Fd> made = Install(std::move(accepted.socket), flags);
  return loop::Accepted{*made, std::move(accepted.peer)};
}

Result<void> Kernel::Connect(Fd fd, const loop::Address& address) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  Result<void> result = socket->Connect(address);
  host_.RunSoftirq();
  if (socket->nonblocking()) return result;
  const FileRef kept(socket);
  const Result<void> first = result;
  const loop::Instant until = Deadline(socket->send_timeout());
  bool time_left = true;
  while (time_left && (result.error() == Errno::kEINPROGRESS ||
                       result.error() == Errno::kEALREADY ||
                       result.error() == Errno::kEAGAIN)) {
    // Over loopback it may be done already: the second call tells.
    if (result.error() != Errno::kEAGAIN) {
      const Result<void> again = socket->Connect(address);
      if (again.error() != Errno::kEALREADY) return again;
      result = Errno::kEINPROGRESS;
    }
    if (!can_wait()) return Errno::kEDEADLK;
    if (Interrupted()) return Errno::kEINTR;
    time_left = WaitAt(socket->send_waiters(), until);
    if (!time_left) return first;
    if (result.error() == Errno::kEAGAIN) result = socket->Connect(address);
    host_.RunSoftirq();
  }
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
  if (socket == nullptr) return error;
  const Result<void> result = socket->Setsockopt(level, name, value);
  // TCP_NODELAY and TCP_CORK send what they held back.
  host_.RunSoftirq();
  return result;
}

}  // namespace simloop::sim
