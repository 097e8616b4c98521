// Socket: a UDP socket as a program sees it (udp(7), ip(7), ipv6(7)): the
// answers of the socket calls, in the order in which Linux looks at things
// (net/ipv4/udp.c, net/ipv6/udp.c, net/ipv4/datagram.c, net/core/datagram.c).
// It never waits to send: the network takes everything.
#ifndef SIM_UDP_SOCKET_H_
#define SIM_UDP_SOCKET_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "sim/inet_address.h"
#include "sim/inet_options.h"
#include "sim/socket.h"
#include "sim/socket_options.h"
#include "sim/udp/error_message.h"
#include "sim/udp/receive_queue.h"

namespace simloop::sim::udp {

class Stack;

class Socket final : public sim::Socket {
 public:
  Socket(Stack& stack, loop::Family family);
  ~Socket() override;

  // --- The program's calls -------------------------------------------------

  loop::Result<void> Bind(const loop::Address& address) override;
  loop::Result<void> Listen(int) override { return loop::Errno::kEOPNOTSUPP; }
  loop::Result<void> Accept(Accepted*) override {
    return loop::Errno::kEOPNOTSUPP;
  }
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
  loop::Result<void> Ioctl(uint32_t request, int* value) override;
  uint32_t Readiness() override;
  WaitQueue& waiters() override { return waiters_; }
  void Release() override;
  bool is_stream() const override { return false; }
  // inet_sendmsg() of a datagram socket raises none.
  bool raises_sigpipe() const override { return false; }
  absl::Duration receive_timeout() const override {
    return options_.receive_timeout();
  }
  absl::Duration send_timeout() const override {
    return options_.send_timeout();
  }

  // --- The stack -----------------------------------------------------------

  // A datagram for it has come: queued, or dropped if there is no room.
  void Deliver(const Datagram& datagram);
  // An ICMP error about one it sent: for a connected one, or with IP_RECVERR.
  void TakeIcmp(const Icmp& error);
  void SetPort(uint16_t port) { local_.port = port; }
  // The address that others see of it, and the port; 0: it holds none.
  const loop::Endpoint& local() const { return local_; }
  const loop::Endpoint& remote() const { return remote_; }
  bool connected() const { return connected_; }
  // Whom it hears alone, of either family; a wildcard: everybody. After
  // connect(2) to AF_UNSPEC an IPv6 one goes on hearing its last IPv6 peer
  // alone, as on Linux (sk_v6_daddr).
  loop::Ip peer4() const {
    return connected_ && remote_.ip.is_v4() ? remote_.ip : loop::Ip();
  }
  loop::Ip peer6() const { return peer6_; }
  // It has heard from a peer (sk_incoming_cpu).
  bool heard() const { return heard_; }
  // Whether packets to `ip` may be meant for it.
  bool Covers(const loop::Ip& ip) const;
  bool inet6() const { return family_ == loop::Family::kInet6; }
  const SocketOptions& options() const { return options_; }
  const InetOptions& inet() const { return inet_; }
  // "client.udp#1/datagram#2".
  std::string DatagramName() const;

 private:
  // What is gathered with MSG_MORE or UDP_CORK: one datagram to be.
  struct Pending {
    DatagramHeader header;
    std::string data;
    size_t first_bytes = 0;  // of the first call
  };

  // 0.0.0.0 or ::.
  loop::Ip any() const {
    return inet6() ? loop::Ip::Any6() : loop::Ip(loop::Ipv4::Any());
  }
  loop::Address Shown(const loop::Endpoint& endpoint) const;
  loop::Ip SourceTo(loop::Ip to) const;
  bool Autobind();
  void Disconnect();
  loop::Errno TakeError();
  void Wake(uint32_t events) { waiters_.Wake(events); }

  // --- Sending (send.cc) ---------------------------------------------------
  loop::Errno FindDestination(const Transmission& transmission,
                              loop::Endpoint* to) const;
  loop::Errno FindDestination6(const Transmission& transmission,
                               loop::Endpoint* to) const;
  loop::Errno Header(const Transmission& transmission, const loop::Endpoint& to,
                     DatagramHeader* header) const;
  // `source` is what it sends from if nobody says otherwise.
  loop::Errno FindWay(const Transmission& transmission,
                      const loop::Endpoint& to, const loop::Ip& source,
                      DatagramHeader* header) const;
  loop::Result<size_t> Start(const Transmission& transmission,
                             const DatagramHeader& header);
  loop::Result<size_t> Append(const Transmission& transmission);
  bool Corked(const Transmission& transmission) const;
  // EMSGSIZE, which IP_RECVERR tells of as well.
  loop::Errno TooLarge(const loop::Endpoint& to);
  size_t MostBytes(const DatagramHeader& header) const;
  loop::Errno Transmit(DatagramHeader header, absl::Span<const char> data);
  loop::Errno Flush();

  // --- Receiving (receive.cc) ----------------------------------------------
  loop::Result<size_t> ReceiveError(Reception* reception);
  void Describe(const ReceiveQueue::Entry& entry, Ancillary* ancillary) const;
  void DescribeInet(const Datagram& datagram, Ancillary* ancillary) const;
  void DescribeInet6(const Datagram& datagram, Ancillary* ancillary) const;
  uint64_t Cookie();
  void Queue(const Datagram& datagram);
  // An error of IP_RECVERR joins those that MSG_ERRQUEUE reads.
  void QueueError(ErrorMessage message);

  Stack& stack_;
  const loop::Family family_;
  const uint32_t number_;  // of the host's: its name
  uint64_t cookie_ = 0;  // SO_COOKIE; 0: nobody has asked for it
  SocketOptions options_;
  InetOptions inet_;
  WaitQueue waiters_;
  loop::Endpoint local_;
  // The address it sends from; not local_'s where that is one of many.
  loop::Ip source_;
  loop::Endpoint remote_;
  loop::Ip peer6_;
  bool heard_ = false;
  bool connected_ = false;
  bool address_locked_ = false;  // SOCK_BINDADDR_LOCK
  bool port_locked_ = false;     // SOCK_BINDPORT_LOCK
  uint8_t shut_ = 0;             // sk_shutdown
  loop::Errno error_ = loop::Errno::kOk;
  ReceiveQueue received_;
  std::deque<ErrorMessage> errors_;
  std::optional<Pending> pending_;
  // Options of udp(7).
  bool cork_ = false;
  bool gather_ = false;  // UDP_GRO
  uint16_t segment_bytes_ = 0;
  uint32_t sent_ = 0;
};

}  // namespace simloop::sim::udp

#endif  // SIM_UDP_SOCKET_H_
