// Keeps client connections for the next request: Node's lib/_http_agent.js.
#include "net/http_agent.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "loop/check.h"
#include "net/http_client.h"
#include "net/http_client_connection.h"

namespace simloop::net::http {
namespace {

using SocketList = std::vector<std::shared_ptr<Socket>>;

bool Holds(const SocketList& sockets, const Socket& socket) {
  return std::any_of(sockets.begin(), sockets.end(),
                     [&](const auto& one) { return one.get() == &socket; });
}

// Answers whether it was there.
bool Drop(SocketList& sockets, const Socket& socket) {
  const size_t before = sockets.size();
  sockets.erase(std::remove_if(sockets.begin(), sockets.end(),
                               [&](const std::shared_ptr<Socket>& one) {
                                 return one.get() == &socket;
                               }),
                sockets.end());
  return sockets.size() < before;
}

// N of "timeout=N" with which a Keep-Alive field begins; -1 if it does not.
int HintSeconds(const IncomingMessage& response) {
  const std::string* const field = response.headers().Find("keep-alive");
  if (field == nullptr) return -1;
  absl::string_view rest = *field;
  if (!absl::ConsumePrefix(&rest, "timeout=")) return -1;
  const size_t digits =
      std::min(rest.find_first_not_of("0123456789"), rest.size());
  int seconds = -1;
  return absl::SimpleAtoi(rest.substr(0, digits), &seconds) ? seconds : -1;
}

}  // namespace

struct Agent::Pool {
  ConnectOptions to;
  Sockets free;
  Sockets busy;
  std::deque<std::shared_ptr<ClientRequest>> waiting;
  uint64_t queue_order = 0;  // since when somebody waits
};

Agent::~Agent() = default;

std::shared_ptr<Agent> Agent::Create(Stack& stack, Options options) {
  return std::shared_ptr<Agent>(new Agent(stack, std::move(options)));
}

Agent::Agent(Stack& stack, Options options)
    : stack_(stack), options_(std::move(options)) {}

// getName().
Agent::Pool& Agent::PoolOf(const ClientRequest& request) {
  const RequestOptions& to = request.options();
  for (const auto& pool : pools_) {
    if (pool->to.host == to.host && pool->to.port == to.port &&
        pool->to.path == to.socket_path &&
        pool->to.local_address == to.local_address &&
        pool->to.family == to.family) {
      return *pool;
    }
  }
  pools_.push_back(std::make_unique<Pool>());
  pools_.back()->to = ConnectOptionsOf(to);
  return *pools_.back();
}

Agent::Pool* Agent::PoolOf(const Socket& socket) {
  for (const auto& pool : pools_) {
    if (Holds(pool->busy, socket) || Holds(pool->free, socket)) {
      return pool.get();
    }
  }
  return nullptr;
}

std::shared_ptr<Socket> Agent::TakeFree(Pool& pool) {
  while (!pool.free.empty() && pool.free.front()->destroyed()) {
    pool.free.erase(pool.free.begin());
  }
  if (pool.free.empty()) return nullptr;
  std::shared_ptr<Socket> socket;
  if (options_.scheduling == Scheduling::kFifo) {
    socket = pool.free.front();
    pool.free.erase(pool.free.begin());
  } else {
    socket = pool.free.back();
    pool.free.pop_back();
  }
  return socket;
}

void Agent::AddRequest(const std::shared_ptr<ClientRequest>& request) {
  Pool& pool = PoolOf(*request);
  if (const std::shared_ptr<Socket> socket = TakeFree(pool)) {
    socket->Ref();
    pool.busy.push_back(socket);
    Give(request, socket, /*reused=*/true);
  } else if (pool.free.size() + pool.busy.size() < options_.max_sockets &&
             total_sockets_ < options_.max_total_sockets) {
    Give(request, Connect(pool, *request), /*reused=*/false);
  } else {
    if (pool.waiting.empty()) pool.queue_order = ++queues_;
    pool.waiting.push_back(request);
  }
}

// setRequestSocket().
void Agent::Give(const std::shared_ptr<ClientRequest>& request,
                 const std::shared_ptr<Socket>& socket, bool reused) {
  request->OnSocket(socket, reused);
  const auto& timeout = request->options().timeout;
  if (timeout.has_value() && *timeout != options_.timeout) {
    socket->SetTimeout(*timeout);
  }
}

// createSocket().
std::shared_ptr<Socket> Agent::Connect(Pool& pool,
                                       const ClientRequest& request) {
  const CreateConnection& create = options_.create_connection;
  const std::shared_ptr<Socket> socket =
      create == nullptr ? Socket::Create(stack_)
                        : create(stack_, ConnectOptionsOf(request.options()));
  SIMLOOP_CHECK(socket != nullptr, "create_connection makes a socket");
  socket->SetNoDelay(true);
  if (options_.timeout > absl::ZeroDuration()) {
    socket->SetTimeout(options_.timeout);
  }
  ClientConnection::Of(*socket, shared_from_this());
  pool.busy.push_back(socket);
  ++total_sockets_;
  if (create == nullptr) socket->Connect(ConnectOptionsOf(request.options()));
  return socket;
}

// As in Node the new connection is 'free' at once, and goes to the first.
void Agent::ConnectForWaiting(Pool& pool) {
  const auto request = pool.waiting.front();
  OnFree(Connect(pool, *request), nullptr);
}

void Agent::OnFree(const std::shared_ptr<Socket>& socket,
                   const IncomingMessage* response) {
  const auto alive = shared_from_this();
  TakeBack(socket, response);
  on.free.Emit(socket);
}

void Agent::TakeBack(const std::shared_ptr<Socket>& socket,
                     const IncomingMessage* response) {
  Pool* const pool = PoolOf(*socket);
  if (pool == nullptr) return;  // it has closed
  if (!socket->writable()) {
    socket->Destroy();
    return;
  }
  if (!pool->waiting.empty()) {
    const auto request = std::move(pool->waiting.front());
    pool->waiting.pop_front();
    Give(request, socket, /*reused=*/false);
    return;
  }
  if (response == nullptr || !options_.keep_alive ||
      total_sockets_ > options_.max_total_sockets ||
      pool->free.size() + pool->busy.size() > options_.max_sockets ||
      pool->free.size() >= options_.max_free_sockets ||
      !Keep(*socket, *response)) {
    socket->Destroy();
    return;
  }
  // removeSocket(): who waits elsewhere takes its place among the busy.
  Drop(pool->busy, *socket);
  ServeWaiting(*pool);
  pool->free.push_back(socket);
}

// keepSocketAlive(): false if the server will close it too soon.
bool Agent::Keep(Socket& socket, const IncomingMessage& response) {
  socket.SetKeepAlive(true, options_.keep_alive_delay);
  socket.Unref();
  absl::Duration timeout = options_.timeout;
  const int hint = HintSeconds(response);
  if (hint >= 0) {
    if (hint <= 1) return false;
    // It can only make the agent's own timeout shorter.
    timeout = std::min(timeout, absl::Seconds(hint - 1));
  }
  if (socket.timeout() != timeout) socket.SetTimeout(timeout);
  return true;
}

void Agent::OnTimeout(Socket& socket) {
  Pool* const pool = PoolOf(socket);
  if (pool != nullptr && Holds(pool->free, socket)) socket.Destroy();
}

// removeSocket(): whoever waits gets a new connection in its place.
void Agent::Remove(Socket& socket) {
  Pool* const pool = PoolOf(socket);
  if (pool == nullptr) return;
  const auto alive = shared_from_this();
  const auto held = socket.shared_from_this();
  Drop(pool->free, socket);
  Drop(pool->busy, socket);
  --total_sockets_;
  ServeWaiting(*pool);
}

// A connection for whoever waits, in `pool` first.
void Agent::ServeWaiting(Pool& pool) {
  if (!pool.waiting.empty()) {
    ConnectForWaiting(pool);
    return;
  }
  Pool* first = nullptr;
  for (const auto& other : pools_) {
    if (!other->waiting.empty() &&
        (first == nullptr || other->queue_order < first->queue_order)) {
      first = other.get();
    }
  }
  // As in Node: if the first such address has connections, they serve it.
  if (first != nullptr && first->busy.empty()) ConnectForWaiting(*first);
}

void Agent::Destroy() {
  SocketList all;
  for (const auto& pool : pools_) {
    all.insert(all.end(), pool->free.begin(), pool->free.end());
  }
  for (const auto& pool : pools_) {
    all.insert(all.end(), pool->busy.begin(), pool->busy.end());
  }
  for (const auto& socket : all) socket->Destroy();
}

size_t Agent::free_sockets() const {
  size_t count = 0;
  for (const auto& pool : pools_) count += pool->free.size();
  return count;
}

size_t Agent::busy_sockets() const {
  size_t count = 0;
  for (const auto& pool : pools_) count += pool->busy.size();
  return count;
}

size_t Agent::waiting_requests() const {
  size_t count = 0;
  for (const auto& pool : pools_) count += pool->waiting.size();
  return count;
}

}  // namespace simloop::net::http
