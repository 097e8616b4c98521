// DatagramSocket: a UDP socket as Node shows it: dgram.Socket
// (https://nodejs.org/api/dgram.html), over udp(7). A modern Node's; v0.1.96
// has none, and Create() throws there.
//
// It lives on without a handle while it is bound or an event is due, and drops
// its listeners after 'close'. Names are looked up by the stack's resolver.
#ifndef NET_DATAGRAM_SOCKET_H_
#define NET_DATAGRAM_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "loop/address.h"
#include "loop/io_watcher.h"
#include "loop/task.h"
#include "net/abort_signal.h"
#include "net/error.h"
#include "net/event.h"
#include "net/resolver.h"
#include "net/stack.h"

namespace simloop::net {

class DatagramSocket final
    : public Resident,
      public std::enable_shared_from_this<DatagramSocket> {
 public:
  struct Options {
    bool ipv6 = false;        // "udp6"; else "udp4"
    bool reuse_addr = false;  // SO_REUSEADDR, socket(7)
    bool ipv6_only = false;   // IPV6_V6ONLY, ipv6(7)
    // 0: the kernel's.
    int receive_buffer_size = 0;
    int send_buffer_size = 0;
    // When it is aborted the socket is closed.
    std::shared_ptr<AbortSignal> signal;
  };
  using MessageListener =
      absl::AnyInvocable<void(absl::string_view, const loop::Address&)>;
  // Null and how many bytes were sent, or why none.
  using SendCallback = absl::AnyInvocable<void(const Error*, size_t)>;

  struct Events final : Emitter {
    MemberEvent<> listening{*this};
    // The datagram, valid during the call, and who sent it.
    MemberEvent<absl::string_view, const loop::Address&> message{*this};
    MemberEvent<> connect{*this};
    MemberEvent<const Error&> error{*this};
    MemberEvent<> close{*this};
  };

  // dgram.createSocket().
  static std::shared_ptr<DatagramSocket> Create(
      Stack& stack, Options options, MessageListener listener = nullptr);
  static std::shared_ptr<DatagramSocket> Create(Stack& stack) {
    return Create(stack, Options());
  }
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  // All calls throw ERR_SOCKET_DGRAM_NOT_RUNNING after Close().

  // socket.bind(): 'listening' comes one tick later, or 'error'. Empty: all
  // addresses; port 0 picks one. Throws ERR_SOCKET_ALREADY_BOUND.
  void Bind(uint16_t port = 0, absl::string_view address = "");
  // socket.send(): binds first if it is not bound. Empty: loopback. An error
  // without a callback is silent, but for that of a look-up. If it is connected
  // the peer has it, whatever the address, or ERR_SOCKET_DGRAM_IS_CONNECTED is
  // thrown, if there is a callback.
  void Send(absl::string_view data, uint16_t port, absl::string_view address,
            SendCallback sent = nullptr);
  // To whom it is connected. Throws ERR_SOCKET_BAD_PORT if it is not.
  void Send(absl::string_view data, SendCallback sent = nullptr);
  // socket.connect(): 'connect' or 'error' follow. Throws
  // ERR_SOCKET_DGRAM_IS_CONNECTED.
  void Connect(uint16_t port, absl::string_view address = "");
  void Disconnect();
  // socket.close(): 'close' comes in the next tick.
  void Close();

  // getsockname(2), getpeername(2). The first throws EBADF before it is bound,
  // the other ERR_SOCKET_DGRAM_NOT_CONNECTED.
  loop::Address address();
  loop::Address remote_address();
  // Not valid when there is none.
  loop::Fd fd() const { return fd_; }
  // What waits for room in the kernel.
  size_t send_queue_size() const { return queued_bytes_; }
  size_t send_queue_count() const { return queue_.size(); }

  // Options of ip(7) and ipv6(7); throw what setsockopt(2) answers, EBADF
  // before it is bound. A membership binds first, without 'listening', and
  // Bind() fails then, as in Node.
  void SetBroadcast(bool on);
  void SetTtl(int ttl);
  void SetMulticastTtl(int ttl);
  void SetMulticastLoopback(bool on);
  void SetMulticastInterface(absl::string_view address);
  void AddMembership(absl::string_view group, absl::string_view on = "");
  void DropMembership(absl::string_view group, absl::string_view on = "");
  void SetReceiveBufferSize(int bytes);
  void SetSendBufferSize(int bytes);
  int receive_buffer_size();
  int send_buffer_size();

  // Whether it keeps the loop going.
  void Ref() { SetRef(true); }
  void Unref() { SetRef(false); }

  Events on;

  void Abandon();

 private:
  enum class State : uint8_t { kUnbound, kBinding, kBound };
  enum class Peer : uint8_t { kNone, kConnecting, kConnected };
  struct Outgoing {
    std::string data;
    std::optional<loop::Address> to;  // none: whom it is connected to
    SendCallback sent;
  };

  DatagramSocket(Stack& stack, Options options);

  static Error BadPort(absl::string_view received);
  void CheckRunning() const;
  // Runs `then` with the address, or the error, one tick or more later.
  void LookUp(absl::string_view host, uint16_t port,
              absl::AnyInvocable<void(const Error*, const loop::Address&)>);
  void BindNow(const loop::Address& address);
  loop::Errno Open();
  void OnBound();
  // Runs it when bound: now, or as a listener of 'listening'.
  void WhenBound(loop::Task task);
  void SendLookedUp(Outgoing message, absl::string_view host, uint16_t port);
  void SendNow(Outgoing message);
  void ConnectNow(uint16_t port, absl::string_view host);
  void OnReady(loop::Interest ready);
  void Receive();
  void Flush();
  void UpdateInterest();
  void EmitError(const Error& error);
  void CloseDescriptor();
  void SetRef(bool ref);
  // datagram_option.cc.
  void SetInt(int level, int name, int value, absl::string_view call);
  int GetInt(int level, int name, absl::string_view call);
  Error OptionError(loop::Errno error, int level, absl::string_view call) const;
  void RequireRange(int value, int least, absl::string_view call);
  void Membership(bool add, absl::string_view group, absl::string_view on);

  Stack* stack_;  // null once abandoned
  const Options options_;
  State state_ = State::kUnbound;
  Peer peer_ = Peer::kNone;
  bool closed_ = false;
  bool ref_ = true;
  loop::Fd fd_;
  std::optional<loop::IoWatcher> watcher_;
  std::shared_ptr<DatagramSocket> self_;
  std::vector<loop::Task> waiting_;  // for 'listening'
  std::vector<Outgoing> queue_;
  size_t queued_bytes_ = 0;
  ListenerId abort_listener_ = 0;
};

}  // namespace simloop::net

#endif  // NET_DATAGRAM_SOCKET_H_
