// Server: a listening TCP socket as Node shows it: net.Server
// (https://nodejs.org/api/net.html#class-netserver). IPv4 only: without a host
// it listens on 0.0.0.0, where a modern Node would on [::].
//
// 1. A server lives on without a handle while it listens or an event is due.
// 2. After 'close' its listeners are dropped, so that one may hold the server
//    it listens to, unless a listener of 'close' has called Listen() again.
//    Listen() on a server that has dropped them throws.
#ifndef NET_SERVER_H_
#define NET_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "loop/address.h"
#include "loop/io_watcher.h"
#include "net/error.h"
#include "net/event.h"
#include "net/socket.h"
#include "net/stack.h"

namespace simloop::net {

class Server final : public Resident,
                     public std::enable_shared_from_this<Server> {
 public:
  struct Options {
    // Of the sockets it accepts.
    bool allow_half_open = false;
    bool no_delay = false;
    bool pause_on_connect = false;
  };
  using ConnectionListener =
      absl::AnyInvocable<void(const std::shared_ptr<Socket>&)>;

  struct Events {
    Event<> listening;
    Event<const std::shared_ptr<Socket>&> connection;
    Event<> close;
    // Modern: what Listen() or accept4(2) came to. v0.1.96: only a host that is
    // no address; the rest is thrown.
    Event<const Error&> error;

    void Clear();
  };

  static std::shared_ptr<Server> Create(Stack& stack, Options options,
                                        ConnectionListener listener = nullptr);
  static std::shared_ptr<Server> Create(Stack& stack,
                                        ConnectionListener listener = nullptr) {
    return Create(stack, Options(), std::move(listener));
  }
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // server.listen(port, host, backlog). Port 0 picks one. A backlog of 0 is the
  // discipline's: 128 (v0.1.96) or 511. Throws if it listens already; v0.1.96
  // also throws what bind(2) answers.
  void Listen(uint16_t port, absl::string_view host = "", int backlog = 0);
  // server.close(): stops accepting; what waits in the kernel's queue is reset.
  // Modern: `closed` and 'close' come when the last connection has gone;
  // `closed` gets ERR_SERVER_NOT_RUNNING if it was not listening. v0.1.96:
  // 'close' comes inside the call, which throws "Not running".
  void Close(absl::AnyInvocable<void(const Error*)> closed = nullptr);

  bool listening() const { return fd_.valid(); }
  // getsockname(2); nullopt when not bound.
  std::optional<loop::Address> address();
  // Of accepted sockets that are not destroyed. Always 0 in v0.1.96.
  size_t connections() const { return connections_; }
  Stack& stack() const { return *stack_; }

  Events on;

  // For net's own use.
  void ConnectionGone();
  void Abandon() override;

 private:
  Server(Stack& stack, Options options);

  bool Bind(const loop::Address& address);
  void ListenAfterBind(bool in_tick);
  void ListenNow();
  void FailListen(loop::Errno error, absl::string_view call,
                  const loop::Address& address);
  void OnReadable();
  bool AcceptOne();
  void OnAcceptError(loop::Errno error);
  bool Announce(const loop::Accepted& accepted);
  void EmitError(const Error& error);
  void EmitCloseIfDrained();
  void EmitClose();
  void CloseDescriptor();

  Stack* stack_;  // null once abandoned
  const Quirks& quirks_;
  const Options options_;
  std::shared_ptr<Server> self_;
  loop::Fd fd_;
  std::optional<loop::IoWatcher> watcher_;
  size_t connections_ = 0;
  int backlog_ = 0;
  bool closing_ = false;  // Close() was called, and 'close' is to come
  bool dropped_ = false;  // 'close' has come, the listeners are gone
};

}  // namespace simloop::net

#endif  // NET_SERVER_H_
