// The simulated kernel's socket calls.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/control_message.h"
#include "sim/kernel.h"
#include "sim/kernel_waiting.h"
#include "sim/tcp/socket.h"
#include "sim/udp/socket.h"
#include "sim/unix/socket.h"

namespace simloop::sim {

using loop::ControlMessage;
using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

// SOCK_MAX of Linux: no type has this number or a higher one.
constexpr int kSocketTypes = 11;
constexpr int kTypeMask = 0xf;
constexpr int kKnownFlags = loop::kSockNonblock | loop::kSockCloexec;
// SCM_MAX_FD: descriptors in one message.
constexpr size_t kMostRights = 253;
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

// --- Receiving
// ---------------------------------------------------------------

Result<size_t> Kernel::Receive(sim::Socket& socket, Reception* reception) {
  const int flags = reception->flags;
  const bool waits = !socket.nonblocking() &&
                     (flags & (loop::kMsgDontwait | loop::kMsgErrqueue)) == 0;
  if (socket.is_stream() && (flags & loop::kMsgPeek) == 0) {
    reception->buffer =
        reception->buffer.first(Share(reception->buffer.size(), "read"));
  }
  if (!waits) {
    const Result<size_t> result = socket.Receive(reception);
    host_.RunSoftirq();
    return result;
  }
  const bool all = socket.is_stream() && (flags & loop::kMsgWaitall) != 0 &&
                   (flags & (loop::kMsgPeek | loop::kMsgOob)) == 0;
  const absl::Span<char> buffer = reception->buffer;
  size_t done = 0;
  while (true) {
    reception->buffer = buffer.subspan(done);
    const Result<size_t> result =
        Waiting<size_t>(socket, socket.waiters(), socket.receive_timeout(),
                        [&] { return socket.Receive(reception); });
    // A wait for nothing ends well (tcp_recvmsg_locked()).
    if (buffer.empty() && result.error() == Errno::kEAGAIN &&
        socket.is_stream() && (flags & loop::kMsgOob) == 0) {
      return size_t{0};
    }
    if (!result.ok()) return done > 0 ? Result<size_t>(done) : result;
    done += *result;
    if (!all || *result == 0 || done >= buffer.size() || reception->ended) {
      return done;
    }
  }
}

Result<size_t> Kernel::Recv(Fd fd, absl::Span<char> buffer, int flags) {
  return Recvfrom(fd, buffer, flags, nullptr);
}

Result<size_t> Kernel::Recvfrom(Fd fd, absl::Span<char> buffer, int flags,
                                loop::Address* from) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  Reception reception{buffer, flags, from};
  return Receive(*socket, &reception);
}

Result<size_t> Kernel::Recvmsg(Fd fd, loop::IncomingMessage* message,
                               int flags) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  size_t room = 0;
  for (const absl::Span<char>& piece : message->buffers) room += piece.size();
  std::string joined(room, '\0');
  Ancillary ancillary;
  message->from = loop::Address::Unspecified();
  Reception reception{absl::MakeSpan(joined), flags, &message->from,
                      &ancillary};
  const Result<size_t> result = Receive(*socket, &reception);
  if (!result.ok()) return result;
  size_t left = std::min(*result, room);
  const char* next = joined.data();
  for (const absl::Span<char>& piece : message->buffers) {
    const size_t count = std::min(left, piece.size());
    std::memcpy(piece.data(), next, count);
    next += count;
    left -= count;
  }
  message->flags = reception.answer_flags | (flags & loop::kMsgCmsgCloexec);
  GiveControl(ancillary, message);
  // Files that found no room are closed here.
  ancillary = {};
  host_.RunSoftirq();
  return result;
}

// put_cmsg(), scm_detach_fds().
void Kernel::GiveControl(Ancillary& ancillary, loop::IncomingMessage* message) {
  std::string control;
  const size_t room = message->control.size();
  for (const ControlMessage& item : ancillary.messages) {
    const size_t left = room - std::min(room, control.size());
    if (left < ControlMessage::kHeaderBytes) {
      message->flags |= loop::kMsgCtrunc;
      continue;
    }
    ControlMessage fitting = item;
    if (left < ControlMessage::kHeaderBytes + item.data.size()) {
      message->flags |= loop::kMsgCtrunc;
      fitting.data.resize(left - ControlMessage::kHeaderBytes);
    }
    fitting.AppendTo(&control);
  }
  if (!ancillary.rights.empty()) {
    const size_t left = room - std::min(room, control.size());
    const size_t fit = left > ControlMessage::kHeaderBytes
                           ? (left - ControlMessage::kHeaderBytes) / sizeof(int)
                           : 0;
    std::vector<Fd> made;
    while (made.size() < std::min(fit, ancillary.rights.size())) {
      const Result<Fd> fd =
          descriptors_.Add(ancillary.rights[made.size()],
                           (message->flags & loop::kMsgCmsgCloexec) != 0);
      if (!fd.ok()) break;
      made.push_back(*fd);
    }
    if (made.size() < ancillary.rights.size()) {
      message->flags |= loop::kMsgCtrunc;
    }
    if (!made.empty()) ControlMessage::Rights(made).AppendTo(&control);
  }
  message->control_size = std::min(control.size(), room);
  std::memcpy(message->control.data(), control.data(), message->control_size);
}

