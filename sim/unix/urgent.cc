// The one byte out of band of a Unix stream (MSG_OOB).
#include <algorithm>

#include "sim/unix/socket.h"

namespace simloop::sim::unix_domain {

using loop::Errno;
using loop::Result;

// manage_oob(): where reading goes on, from `index`; kNone if it ends there.
// Reading stops before the byte; the next reading passes over it, and drops
// it, unless it is to be read in line (SO_OOBINLINE). One that was received
// leaves an empty message behind, which is the mark still.
size_t Socket::FirstReadable(bool peek, bool copied, size_t index) {
  const auto next = [this](size_t i) { return i < queue_.size() ? i : kNone; };
  if (queue_[index].left() == 0) {
    if (copied && (!has_urgent_ || queue_[index].urgent)) return kNone;
    if (peek) {
      ++index;
    } else {
      const Message mark = RemoveMessage(index);
    }
    if (next(index) == kNone) return kNone;
  }
  if (!queue_[index].urgent) return index;
  if (copied) return kNone;
  const bool in_line = options_.on(loop::kSoOobinline);
  if (peek) return in_line ? index : next(index + 1);
  queue_[index].urgent = has_urgent_ = false;
  if (in_line) return index;
  // FIONREAD goes on counting it, as Linux does.
  const Message dropped = RemoveMessage(index);
  return next(0);
}

// unix_stream_recv_urg().
Result<size_t> Socket::ReceiveUrgent(Reception* reception) {
  if (options_.on(loop::kSoOobinline) || !has_urgent_) return Errno::kEINVAL;
  const auto urgent =
      std::find_if(queue_.begin(), queue_.end(),
                   [](const Message& message) { return message.urgent; });
  const char byte = urgent->bytes[0];
  if ((reception->flags & loop::kMsgPeek) == 0) {
    urgent->urgent = has_urgent_ = false;
    urgent->consumed = 1;
    --unread_;
    const auto index = static_cast<size_t>(urgent - queue_.begin());
    if (index > 0 && queue_[index - 1].left() == 0) {
      const Message mark = RemoveMessage(index - 1);
    }
  }
  // Without room it is taken all the same.
  if (!reception->buffer.empty()) reception->buffer[0] = byte;
  reception->answer_flags |= loop::kMsgOob;
  return size_t{1};
}

// SIOCATMARK. A connection that waits to be accepted is an empty message to
// it.
bool Socket::AtMark() const {
  if (listening()) return !pending_.empty();
  if (queue_.empty()) return false;
  if (queue_.front().urgent) return true;
  if (queue_.front().left() > 0) return false;
  return !has_urgent_ || (queue_.size() > 1 && queue_[1].urgent);
}

}  // namespace simloop::sim::unix_domain
