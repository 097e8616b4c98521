// Agent: the client connections that are kept for the next request
// (https://nodejs.org/api/http.html#class-httpagent). Of the free ones to an
// address the one used last is taken first.
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
#include "net/socket.h"
#include "net/stack.h"

namespace simloop::net::http {

class ClientRequest;

class Agent final : public std::enable_shared_from_this<Agent> {
 public:
  struct Options {
    bool keep_alive = true;
    // Connections to one address at a time; more requests wait their turn.
    size_t max_sockets = std::numeric_limits<size_t>::max();
    // Free connections to one address; more are closed.
    size_t max_free_sockets = 256;
    // How long a free connection is kept. Zero: until the server ends it. A
    // server's Keep-Alive hint may shorten it, by one second more.
    absl::Duration free_socket_timeout = absl::Seconds(5);
  };

  // `stack` must outlive the agent.
  static std::shared_ptr<Agent> Create(Stack& stack, Options options);
  static std::shared_ptr<Agent> Create(Stack& stack) {
    return Create(stack, Options());
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Destroys the free and the busy connections.
  void Destroy();
  const Options& options() const { return options_; }
  // Of all addresses.
  size_t free_sockets() const;
  size_t busy_sockets() const;
  size_t waiting_requests() const;

  // For net's own use.
  void AddRequest(std::shared_ptr<ClientRequest> request);
  // 'free': a connection has done with its request.
  void OnFree(const std::shared_ptr<Socket>& socket, absl::Duration hint);
  void OnClose(const std::shared_ptr<Socket>& socket);

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
  Pool& PoolOf(const std::string& host, uint16_t port);
  void CreateSocket(Pool& pool, const std::shared_ptr<ClientRequest>& request);

  Stack& stack_;
  const Options options_;
  std::vector<std::unique_ptr<Pool>> pools_;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_AGENT_H_
