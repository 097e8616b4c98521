// Receiving by Unix sockets.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "sim/unix/socket.h"

namespace simloop::sim::unix_domain {

using loop::Errno;
using loop::Result;

namespace {

bool IsUnix(const FileRef& file) {
  sim::Socket* const socket = file->AsSocket();
  return socket != nullptr && socket->takes_rights();
}

bool Same(const std::optional<loop::Credentials>& a,
          const std::optional<loop::Credentials>& b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() == b.has_value();
  return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

}  // namespace

struct Socket::Reading {
  explicit Reading(Reception& reception) : reception(reception) {}

  bool peek() const { return (reception.flags & loop::kMsgPeek) != 0; }
  absl::Span<char> room() const { return reception.buffer.subspan(copied); }
  void Give(std::vector<FileRef> rights) {
    got_rights = true;
    if (reception.ancillary != nullptr) {
      reception.ancillary->rights = std::move(rights);
    }
  }

  Reception& reception;
  size_t copied = 0;
  size_t skip = 0;  // SO_PEEK_OFF
  bool named = false;
  bool got_rights = false;
  // A look came upon nothing more but an urgent byte (manage_oob()).
  bool only_urgent = false;
  // Messages of other senders are not read with this one's.
  bool credentials_taken = false;
  std::optional<loop::Credentials> credentials;
};

Result<size_t> Socket::Receive(Reception* reception) {
  if (is_stream()) {
    if (state_ != State::kConnected) return Errno::kEINVAL;
    if ((reception->flags & loop::kMsgOob) != 0) {
      return ReceiveUrgent(reception);
    }
    return ReceiveStream(reception);
  }
  if (connection_based() && state_ != State::kConnected) {
    return Errno::kENOTCONN;
  }
  if ((reception->flags & loop::kMsgOob) != 0) return Errno::kEOPNOTSUPP;
  return ReceiveDatagram(reception);
}

Message Socket::RemoveMessage(size_t index) {
  const auto at = queue_.begin() + static_cast<ptrdiff_t>(index);
  Message message = std::move(*at);
  queue_.erase(at);
  if (message.urgent) has_urgent_ = false;
  names_.CountInFlight(-static_cast<int>(
      std::count_if(message.rights.begin(), message.rights.end(), IsUnix)));
  return message;
}

std::vector<FileRef> Socket::TakeRights(Message* message) {
  names_.CountInFlight(-static_cast<int>(
      std::count_if(message->rights.begin(), message->rights.end(), IsUnix)));
  return std::exchange(message->rights, {});
}

// scm_recv_unix().
void Socket::GiveCredentials(
    Reception* reception, const std::optional<loop::Credentials>& credentials) {
  if (reception->ancillary == nullptr || !passes_credentials()) return;
  const loop::Credentials given = credentials.value_or(kUnknownSender);
  reception->ancillary->messages.push_back(
      {loop::kSolSocket, loop::kScmCredentials,
       std::string(reinterpret_cast<const char*>(&given), sizeof given)});
}

// --- Streams
// -----------------------------------------------------------------

// unix_stream_read_generic().
Result<size_t> Socket::ReceiveStream(Reception* reception) {
  Reading reading(*reception);
  reception->ended = true;
  const bool all = (reception->flags & loop::kMsgWaitall) != 0;
  const size_t size = reception->buffer.size();
  // sock_rcvlowat().
  const auto low = static_cast<size_t>(options_.receive_low_water());
  const size_t target = std::max<size_t>(all ? size : std::min(low, size), 1);
  if (reading.peek() && options_.peek_offset() > 0) {
    reading.skip = static_cast<size_t>(options_.peek_offset());
  }
  Errno error = Errno::kOk;
  bool more = true;
  while (more) {
    size_t index = kNone;
    if (!queue_.empty()) {
      index = FirstReadable(reading.peek(), reading.copied > 0, 0);
      if (index == kNone && reading.copied > 0) break;
    }
    while (index != kNone && reading.skip >= queue_[index].left()) {
      reading.skip -= queue_[index].left();
      index = index + 1 < queue_.size() ? index + 1 : kNone;
    }
    if (index != kNone) {
      more = reading.peek() ? PeekMessages(&reading, index)
                            : ReadMessage(&reading, index);
      more = more && reading.copied < size;
      // A look at no bytes goes on behind what there is to look at.
      if (!reading.only_urgent || reading.copied > 0) continue;
    }
    if (reading.copied >= target) break;
    error = TakeError();
    if (error == Errno::kOk && (shutdown_ & kNoReceive) == 0) {
      error = Errno::kEAGAIN;
      reception->ended = false;
    }
    break;
  }
  if (reading.copied == 0 && error != Errno::kOk) return error;
  GiveCredentials(reception, reading.credentials);
  return reading.copied;
}

// Whether the message may be read together with those before it.
bool Socket::Joins(Reading* reading, const Message& message) const {
  if (reading->credentials_taken) {
    return Same(reading->credentials, message.credentials);
  }
  if (passes_credentials()) {
    reading->credentials = message.credentials;
    reading->credentials_taken = true;
  }
  return true;
}

size_t Socket::Copy(Reading* reading, const Message& message) const {
  Reception& reception = reading->reception;
  if (reception.from != nullptr && !std::exchange(reading->named, true) &&
      message.charge.sender().bound) {
    *reception.from = message.charge.sender().name;
  }
  const absl::Span<char> room = reading->room();
  const size_t count = std::min(message.left() - reading->skip, room.size());
  std::copy_n(message.bytes.data() + message.consumed + reading->skip, count,
              room.data());
  reading->copied += count;
  return count;
}

// Answers whether reading may go on.
bool Socket::ReadMessage(Reading* reading, size_t index) {
  Message& message = queue_[index];
  if (!Joins(reading, message)) return false;
  const size_t count = Copy(reading, message);
  message.consumed += count;
  unread_ -= static_cast<int>(count);
  options_.RetreatPeekOffset(static_cast<int>(count));
  if (!message.rights.empty()) reading->Give(TakeRights(&message));
  if (message.left() > 0) return false;
  const Message read = RemoveMessage(index);
  return !reading->got_rights;
}

// As far as one look goes: over all messages, to the first with descriptors,
// even if that lies behind the last byte asked for.
bool Socket::PeekMessages(Reading* reading, size_t index) {
  while (true) {
    const Message& message = queue_[index];
    if (!Joins(reading, message)) return false;
    options_.AdvancePeekOffset(static_cast<int>(Copy(reading, message)));
    if (!message.rights.empty()) {
      reading->Give(message.rights);
      return false;
    }
    reading->skip = 0;
    if (++index == queue_.size()) return false;
    const size_t next =
        FirstReadable(/*peek=*/true, reading->copied > 0, index);
    if (next == kNone) {
      reading->only_urgent = true;
      return false;
    }
    index = next;
  }
}

// --- Datagrams
// ---------------------------------------------------------------

// __skb_try_recv_from_queue(): with SO_PEEK_OFF messages are passed over.
size_t Socket::FindDatagram(bool peek, size_t* skip) {
  const int offset = peek ? options_.peek_offset() : -1;
  *skip = offset < 0 ? 0 : static_cast<size_t>(offset);
  for (size_t index = 0; index < queue_.size(); ++index) {
    Message& message = queue_[index];
    if (offset < 0) return index;
    const size_t size = message.bytes.size();
    if (*skip >= size && (*skip > 0 || message.peeked)) {
      *skip -= size;
      continue;
    }
    if (size == 0) message.peeked = true;
    return index;
  }
  return kNone;
}

// __unix_dgram_recvmsg().
Result<size_t> Socket::ReceiveDatagram(Reception* reception) {
  const bool peek = (reception->flags & loop::kMsgPeek) != 0;
  const Errno error = TakeError();
  if (error != Errno::kOk) return error;
  size_t skip = 0;
  const size_t index = FindDatagram(peek, &skip);
  if (index == kNone) {
    // The end of a connection; and who waits for datagrams waits in vain.
    const bool end = connection_based() || waits(reception->flags);
    if (end && (shutdown_ & kNoReceive) != 0) return size_t{0};
    return Errno::kEAGAIN;
  }
  Message taken;
  if (!peek) taken = RemoveMessage(index);
  const Message& message = peek ? queue_[index] : taken;
  room_waiters_.Wake(kWritableEvents);
  if (reception->from != nullptr && message.charge.sender().bound) {
    *reception->from = message.charge.sender().name;
  }
  const size_t left = message.bytes.size() - skip;
  const size_t count = std::min(left, reception->buffer.size());
  if (count < left) reception->answer_flags |= loop::kMsgTrunc;
  std::copy_n(message.bytes.data() + skip, count, reception->buffer.data());
  GiveCredentials(reception, message.credentials);
  if (reception->ancillary != nullptr) {
    reception->ancillary->rights = message.rights;
  }
  if (peek) {
    options_.AdvancePeekOffset(static_cast<int>(count));
  } else {
    unread_ -= static_cast<int>(message.bytes.size());
    options_.RetreatPeekOffset(static_cast<int>(message.bytes.size()));
  }
  return (reception->flags & loop::kMsgTrunc) != 0 ? left : count;
}

// FIONREAD: of a stream and of records all, of datagrams the first.
int Socket::Unread() const {
  if (connection_based()) return unread_;
  return queue_.empty() ? 0 : static_cast<int>(queue_.front().left());
}

}  // namespace simloop::sim::unix_domain
