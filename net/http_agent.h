// Agent: keeps client connections for the next request to the same address,
// and makes requests wait where there may be no more
// (https://nodejs.org/api/http.html#class-httpagent). A free connection does
// not keep the loop running.
#ifndef NET_HTTP_AGENT_H_
#define NET_HTTP_AGENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "net/connect_options.h"
#include "net/event.h"
#include "net/http_incoming.h"
#include "net/socket.h"
#include "net/stack.h"

namespace simloop::net::http {

class ClientRequest;

// The option `createConnection`: makes a socket that connects, or has connected
// (https://nodejs.org/api/http.html#agentcreateconnectionoptions-callback).
using CreateConnection =
    std::function<std::shared_ptr<Socket>(Stack& stack, ConnectOptions to)>;
// The option `lookup`, in a form that can be copied: ConnectOptions::lookup.
using SharedLookup = std::function<void(
    absl::string_view host, AddressFamily family, ResolveCallback done)>;

class Agent final : public std::enable_shared_from_this<Agent> {
 public:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
  // Which of the free connections is taken: the one used last, or first.
  enum class Scheduling { kLifo, kFifo };

  // The defaults are those of Node's global agent.
  struct Options {
    bool keep_alive = true;
    // SO_KEEPALIVE's first probe, for kept connections.
    absl::Duration keep_alive_delay = absl::Seconds(1);
    // Connections to one address at a time, and to all; more requests wait
    // their turn.
    size_t max_sockets = kUnlimited;
    size_t max_total_sockets = kUnlimited;
    // Free connections to one address; more are closed.
    size_t max_free_sockets = 256;
    Scheduling scheduling = Scheduling::kLifo;
    // How long a connection may be idle: a free one is closed then, and a
    // request emits 'timeout'. Zero: for ever. A server's Keep-Alive:
    // timeout=N may make it shorter: N less one second.
    absl::Duration timeout = absl::Seconds(5);
    // agent.createConnection(); null: net.createConnection().
    CreateConnection create_connection;
  };

  struct Events {
    // A connection has served its request, and has been kept, given to the
    // next one, or destroyed.
    Event<const std::shared_ptr<Socket>&> free;
  };

  // `stack` must outlive the agent.
  static std::shared_ptr<Agent> Create(Stack& stack, Options options);
  static std::shared_ptr<Agent> Create(Stack& stack) {
    return Create(stack, Options());
  }
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  Events on;

  // agent.destroy(): destroys its connections, free and busy.
  void Destroy();
  // To all addresses.
  size_t free_sockets() const;
  size_t busy_sockets() const;
  size_t waiting_requests() const;

  // For net's own use.
  const Options& options() const { return options_; }
  // A connection may serve a second request.
  bool reuses() const {
    return options_.keep_alive || options_.max_sockets != kUnlimited;
  }
  void AddRequest(const std::shared_ptr<ClientRequest>& request);
  // 'free': `socket` can serve another request. `response`: what it has
  // brought, if its request allows that it is kept; else null.
  void OnFree(const std::shared_ptr<Socket>& socket,
              const IncomingMessage* response);
  // Free, it has been idle for too long.
  void OnTimeout(Socket& socket);
  void OnClose(Socket& socket) { Remove(socket); }
  // 'agentRemove': it serves another protocol now.
  void Remove(Socket& socket);

 private:
  using Sockets = std::vector<std::shared_ptr<Socket>>;
  struct Pool;  // the connections to one address, and who waits for one

  Agent(Stack& stack, Options options);
  void TakeBack(const std::shared_ptr<Socket>& socket,
                const IncomingMessage* response);
  Pool& PoolOf(const ClientRequest& request);
  Pool* PoolOf(const Socket& socket);
  std::shared_ptr<Socket> TakeFree(Pool& pool);
  void Give(const std::shared_ptr<ClientRequest>& request,
            const std::shared_ptr<Socket>& socket, bool reused);
  std::shared_ptr<Socket> Connect(Pool& pool, const ClientRequest& request);
  void ServeWaiting(Pool& pool);
  void ConnectForWaiting(Pool& pool);
  bool Keep(Socket& socket, const IncomingMessage& response);

  Stack& stack_;
  const Options options_;
  size_t total_sockets_ = 0;
  uint64_t queues_ = 0;  // counts addresses for which requests began to wait
  std::vector<std::unique_ptr<Pool>> pools_;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_AGENT_H_
