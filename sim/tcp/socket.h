// Socket: a TCP socket as a program sees it: the answers of the socket calls
// over a Connection or a Listener, as net/ipv4/af_inet.c and tcp.c of Linux
// give them. A connection that has long been quiet may be at rest
// (sim/tcp/dormant.h); whoever asks for it wakes it. Options that
// socket_option.cc does not name are ENOPROTOOPT.
#ifndef SIM_TCP_SOCKET_H_
#define SIM_TCP_SOCKET_H_

#include <cstdint>
#include <memory>

#include "loop/abi.h"
#include "loop/instant.h"
#include "sim/socket.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/listener.h"
#include "sim/tcp/tabled.h"
#include "sim/wait_queue.h"

namespace simloop::sim::tcp {

class Socket final : public sim::Socket {
 public:
  // A fresh one, as socket(2) gives.
  Socket(Stack& stack, loop::Family family);
  // An accepted one.
  Socket(loop::Family family, std::unique_ptr<Connection> connection);
  ~Socket() override;

  loop::Result<void> Bind(const loop::Address& address) override;
  loop::Result<void> Listen(int backlog) override;
  loop::Result<void> Accept(Accepted* accepted) override;
  loop::Result<void> Connect(const loop::Address& address) override;
  loop::Result<size_t> Receive(Reception* reception) override;
  loop::Result<size_t> Send(const Transmission& transmission) override;
  loop::Result<void> Shutdown(int how) override;
  loop::Result<void> Ioctl(uint32_t request, int* value) override;
  loop::Result<loop::Address> Getsockname() override;
  loop::Result<loop::Address> Getpeername() override;
  loop::Result<size_t> Getsockopt(int level, int name,
                                  absl::Span<char> value) override;
  loop::Result<void> Setsockopt(int level, int name,
                                absl::Span<const char> value) override;

  uint32_t Readiness() override;
  WaitQueue& waiters() override { return waiters_; }
  void Release() override;
  bool is_stream() const override { return true; }
  bool raises_sigpipe() const override { return true; }
  absl::Duration receive_timeout() const override {
    return connection().options->socket.receive_timeout();
  }
  absl::Duration send_timeout() const override {
    return connection().options->socket.send_timeout();
  }

  // Awake, if it was at rest. REQUIRES: not released.
  Connection& connection() const {
    if (held_->kind != Tabled::Kind::kConnection) Wake();
    return static_cast<Connection&>(*held_);
  }
  // Its stack looks at it at `now`: the connection goes to rest if it is quiet;
  // else it will be looked at again. Answers whether it went.
  bool LetRest(loop::Instant now);

 private:
  // socket->state of Linux: what connect(2) was told so far.
  enum class Phase : uint8_t {
    kUnconnected,
    kConnecting,
    kConnected,
    kDisconnecting,
  };

  struct Deleter {
    void operator()(Tabled* held) const;
  };

  void Wake() const;
  State state() const {
    return listener_ != nullptr ? State::kListen : connection().state();
  }
  loop::Result<size_t> ReceiveUrgent(Reception* reception);
  loop::Errno SendConnects(const Transmission& transmission);
  loop::Errno StartConnect(const loop::Address& address);
  void Disconnect();
  loop::Errno ErrorOr(loop::Errno otherwise);
  // --- Options (socket_option.cc) ----------------------------------------
  uint64_t Cookie();
  loop::Result<size_t> GetSocketOption(int name, absl::Span<char> value);
  loop::Result<size_t> GetTcpOption(int name, absl::Span<char> value);
  loop::Result<void> SetSocketOption(int name, absl::Span<const char> value);
  loop::Result<void> SetTcpOption(int name, absl::Span<const char> value);
  loop::Result<void> SetTcpNumber(int name, int number);
  loop::Result<size_t> GetRareTcpOption(int name, absl::Span<char> value);
  loop::Result<void> SetRareTcpNumber(int name, int number);
  // Neither connected nor about to be.
  bool idle() const {
    return state() == State::kClosed || state() == State::kListen;
  }
  // TCP_MAXSEG as it is answered.
  int Mss() const;
  // What is read next is the urgent byte, where a read stops (tcp(7)).
  bool at_mark() const;
  bool established() const;

  // The address of `endpoint` as this family shows it.
  loop::Address Shown(const loop::Endpoint& endpoint) const;
  bool inet6() const { return inet6_; }
  loop::Family family() const {
    return inet6_ ? loop::Family::kInet6 : loop::Family::kInet;
  }
  Stack& stack() const { return connection().stack(); }
  // 0.0.0.0 or ::.
  loop::Ip any() const {
    return inet6() ? loop::Ip::Any6() : loop::Ip(loop::Ipv4::Any());
  }

  // In the padding behind File's members.
  const bool inet6_ : 1;
  Phase phase_ : 2 = Phase::kUnconnected;
  bool was_mapped_ : 1 = false;  // connected to a v4-mapped address once
  const bool accepted_ : 1 = false;
  mutable WaitQueue waiters_;
  // A Connection, or the Dormant that is kept of it; null once released.
  mutable std::unique_ptr<Tabled, Deleter> held_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_SOCKET_H_
