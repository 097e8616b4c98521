// Names and connections of Unix sockets.
#include <algorithm>
#include <utility>

#include "loop/check.h"
#include "sim/host.h"
#include "sim/unix/socket.h"

namespace simloop::sim::unix_domain {

using loop::Address;
using loop::Errno;
using loop::Family;
using loop::Result;

namespace {

// sizeof sa_family_t.
constexpr size_t kFamilyBytes = 2;

}  // namespace

// unix_socketpair().
void Socket::Connect(Socket& one, Socket& other) {
  SIMLOOP_CHECK(one.type_ == other.type_, "a pair is of one type");
  for (Socket* socket : {&one, &other}) {
    socket->peer_ = (socket == &one ? other : one).identity_;
    socket->state_ = State::kConnected;
    socket->peer_credentials_ = kCredentials;
  }
}

Result<void> Socket::Bind(const Address& address) {
  if (address.family == Family::kUnix && address.size() == kFamilyBytes) {
    names_.Autobind(*this);
    return {};
  }
  const Result<std::string> name = Namespace::NameOf(address);
  if (!name.ok()) return name.error();
  return names_.Bind(*this, *name);
}

Result<Address> Socket::Getsockname() { return identity_->name; }

Result<Address> Socket::Getpeername() {
  if (peer_ == nullptr) return Errno::kENOTCONN;
  return peer_->name;
}

// --- Listeners
// ---------------------------------------------------------------

Result<void> Socket::Listen(int backlog) {
  if (!connection_based()) return Errno::kEOPNOTSUPP;
  if (!bound() || state_ == State::kConnected) return Errno::kEINVAL;
  // A negative backlog is a very large one (__sys_listen()).
  const auto most = static_cast<unsigned>(host_.options().somaxconn);
  const size_t limit = std::min(static_cast<unsigned>(backlog), most);
  if (limit > backlog_) room_waiters_.Wake(0);
  backlog_ = limit;
  state_ = State::kListening;
  peer_credentials_ = kCredentials;
  return {};
}

Result<void> Socket::Accept(Accepted* accepted) {
  if (!connection_based()) return Errno::kEOPNOTSUPP;
  if (!listening()) return Errno::kEINVAL;
  if (pending_.empty()) {
    // One that waits is told that it waits in vain.
    const bool vain = (shutdown_ & kNoReceive) != 0 && !nonblocking();
    return vain ? Errno::kEINVAL : Errno::kEAGAIN;
  }
  std::unique_ptr<Socket> socket = std::move(pending_.front());
  pending_.pop_front();
  room_waiters_.Wake(0);
  accepted->peer = socket->peer_->name;
  accepted->socket = std::move(socket);
  return {};
}

// --- connect(2)
// --------------------------------------------------------------

Result<void> Socket::Connect(const Address& address) {
  if (!connection_based()) return ConnectDatagram(address);
  const Result<std::string> name = Namespace::NameOf(address);
  if (!name.ok()) return name.error();
  if (passes_credentials()) names_.Autobind(*this);
  const Result<void> result = ConnectStream(*name);
  // Linux has made the other end in vain, and closes it.
  if (!result.ok()) names_.CollectGarbage();
  return result;
}

// unix_stream_connect().
Result<void> Socket::ConnectStream(const std::string& name) {
  call_relay_.Leave();
  const Result<Socket*> found = names_.Find(name, type_);
  if (!found.ok()) return found.error();
  Socket& listener = **found;
  if (!listener.listening() || (listener.shutdown_ & kNoReceive) != 0) {
    return Errno::kECONNREFUSED;
  }
  if (listener.full()) {
    if (!nonblocking()) call_relay_.Join(listener.room_waiters_);
    return Errno::kEAGAIN;
  }
  if (state_ == State::kConnected) return Errno::kEISCONN;
  if (state_ == State::kListening) return Errno::kEINVAL;
  if (nonblocking() && names_.BacklogDenied()) return Errno::kEAGAIN;
  Reach(listener);
  return {};
}

// The other end is made here and waits at the listener, connected already.
void Socket::Reach(Socket& listener) {
  auto end = std::make_unique<Socket>(host_, type_);
  end->peer_ = identity_;
  end->state_ = State::kConnected;
  end->peer_credentials_ = kCredentials;
  end->identity_->bound = true;
  end->identity_->name = listener.identity_->name;
  if (listener.passes_credentials()) {
    const int on = 1;
    static_cast<void>(end->options_.Set(
        loop::kSoPasscred,
        absl::MakeConstSpan(reinterpret_cast<const char*>(&on), sizeof on)));
  }
  peer_credentials_ = listener.peer_credentials_;
  state_ = State::kConnected;
  peer_ = end->identity_;
  listener.pending_.push_back(std::move(end));
  listener.Wake(kReadableEvents);
}

// --- Datagrams
// ---------------------------------------------------------------

// unix_may_send(): a connected socket takes only its peer's.
bool Socket::MaySendTo(const Socket& other) const {
  return other.peer_ == nullptr || other.peer_ == identity_;
}

// unix_dgram_connect().
Result<void> Socket::ConnectDatagram(const Address& address) {
  if (address.size() < kFamilyBytes) return Errno::kEINVAL;
  std::shared_ptr<Identity> peer;
  if (address.family != Family::kUnspecified) {
    const Result<std::string> name = Namespace::NameOf(address);
    if (!name.ok()) return name.error();
    if (passes_credentials()) names_.Autobind(*this);
    const Result<Socket*> found = names_.Find(*name, type_);
    if (!found.ok()) return found.error();
    if (!MaySendTo(**found)) return Errno::kEPERM;
    peer = (*found)->identity_;
  }
  const std::shared_ptr<Identity> old = std::exchange(peer_, peer);
  state_ = peer_ == nullptr ? State::kUnconnected : State::kConnected;
  if (old == nullptr) return {};
  peer_relay_.Leave();
  Wake(kWritableEvents);
  if (old != peer_) Disconnected(old->socket);
  return {};
}

// unix_dgram_disconnected(): what was queued came from the old peer, and is
// lost; the peer is told if it was connected too.
void Socket::Disconnected(Socket* old_peer) {
  if (queue_.empty()) return;
  std::vector<Message> lost;
  TakeMessages(&lost);
  lost.clear();
  room_waiters_.Wake(0);
  if (old_peer == nullptr || old_peer->peer_ != identity_) return;
  old_peer->error_ = Errno::kECONNRESET;
  old_peer->Wake(loop::kEpollErr);
}

// unix_dgram_peer_wake_me(): whether there is no room at `other`; it will then
// tell.
bool Socket::WaitForRoomAt(Socket& other) {
  const bool joined = peer_relay_.Join(other.room_waiters_);
  if (other.full()) return true;
  if (joined) peer_relay_.Leave();
  return false;
}

}  // namespace simloop::sim::unix_domain
