// Socket: a socket of family AF_UNIX (unix(7)): stream, datagram or
// seqpacket, as net/unix/af_unix.c of Linux has them. Nothing takes time: what
// is sent is in the peer's queue when the call returns.
//
// Not modelled: SO_PASSPIDFD, SO_INQ, timestamps, permissions of pathnames,
// and credentials other than kCredentials.
#ifndef SIM_UNIX_SOCKET_H_
#define SIM_UNIX_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "sim/directory.h"
#include "sim/socket.h"
#include "sim/socket_options.h"
#include "sim/unix/message.h"
#include "sim/unix/namespace.h"
#include "sim/unix/peer_wait.h"

namespace simloop::sim {
class Host;
}

namespace simloop::sim::unix_domain {

class Socket final : public sim::Socket {
 public:
  // `type` is SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET.
  Socket(Host& host, int type);
  ~Socket() override;

  // socketpair(2). REQUIRES: both fresh and of one type.
  static void Connect(Socket& one, Socket& other);

  loop::Result<void> Bind(const loop::Address& address) override;
  loop::Result<void> Listen(int backlog) override;
  loop::Result<void> Accept(Accepted* accepted) override;
  loop::Result<void> Connect(const loop::Address& address) override;
  loop::Result<size_t> Receive(Reception* reception) override;
  loop::Result<size_t> Send(const Transmission& transmission) override;
  loop::Result<void> Shutdown(int how) override;
  loop::Result<loop::Address> Getsockname() override;
  loop::Result<loop::Address> Getpeername() override;
  loop::Result<size_t> Getsockopt(int level, int name,
                                  absl::Span<char> value) override;
  loop::Result<void> Setsockopt(int level, int name,
                                absl::Span<const char> value) override;

  uint32_t Readiness() override;
  WaitQueue& waiters() override { return waiters_; }
  WaitQueue& send_waiters() override { return send_waiters_; }
  // FIONREAD, SIOCOUTQ, SIOCATMARK.
  loop::Result<void> Ioctl(uint32_t request, int* value) override;
  void Release() override { Close(/*unaccepted=*/false); }
  bool is_stream() const override { return type_ == loop::kSockStream; }
  bool raises_sigpipe() const override { return is_stream(); }
  bool takes_rights() const override { return true; }
  absl::Duration receive_timeout() const override {
    return options_.receive_timeout();
  }
  absl::Duration send_timeout() const override {
    return options_.send_timeout();
  }

  // --- For Namespace and Charge -------------------------------------------
  int type() const { return type_; }
  bool bound() const { return identity_->bound; }
  // REQUIRES: bound().
  const std::string& name() const { return identity_->name.path; }
  // `inode` is null for an abstract one.
  void SetName(const std::string& name, std::shared_ptr<Inode> inode);
  // A message of its own took up, or gave back, some of SO_SNDBUF.
  void TakeRoom(size_t bytes) { charged_ += bytes; }
  void ReturnRoom(size_t bytes);

 private:
  friend class Namespace;

  enum class State : uint8_t { kUnconnected, kListening, kConnected };
  // sk_shutdown.
  static constexpr uint8_t kNoReceive = 1;
  static constexpr uint8_t kNoSend = 2;
  static constexpr uint8_t kNeither = 3;
  static constexpr size_t kNone = SIZE_MAX;

  // Waits for room at a peer it is connected to: an event of its own.
  class PeerRelay final : public Relay {
   public:
    explicit PeerRelay(Socket& socket) : socket_(socket) {}
    void OnRoom(uint32_t events) override { socket_.Wake(events); }

   private:
    Socket& socket_;
  };
  // A call of its own waits for room elsewhere.
  class CallRelay final : public Relay {
   public:
    explicit CallRelay(Socket& socket) : socket_(socket) {}
    void OnRoom(uint32_t events) override {
      socket_.send_waiters_.Wake(events);
    }

   private:
    Socket& socket_;
  };
  struct Mark {
    uint32_t queued = 0;  // references to it from queues
    bool reached = false;
  };
  // One reading of a stream on its way (unix_stream_read_generic()).
  struct Reading;

