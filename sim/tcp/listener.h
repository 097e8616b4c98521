// Listener: a socket's SYN queue and accept queue (listen(2); tcp(7)). They
// are two: the first holds handshakes under way, the second connections that
// wait for accept. The second may hold backlog + 1; when it is full, SYNs are
// dropped without a word. When the first is full, handshakes go on by SYN
// cookies (sim/tcp/syn_cookie.h), or SYNs are dropped too.
#ifndef SIM_TCP_LISTENER_H_
#define SIM_TCP_LISTENER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "loop/address.h"
#include "sim/ring.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/segment.h"
#include "sim/wait_queue.h"

namespace simloop::sim::tcp {

class Request;
class Stack;

class Listener final {
 public:
  // `options` is the listening socket's own, whose settings connections
  // inherit (socket(7)); `waiters` is told of connections.
  Listener(Stack& stack, const loop::Endpoint& local, Connection& options,
           WaitQueue& waiters);
  // Resets what was not accepted, forgets what was under way.
  ~Listener();

  void SetBacklog(int backlog) { backlog_ = backlog < 0 ? 0 : backlog; }
  const loop::Endpoint& local() const { return local_; }
  // A connection to `ip` may be one of its.
  bool Takes(const loop::Ip& ip) const;
  bool empty() const { return accepted_.empty(); }
  // The next connection in order of handshake; null if there is none.
  std::unique_ptr<Connection> Accept();

  // A segment to this address that belongs to no connection, nor to a handshake
  // under way. Answers false if it is to be reset.
  bool Receive(const Segment& segment);

  // --- What a Request of its asks ------------------------------------------

  Stack& stack() const { return stack_; }
  const SocketOptions& options() const { return *options_.options; }
  // What a SYN-ACK to `peer` says: its option, and the window that is told
  // until the connection tells its own.
  uint32_t Mss(const loop::Endpoint& peer) const;
  uint32_t Window() const;
  // `ack` completes its handshake: it becomes a connection, if there is room.
  // False calls for a reset.
  bool Complete(Request& request, const Segment& ack);
  // Nothing comes of it; it is the caller's.
  std::unique_ptr<Request> Remove(Request& request);

 private:
  bool Full() const { return accepted_.size() > static_cast<size_t>(backlog_); }
  void ReceiveSyn(const Segment& syn);
  // tcp_conn_request(): what becomes of a SYN that there is no room for.
  enum class Room : uint8_t { kNone, kCookie, kRequest };
  Room RoomForRequest() const;
  void AnswerByCookie(const Segment& syn);
  // The ACK of a SYN-ACK of which nothing was kept; false if it is none.
  bool ReceiveCookie(const Segment& ack);
  void Complete(const Connection::Handshake& handshake, const Segment& ack);

  // What a connection has of the listener's options, as they are now.
  const CopyOnWrite<SocketOptions>& Inherited();

  Stack& stack_;
  const loop::Endpoint local_;
  Connection& options_;
  WaitQueue& waiters_;
  CopyOnWrite<SocketOptions> inherited_from_;
  CopyOnWrite<SocketOptions> inherited_;
  int backlog_ = 0;
  // Each knows its place.
  std::vector<std::unique_ptr<Request>> requests_;
  // When a cookie was sent last: only then may one come back.
  loop::Instant cookie_at_ = loop::Instant::Infinite();
  uint32_t cookies_ = 0;
  Ring<std::unique_ptr<Connection>> accepted_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_LISTENER_H_
