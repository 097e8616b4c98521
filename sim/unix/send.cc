// Sending by Unix sockets.
#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/host.h"
#include "sim/unix/socket.h"

namespace simloop::sim::unix_domain {

using loop::Errno;
using loop::Result;

namespace {

// What SO_SNDBUF is to hold beside a datagram, or beside half a stream's
// message.
constexpr size_t kDatagramOverhead = 32;
constexpr size_t kStreamOverhead = 64;

}  // namespace

Result<size_t> Socket::Send(const Transmission& transmission) {
  return is_stream() ? SendStream(transmission) : SendDatagram(transmission);
}

Errno Socket::AdmitSend() {
  const Errno error = TakeError();
  if (error != Errno::kOk) return error;
  if ((shutdown_ & kNoSend) != 0) return Errno::kEPIPE;
  const bool room = charged_ < static_cast<size_t>(options_.send_buffer());
  return room ? Errno::kOk : Errno::kEAGAIN;
}

// __scm_send(), for SCM_CREDENTIALS: a process may only name itself.
Errno Socket::TakeCredentials(const Ancillary& ancillary,
                              std::optional<loop::Credentials>* credentials) {
  if (ancillary.error != Errno::kOk) return ancillary.error;
  for (const loop::ControlMessage& message : ancillary.messages) {
    if (message.level != loop::kSolSocket ||
        message.type != loop::kScmCredentials) {
      continue;
    }
    loop::Credentials given;
    if (message.data.size() != sizeof given) return Errno::kEINVAL;
    std::memcpy(&given, message.data.data(), sizeof given);
    if (given.uid == UINT32_MAX || given.gid == UINT32_MAX) {
      return Errno::kEINVAL;
    }
    if (given.pid != kCredentials.pid) return Errno::kESRCH;
    *credentials = given;
  }
  return Errno::kOk;
}

void Socket::Deliver(Message message, Socket& other) {
  if (!message.credentials.has_value() &&
      (passes_credentials() || other.passes_credentials())) {
    message.credentials = kCredentials;
  }
  for (const FileRef& file : message.rights) {
    sim::Socket* const socket = file->AsSocket();
    if (socket != nullptr && socket->takes_rights()) names_.CountInFlight(1);
  }
  other.unread_ += static_cast<int>(message.bytes.size());
  other.queue_.push_back(std::move(message));
  other.Wake(kReadableEvents);
}

// unix_stream_sendmsg(). An urgent byte is the last one (MSG_OOB).
Result<size_t> Socket::SendStream(const Transmission& transmission) {
  std::optional<loop::Credentials> credentials;
  const Ancillary* const ancillary = transmission.ancillary;
  if (ancillary != nullptr) {
    const Errno error = TakeCredentials(*ancillary, &credentials);
    if (error != Errno::kOk) return error;
  }
  const absl::Span<const char> data = transmission.data;
  const bool urgent = (transmission.flags & loop::kMsgOob) != 0;
  if (urgent && data.empty()) return Errno::kEOPNOTSUPP;
  if (transmission.to != nullptr) {
    return state_ == State::kConnected ? Errno::kEISCONN : Errno::kEOPNOTSUPP;
  }
  if (peer_ == nullptr) return Errno::kENOTCONN;
  if ((shutdown_ & kNoSend) != 0) return Errno::kEPIPE;
  if (names_.MemoryDenied()) return Errno::kENOBUFS;
  const size_t plain = data.size() - (urgent ? 1 : 0);
  size_t sent = 0;
  while (sent < data.size()) {
    const Errno error = AdmitSend();
    if (error != Errno::kOk) return sent > 0 ? Result<size_t>(sent) : error;
    const size_t half = static_cast<size_t>(options_.send_buffer()) / 2;
    const size_t size = sent == plain
                            ? 1
                            : std::min({plain - sent, half - kStreamOverhead,
                                        kMostStreamBytes});
    Message message;
    message.charge = Charge(identity_, StreamCharge(size));
    Socket* const other = peer();
    if (other == nullptr || (other->shutdown_ & kNoReceive) != 0) {
      return sent > 0 ? Result<size_t>(sent) : Errno::kEPIPE;
    }
    message.bytes.assign(data.data() + sent, size);
    message.credentials = credentials;
    if (sent == 0 && ancillary != nullptr) message.rights = ancillary->rights;
    if (sent == plain) {
      for (Message& queued : other->queue_) queued.urgent = false;
      message.urgent = other->has_urgent_ = true;
    }
    Deliver(std::move(message), *other);
    sent += size;
  }
  return sent;
}

// unix_seqpacket_sendmsg(), unix_dgram_sendmsg().
Result<size_t> Socket::SendDatagram(const Transmission& transmission) {
  if (connection_based()) {
    const Errno error = TakeError();
    if (error != Errno::kOk) return error;
    if (state_ != State::kConnected) return Errno::kENOTCONN;
  }
  Message message;
  if (transmission.ancillary != nullptr) {
    const Errno error =
        TakeCredentials(*transmission.ancillary, &message.credentials);
    if (error != Errno::kOk) return error;
    message.rights = transmission.ancillary->rights;
  }
  if ((transmission.flags & loop::kMsgOob) != 0) return Errno::kEOPNOTSUPP;
  std::string name;
  if (transmission.to != nullptr && !connection_based()) {
    Result<std::string> named = Namespace::NameOf(*transmission.to);
    if (!named.ok()) return named.error();
    name = named.Take();
  }
  if (passes_credentials()) names_.Autobind(*this);
  const absl::Span<const char> data = transmission.data;
  const auto limit = static_cast<size_t>(options_.send_buffer());
  if (data.size() > limit - kDatagramOverhead) return Errno::kEMSGSIZE;
  Errno error = AdmitSend();
  if (error != Errno::kOk) return error;
  if (names_.MemoryDenied()) return Errno::kENOBUFS;
  // Given back, with a wake-up, if it is not sent after all.
  message.charge = Charge(identity_, DatagramCharge(data.size()));
  message.bytes.assign(data.data(), data.size());
  call_relay_.Leave();
  Socket* other = nullptr;
  error = FindReceiver(name, transmission.flags, &other);
  if (error != Errno::kOk) return error;
  Deliver(std::move(message), *other);
  return data.size();
}

// The end of unix_dgram_sendmsg(): to `name`, or to the peer if it is empty.
Errno Socket::FindReceiver(const std::string& name, int flags,
                           Socket** receiver) {
  Socket* other = peer();
  if (!name.empty()) {
    const Result<Socket*> found = names_.Find(name, type_);
    if (!found.ok()) return found.error();
    other = *found;
  } else if (peer_ == nullptr) {
    return Errno::kENOTCONN;
  }
  if (other == nullptr) {
    if (connection_based()) return Errno::kEPIPE;
    // A dead peer is left, and told of once.
    peer_ = nullptr;
    peer_relay_.Leave();
    Wake(kWritableEvents);
    state_ = State::kUnconnected;
    Disconnected(nullptr);
    return Errno::kECONNREFUSED;
  }
  if (!MaySendTo(*other)) return Errno::kEPERM;
  if ((other->shutdown_ & kNoReceive) != 0) return Errno::kEPIPE;
  if (other != this && other->peer() != this && other->full()) {
    if (waits(flags)) {
      call_relay_.Join(other->room_waiters_);
      return Errno::kEAGAIN;
    }
    if (peer() != other || WaitForRoomAt(*other)) return Errno::kEAGAIN;
  }
  *receiver = other;
  return Errno::kOk;
}

}  // namespace simloop::sim::unix_domain