  // --- Life (socket.cc) ----------------------------------------------------
  // unix_release_sock(). `unaccepted`: it never left its listener's queue.
  void Close(bool unaccepted);
  void CloseUnaccepted();
  bool HasUnread() const;
  void Wake(uint32_t events);
  void WakeWriters();
  bool connection_based() const { return type_ != loop::kSockDgram; }
  bool listening() const { return state_ == State::kListening; }
  bool writable(size_t charged) const;
  // unix_recvq_full().
  bool full() const { return queued() > backlog_; }
  size_t queued() const {
    return listening() ? pending_.size() : queue_.size();
  }
  bool passes_credentials() const { return options_.on(loop::kSoPasscred); }
  bool waits(int flags) const {
    return !nonblocking() && (flags & loop::kMsgDontwait) == 0;
  }
  loop::Errno TakeError();
  Socket* peer() const { return peer_ == nullptr ? nullptr : peer_->socket; }

  // --- Connections (connection.cc) ------------------------------------------
  loop::Result<void> ConnectStream(const std::string& name);
  loop::Result<void> ConnectDatagram(const loop::Address& address);
  void Reach(Socket& listener);
  void Disconnected(Socket* old_peer);
  bool MaySendTo(const Socket& other) const;
  bool WaitForRoomAt(Socket& other);

  // --- Sending (send.cc) -----------------------------------------------------
  loop::Result<size_t> SendStream(const Transmission& transmission);
  loop::Result<size_t> SendDatagram(const Transmission& transmission);
  loop::Errno FindReceiver(const std::string& name, int flags,
                           Socket** receiver);
  // sock_alloc_send_pskb().
  loop::Errno AdmitSend();
  loop::Errno TakeCredentials(const Ancillary& ancillary,
                              std::optional<loop::Credentials>* credentials);
  void Deliver(Message message, Socket& other);

  // --- Receiving (receive.cc, urgent.cc) -------------------------------------
  loop::Result<size_t> ReceiveStream(Reception* reception);
  loop::Result<size_t> ReceiveUrgent(Reception* reception);
  loop::Result<size_t> ReceiveDatagram(Reception* reception);
  bool ReadMessage(Reading* reading, size_t index);
  bool PeekMessages(Reading* reading, size_t index);
  bool Joins(Reading* reading, const Message& message) const;
  size_t Copy(Reading* reading, const Message& message) const;
  size_t FirstReadable(bool peek, bool copied, size_t index);
  size_t FindDatagram(bool peek, size_t* skip);
  void GiveCredentials(Reception* reception,
                       const std::optional<loop::Credentials>& credentials);
  Message RemoveMessage(size_t index);
  std::vector<FileRef> TakeRights(Message* message);
  int Unread() const;
  bool AtMark() const;

  // --- For CollectGarbage()
  // ---------------------------------------------------
  void VisitInFlight(absl::FunctionRef<void(Socket&)> visit) const;
  void VisitUnaccepted(absl::FunctionRef<void(Socket&)> visit) const;
  void TakeMessages(std::vector<Message>* messages);

  Host& host_;
  Namespace& names_;
  const int type_;
  State state_ = State::kUnconnected;
  uint8_t shutdown_ = 0;
  loop::Errno error_ = loop::Errno::kOk;
  const std::shared_ptr<Identity> identity_;
  std::shared_ptr<Identity> peer_;
  std::shared_ptr<Inode> inode_;
  loop::Credentials peer_credentials_ = kNoPeer;
  SocketOptions options_;
  // How many may wait beyond one: of listen(2), or of datagrams.
  size_t backlog_;
  std::deque<Message> queue_;
  std::deque<std::unique_ptr<Socket>> pending_;  // to be accepted
  bool has_urgent_ = false;
  int unread_ = 0;      // inq_len: what FIONREAD of a stream answers
  size_t charged_ = 0;  // of SO_SNDBUF
  WaitQueue waiters_;
  WaitQueue send_waiters_;
  PeerWait room_waiters_;
  PeerRelay peer_relay_{*this};
  CallRelay call_relay_{*this};
  Mark mark_;
  Socket* next_ = nullptr;
  Socket* previous_ = nullptr;
};

}  // namespace simloop::sim::unix_domain

#endif  // SIM_UNIX_SOCKET_H_
