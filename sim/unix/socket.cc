#include "sim/unix/socket.h"

#include <algorithm>
#include <utility>

#include "sim/host.h"

namespace simloop::sim::unix_domain {

using loop::Errno;
using loop::Result;

namespace {

constexpr uint32_t kReadable = loop::kEpollIn | loop::kEpollRdnorm;

}  // namespace

Socket::Socket(Host& host, int type)
    : host_(host),
      names_(host.unix_names()),
      type_(type),
      identity_(std::make_shared<Identity>()),
      options_(host.options(), loop::Family::kUnix, type, 0),
      backlog_(static_cast<size_t>(host.options().unix_datagram_queue)) {
  identity_->socket = this;
  names_.Add(*this);
}

Socket::~Socket() {
  if (identity_->socket != nullptr) Close(/*unaccepted=*/false);
}

void Socket::SetName(const std::string& name, std::shared_ptr<Inode> inode) {
  identity_->bound = true;
  identity_->name = loop::Address::Unix(name);
  inode_ = std::move(inode);
}

// --- The end
// -----------------------------------------------------------------

// What a peer is to hear of by ECONNRESET. An urgent byte that was read still
// stands in the queue and does not count.
bool Socket::HasUnread() const {
  if (queue_.empty()) return false;
  return queue_.front().left() > 0 || queue_.size() > 1;
}

void Socket::Close(bool unaccepted) {
  names_.Remove(*this);
  if (inode_ != nullptr) inode_->socket = nullptr;
  identity_->socket = nullptr;
  shutdown_ = kNeither;
  state_ = State::kUnconnected;
  has_urgent_ = false;
  const std::shared_ptr<Identity> peer = std::move(peer_);
  peer_ = nullptr;
  room_waiters_.Wake(0);
  peer_relay_.Leave();
  call_relay_.Leave();
  Socket* const other = peer == nullptr ? nullptr : peer->socket;
  if (other != nullptr && connection_based()) {
    other->shutdown_ = kNeither;
    if (unaccepted || HasUnread()) other->error_ = Errno::kECONNRESET;
    other->Wake(0);
  }
  std::vector<Message> dropped;
  TakeMessages(&dropped);
  dropped.clear();
  CloseUnaccepted();
  names_.CollectGarbage();
}

void Socket::CloseUnaccepted() {
  std::deque<std::unique_ptr<Socket>> pending = std::move(pending_);
  pending_.clear();
  for (const std::unique_ptr<Socket>& socket : pending) {
    socket->Close(/*unaccepted=*/true);
  }
}

Result<void> Socket::Shutdown(int how) {
  if (how < loop::kShutRd || how > loop::kShutRdwr) return Errno::kEINVAL;
  const auto mode = static_cast<uint8_t>(how + 1);
  shutdown_ |= mode;
  Wake(0);
  Socket* const other = peer();
  if (other == nullptr || !connection_based()) return {};
  if ((mode & kNoReceive) != 0) other->shutdown_ |= kNoSend;
  if ((mode & kNoSend) != 0) other->shutdown_ |= kNoReceive;
  other->Wake(0);
  return {};
}

// --- Readiness
// ---------------------------------------------------------------

void Socket::Wake(uint32_t events) {
  waiters_.Wake(events);
  if (events == 0 || (events & loop::kEpollOut) != 0) {
    send_waiters_.Wake(events);
  }
}

// unix_writable(): a quarter of the buffer is taken at most.
bool Socket::writable(size_t charged) const {
  return !listening() &&
         charged * 4 <= static_cast<size_t>(options_.send_buffer());
}

// unix_write_space(). The counter of Linux starts at 1.
void Socket::WakeWriters() {
  if (writable(charged_ + 1)) Wake(kWritableEvents);
}

// sock_wfree(): one byte of the message is held back while it tells.
void Socket::ReturnRoom(size_t bytes) {
  charged_ -= bytes;
  if (writable(charged_ + 2)) Wake(kWritableEvents);
}

// unix_poll(), unix_dgram_poll().
uint32_t Socket::Readiness() {
  uint32_t bits = 0;
  if (error_ != Errno::kOk) bits |= loop::kEpollErr;
  if (shutdown_ == kNeither) bits |= loop::kEpollHup;
  if ((shutdown_ & kNoReceive) != 0) bits |= loop::kEpollRdhup | kReadable;
  if (queued() > 0) bits |= kReadable;
  if (has_urgent_) bits |= loop::kEpollPri;
  if (connection_based() && state_ == State::kUnconnected) {
    bits |= loop::kEpollHup;
  }
  bool room = writable(charged_ + 1);
  if (room && !is_stream()) {
    Socket* const other = peer();
    room = other == nullptr || other->peer() == this || !other->full() ||
           !WaitForRoomAt(*other);
  }
  if (room) bits |= kWritableEvents;
  return bits;
}

Errno Socket::TakeError() { return std::exchange(error_, Errno::kOk); }

// --- Options
// -----------------------------------------------------------------

Result<size_t> Socket::Getsockopt(int level, int name, absl::Span<char> value) {
  if (level != loop::kSolSocket) return Errno::kEOPNOTSUPP;
  const auto take_error = [this] { return TakeError(); };
  return options_.Get(name, value,
                      {listening(), take_error, peer_credentials_});
}

Result<void> Socket::Setsockopt(int level, int name,
                                absl::Span<const char> value) {
  if (level != loop::kSolSocket) return Errno::kEOPNOTSUPP;
  const Result<void> result = options_.Set(name, value);
  const bool sized = name == loop::kSoSndbuf || name == loop::kSoSndbufforce;
  if (result.ok() && sized) WakeWriters();
  return result;
}

// unix_ioctl().
Result<void> Socket::Ioctl(uint32_t request, int* value) {
  switch (request) {
    case loop::kFionread:
      if (listening()) return Errno::kEINVAL;
      *value = Unread();
      return {};
    case loop::kSiocoutq:
      *value = static_cast<int>(charged_);
      return {};
    case loop::kSiocatmark:
      if (!is_stream()) return Errno::kEOPNOTSUPP;
      *value = AtMark() ? 1 : 0;
      return {};
    default:
      return Errno::kENOTTY;
  }
}

// --- What waits in queues
// -----------------------------------------------------

void Socket::VisitInFlight(absl::FunctionRef<void(Socket&)> visit) const {
  for (const Message& message : queue_) {
    for (const FileRef& file : message.rights) {
      sim::Socket* const socket = file->AsSocket();
      if (socket != nullptr && socket->takes_rights()) {
        visit(*static_cast<Socket*>(socket));
      }
    }
  }
}

void Socket::VisitUnaccepted(absl::FunctionRef<void(Socket&)> visit) const {
  for (const std::unique_ptr<Socket>& socket : pending_) visit(*socket);
}

void Socket::TakeMessages(std::vector<Message>* messages) {
  while (!queue_.empty()) messages->push_back(RemoveMessage(0));
}

}  // namespace simloop::sim::unix_domain
