// Agent: keeps client connections for the next request to the same address
// (https://nodejs.org/api/http.html#class-httpagent). Of the free ones the one
// used last is taken first. A free connection does keep the loop alive, as it
// does not in Node.
#ifndef NET_HTTP_AGENT_H_
#define NET_HTTP_AGENT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "net/http_incoming.h"
#include "net/socket.h"
#include "net/stack.h"

namespace simloop::net::http {

class ClientRequest;

class Agent final : public std::enable_shared_from_this<Agent> {
 public:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();

  struct Options {
    bool keep_alive = true;
    // Connections to one address at a time; more requests wait their turn.
    size_t max_sockets = kUnlimited;
    // Free connections to one address; more are closed.
    size_t max_free_sockets = 256;
    // How long a free connection is kept; zero: until the server ends it. A
    // server's Keep-Alive: timeout=N may make it shorter: N less one second.
    absl::Duration timeout = absl::Seconds(5);
  };

  // `stack` must outlive the agent.
  static std::shared_ptr<Agent> Create(Stack& stack, Options options);
  static std::shared_ptr<Agent> Create(Stack& stack) {
    return Create(stack, Options());
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // agent.destroy(): destroys its connections, free and busy.
  void Destroy();
  // To all addresses.
  size_t free_sockets() const;
  size_t busy_sockets() const;
  size_t waiting_requests() const;

  // For net's own use.
  // A connection may serve a second request.
  bool reuses() const {
    return options_.keep_alive || options_.max_sockets != kUnlimited;
  }
  void AddRequest(const std::shared_ptr<ClientRequest>& request);
  // `socket` has brought `response`, and can serve another request.
  void OnFree(const std::shared_ptr<Socket>& socket,
              const IncomingMessage& response);
  void OnClose(Socket& socket);

 private:
  // The connections to one address, and who waits for one.
  struct Pool {
    std::string host;
    uint16_t port = 0;
    std::vector<std::shared_ptr<Socket>> free;
    std::vector<std::shared_ptr<Socket>> busy;
    std::deque<std::shared_ptr<ClientRequest>> waiting;
  };

  Agent(Stack& stack, Options options);
  Pool& PoolOf(const ClientRequest& request);
  Pool* PoolOf(const Socket& socket);
  void Connect(Pool& pool, const std::shared_ptr<ClientRequest>& request);
  bool Keep(Socket& socket, const IncomingMessage& response);

  Stack& stack_;
  const Options options_;
  std::vector<std::unique_ptr<Pool>> pools_;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_AGENT_H_
