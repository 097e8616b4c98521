// Server: a listening TCP or Unix socket as Node shows it: net.Server
// (https://nodejs.org/api/net.html#class-netserver).
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
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/address.h"
#include "loop/io_watcher.h"
#include "net/abort_signal.h"
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
    bool keep_alive = false;
    absl::Duration keep_alive_initial_delay = absl::ZeroDuration();
  };
  // server.listen(options).
  struct ListenOptions {
    uint16_t port = 0;  // 0 picks one
    // An address or a name; empty: all addresses (Stack::Options::ipv6).
    std::string host;
    // A Unix socket's pathname; if it is not empty, host and port are not
    // looked at.
    std::string path;
    // 0 is the discipline's: 128 (v0.1.96) or 511.
    int backlog = 0;
    // Modern: IPV6_V6ONLY, ipv6(7).
    bool ipv6_only = false;
    // Modern: when it is aborted the server is closed.
    std::shared_ptr<AbortSignal> signal;
  };
  // The event 'drop'. Unspecified where the kernel does not say.
  struct DroppedConnection {
    loop::Address local;
    loop::Address remote;
  };
  using ConnectionListener =
      absl::AnyInvocable<void(const std::shared_ptr<Socket>&)>;

  struct Events {
    Event<> listening;
    Event<const std::shared_ptr<Socket>&> connection;
    Event<> close;
    // Modern: a connection over max_connections was closed.
    Event<const DroppedConnection&> drop;
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
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // server.listen(). Throws if it listens already; v0.1.96 also throws what
  // bind(2) answers. Of a Unix path: v0.1.96 binds it in the next tick, and
  // throws there if it exists; it is unlinked when the server closes.
  void Listen(ListenOptions options);
  void Listen(uint16_t port, absl::string_view host = "", int backlog = 0);
  // server.close(): stops accepting; what waits in the kernel's queue is reset.
  // Modern: `closed` and 'close' come when the last connection has gone;
  // `closed` gets ERR_SERVER_NOT_RUNNING if it was not listening, and without
  // connections 'close' comes once for each call, as in Node. v0.1.96: 'close'
  // comes inside the call, which throws "Not running".
  void Close(absl::AnyInvocable<void(const Error*)> closed = nullptr);

  bool listening() const { return fd_.valid(); }
  // Not valid when there is none.
  loop::Fd fd() const { return fd_; }
  // getsockname(2); nullopt when not bound. Of a Unix path, modern: the path,
  // from Listen() on.
  std::optional<loop::Address> address();
  // Of accepted sockets that are not destroyed. Always 0 in v0.1.96.
  size_t connections() const { return connections_; }
  // server.getConnections(): as many as there are now, in the next tick.
  void GetConnections(absl::AnyInvocable<void(size_t)> counted);
  // server.maxConnections: one more is accepted and closed ('drop'). Modern. 0
  // is no limit, as in Node 20.
  void SetMaxConnections(std::optional<size_t> most) {
    max_connections_ = most;
  }
  // server.ref(), server.unref(): whether it keeps the loop going.
  void Ref() { SetRef(true); }
  void Unref() { SetRef(false); }
  Stack& stack() const { return *stack_; }

  Events on;

  // For net's own use.
  void ConnectionGone();
  void Abandon();

 private:
  Server(Stack& stack, Options options);

  void LookUp();
  void ListenOnAll();
  void ListenOn(const loop::Address& address, bool in_tick);
  void ListenOnPath();
  bool Bind(const loop::Address& address, bool reports = true);
  void ListenAfterBind(bool in_tick);
  void ListenNow();
  void FailListen(loop::Errno error, absl::string_view call,
                  const loop::Address& address);
  void FailLookup(absl::string_view code);
  void OnReadable();
  void AcceptSome();
  bool AcceptOne();
  void OnAcceptError(loop::Errno error);
  void AwaitDescriptor();
  void AcceptAndDrop();
  void Drop(const loop::Accepted& accepted);
  bool Announce(const loop::Accepted& accepted);
  // Its connections have TCP_NODELAY from the listening socket.
  bool hands_on_no_delay() const {
    return options_.no_delay && stack_->spares_calls() && !bound_path_;
  }
  void SetRef(bool ref);
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
  std::optional<size_t> max_connections_;
  ListenOptions listening_on_;
  ListenerId abort_listener_ = 0;
  uint32_t attempt_ = 0;  // counts Listen() and Close(), for late answers
  loop::Errno bind_error_ = loop::Errno::kOk;  // of the last Bind()
  bool looking_up_ = false;                    // the address to listen on
  bool closing_ = false;                       // inside CloseDescriptor()
  bool bound_path_ = false;  // there is a pathname to unlink(2)
  bool ref_ = true;
  int closes_due_ = 0;    // ticks that emit 'close'
  int burst_ = 1;         // how many AcceptSome() takes at most
  bool dropped_ = false;  // 'close' has come, the listeners are gone
};

}  // namespace simloop::net

#endif  // NET_SERVER_H_
