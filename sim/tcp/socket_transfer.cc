// Socket's bytes: recv(2) and send(2) with urgent data (tcp(7)), and what
// ioctl(2) says of them.

#include <algorithm>

#include "sim/tcp/socket.h"
#include "sim/tcp/stack.h"

namespace simloop::sim::tcp {

using loop::Errno;

// tcp_recvmsg_locked(): data first, then the error, then the end.
loop::Result<size_t> Socket::Receive(Reception* reception) {
  const int flags = reception->flags;
  stack().LetRest();
  // TCP has no error queue to speak of: it is empty (ip(7), IP_RECVERR).
  if ((flags & loop::kMsgErrqueue) != 0) return Errno::kEAGAIN;
  if (listener_ != nullptr) return Errno::kENOTCONN;
  if ((flags & loop::kMsgOob) != 0) return ReceiveUrgent(reception);
  Receiver& receiver = connection().receiver();
  const int peek_offset = connection().options->peek_offset;
  Receiver::Reading reading;
  reading.peek = (flags & loop::kMsgPeek) != 0;
  // tcp(7): the bytes are thrown away, not copied.
  reading.discard = (flags & loop::kMsgTrunc) != 0;
  reading.in_line = connection().options->oob_inline;
  if (reading.peek && peek_offset > 0) reading.offset = peek_offset;
  if (receiver.Readable() > reading.offset) {
    const size_t before = receiver.Readable();
    const size_t count = receiver.Read(reception->buffer, reading);
    if (peek_offset >= 0) {
      connection().options.Own().peek_offset =
          reading.peek ? peek_offset + static_cast<int>(count)
                       : std::max(0, peek_offset - static_cast<int>(count));
    }
    if (receiver.Readable() != before) connection().AfterRead();
    reception->ended = at_mark();
    if (count > 0 || reception->buffer.empty()) return count;
  }
  if (connection().done()) return size_t{0};
  if (connection().error() != Errno::kOk) return connection().TakeError();
  if ((connection().shut() & Connection::kReceiveShut) != 0) return size_t{0};
  if (state() == State::kClosed) return Errno::kENOTCONN;
  return Errno::kEAGAIN;
}

// tcp_recv_urg().
loop::Result<size_t> Socket::ReceiveUrgent(Reception* reception) {
  const Urgent& urgent = connection().receiver().urgent();
  if (connection().options->oob_inline || !urgent.pending() ||
      urgent.state() == Urgent::State::kRead) {
    return Errno::kEINVAL;
  }
  if (state() == State::kClosed && !connection().done()) {
    return Errno::kENOTCONN;
  }
  if (urgent.state() == Urgent::State::kHere) {
    const int flags = reception->flags;
    if ((flags & loop::kMsgPeek) == 0) connection().receiver().ReadUrgent();
    reception->answer_flags |= loop::kMsgOob;
    if (reception->buffer.empty()) {
      reception->answer_flags |= loop::kMsgTrunc;
      return size_t{0};
    }
    if ((flags & loop::kMsgTrunc) == 0) reception->buffer[0] = urgent.byte();
    return size_t{1};
  }
  if (state() == State::kClosed ||
      (connection().shut() & Connection::kReceiveShut) != 0) {
    return size_t{0};
  }
  return Errno::kEAGAIN;
}

// tcp_sendmsg_locked(). The address of sendto(2) is not looked at, but for
// MSG_FASTOPEN, which connects. No cookie is ever known, so no data goes with
// the SYN (RFC 7413 section 4.1.3).
loop::Result<size_t> Socket::Send(const Transmission& transmission) {
  const absl::Span<const char> data = transmission.data;
  const int flags = transmission.flags;
  if ((flags & loop::kMsgFastopen) != 0) {
    const Errno error = SendConnects(transmission);
    if (error != Errno::kOk) return error;
  }
  if (listener_ != nullptr) return Errno::kEPIPE;
  if (state() != State::kEstablished && state() != State::kCloseWait) {
    if (connection().error() != Errno::kOk) return connection().TakeError();
    if (state() != State::kSynSent && state() != State::kSynReceived) {
      return Errno::kEPIPE;
    }
    connection().WantSpace();
    return Errno::kEAGAIN;
  }
  const bool shut = (connection().shut() & Connection::kSendShut) != 0;
  if (connection().error() != Errno::kOk || shut) {
    return ErrorOr(Errno::kEPIPE);
  }
  if (data.empty()) return size_t{0};
  const size_t count = connection().Write(data, (flags & loop::kMsgMore) != 0,
                                          (flags & loop::kMsgOob) != 0);
  if (count < data.size()) connection().WantSpace();
  if (count == 0) return Errno::kEAGAIN;
  return count;
}

// tcp_sendmsg_fastopen().
Errno Socket::SendConnects(const Transmission& transmission) {
  const loop::Address* to = transmission.to;
  if (to == nullptr) {
    return phase_ == Phase::kConnected || state() != State::kClosed
               ? Errno::kEISCONN
               : Errno::kEINVAL;
  }
  if (to->family == loop::Family::kUnspecified) return Errno::kEOPNOTSUPP;
  return Connect(*to).error();
}

bool Socket::at_mark() const {
  const Receiver& receiver = connection().receiver();
  return receiver.urgent().pending() &&
         receiver.urgent().at() == receiver.copied();
}

// tcp_ioctl().
loop::Result<void> Socket::Ioctl(uint32_t request, int* value) {
  const bool opening =
      state() == State::kSynSent || state() == State::kSynReceived;
  const Receiver& receiver = connection().receiver();
  const Sender& sender = connection().sender();
  const Urgent& urgent = receiver.urgent();
  switch (request) {
    case loop::kFionread: {
      if (listener_ != nullptr) return Errno::kEINVAL;
      // Up to the urgent byte, which is no part of the stream.
      const bool stops = urgent.pending() &&
                         !connection().options->oob_inline &&
                         !Before(urgent.at(), receiver.copied()) &&
                         Before(urgent.at(), receiver.nxt());
      *value = static_cast<int>(stops ? urgent.at() - receiver.copied()
                                      : receiver.Readable());
      if (opening) *value = 0;
      return {};
    }
    case loop::kSiocatmark:
      *value = at_mark();
      return {};
    case loop::kSiocoutq:
    case loop::kSiocoutqnsd:
      if (listener_ != nullptr) return Errno::kEINVAL;
      *value =
          static_cast<int>(request == loop::kSiocoutq ? sender.Unacknowledged()
                                                      : sender.Unsent());
      if (opening) *value = 0;
      return {};
    default:
      return Errno::kENOTTY;
  }
}

}  // namespace simloop::sim::tcp
