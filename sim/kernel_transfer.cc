// The simulated kernel's calls that move bytes through sockets: recv(2),
// send(2) and their forms, with the control data of cmsg(3).
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "loop/abi.h"
#include "loop/control_message.h"
#include "sim/kernel.h"
#include "sim/kernel_waiting.h"

namespace simloop::sim {

using loop::ControlMessage;
using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

// SCM_MAX_FD: descriptors in one message.
constexpr size_t kMostRights = 253;

}  // namespace

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
  std::copy_n(control.begin(), message->control_size,
              message->control.begin());
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