// --- Sending
// -----------------------------------------------------------------

Result<size_t> Kernel::Transmit(sim::Socket& socket,
                                const Transmission& transmission) {
  const bool waits =
      !socket.nonblocking() && (transmission.flags & loop::kMsgDontwait) == 0;
  Result<size_t> result = size_t{0};
  if (waits) {
    result = SendAll(socket, transmission);
  } else {
    Transmission part = transmission;
    if (socket.is_stream()) {
      part.data = part.data.first(Share(part.data.size(), "write"));
    }
    result = socket.Send(part);
    host_.RunSoftirq();
  }
  if (result.error() == Errno::kEPIPE && socket.raises_sigpipe() &&
      (transmission.flags & loop::kMsgNosignal) == 0) {
    OnBrokenPipe();
  }
  return result;
}

// A blocking send of a stream goes on until all is sent (send(2)).
Result<size_t> Kernel::SendAll(sim::Socket& socket,
                               const Transmission& transmission) {
  Transmission part = transmission;
  size_t done = 0;
  while (true) {
    part.data = transmission.data.subspan(done);
    const Result<size_t> result =
        Waiting<size_t>(socket, socket.send_waiters(), socket.send_timeout(),
                        [&] { return socket.Send(part); });
    if (!result.ok()) return done > 0 ? Result<size_t>(done) : result;
    done += *result;
    if (!socket.is_stream() || done >= transmission.data.size()) return done;
    part.ancillary = nullptr;  // goes with the first byte
  }
}

Result<size_t> Kernel::Send(Fd fd, absl::Span<const char> data, int flags) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  return Transmit(*socket, {data, flags});
}

Result<size_t> Kernel::Sendto(Fd fd, absl::Span<const char> data, int flags,
                              const loop::Address& to) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  // A Unix socket takes a name of no bytes for none (unix_dgram_sendmsg()).
  const bool none = to.size() < sizeof(loop::Family) && socket->takes_rights();
  return Transmit(*socket, {data, flags, none ? nullptr : &to});
}

Result<size_t> Kernel::Sendmsg(Fd fd, const loop::OutgoingMessage& message,
                               int flags) {
  Errno error;
  sim::Socket* socket = FindSocket(fd, &error);
  if (socket == nullptr) return error;
  std::string joined;
  for (const absl::Span<const char>& piece : message.data) {
    joined.append(piece.data(), piece.size());
  }
  // So does sendmsg(2) of every socket (copy_msghdr_from_user()).
  const bool named =
      message.to != nullptr && message.to->size() >= sizeof(loop::Family);
  Ancillary ancillary;
  if (socket->takes_rights()) {
    ancillary.error = TakeControl(message.control, &ancillary);
  } else {
    bool malformed = false;
    ancillary.messages = loop::ParseControl(message.control, &malformed);
    if (malformed) return Errno::kEINVAL;
  }
  return Transmit(*socket,
                  {joined, flags, named ? message.to : nullptr, &ancillary});
}

// __scm_send().
Errno Kernel::TakeControl(absl::Span<const char> control,
                          Ancillary* ancillary) {
  bool malformed = false;
  for (ControlMessage& item : loop::ParseControl(control, &malformed)) {
    if (item.level != loop::kSolSocket) continue;
    if (item.type == loop::kScmCredentials) {
      if (item.data.size() != sizeof(loop::Credentials)) return Errno::kEINVAL;
      ancillary->messages.push_back(std::move(item));
      continue;
    }
    if (item.type != loop::kScmRights) return Errno::kEINVAL;
    const std::vector<Fd> descriptors = item.descriptors();
    if (ancillary->rights.size() + descriptors.size() > kMostRights) {
      return Errno::kEINVAL;
    }
    for (const Fd fd : descriptors) {
      File* file = descriptors_.Find(fd);
      if (file == nullptr) return Errno::kEBADF;
      ancillary->rights.emplace_back(file);
    }
  }
  return malformed ? Errno::kEINVAL : Errno::kOk;
}

}  // namespace simloop::sim
