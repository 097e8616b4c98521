// IdleLists: the idle timeouts of Node v0.1.96: all sockets of one timeout
// stand in one list, the idlest at its end, under one timer that runs for that
// one. What has left a list keeps its neighbours, and puts them back into it
// when it is active again or leaves once more: so that no second timeout comes,
// or one stops the others'. Private to net/.
#ifndef NET_IDLE_LISTS_H_
#define NET_IDLE_LISTS_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>

#include "loop/event_loop.h"
#include "loop/timer.h"

namespace simloop::net {

class Socket;

class IdleLists final {
 public:
  struct Node;

  // A socket's place; empty: it has no timeout.
  class Place final {
   public:
    Place() = default;
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class IdleLists;
    IdleLists* lists_ = nullptr;
    Node* node_ = nullptr;
  };

  explicit IdleLists(loop::EventLoop& loop) : loop_(loop) {}
  IdleLists(const IdleLists&) = delete;
  IdleLists& operator=(const IdleLists&) = delete;

  // Takes `socket` out of its list; it goes into that of `milliseconds`, which
  // are more than 0, when it is active.
  void Enroll(Place& place, Socket& socket, int64_t milliseconds);
  // The socket has read or written.
  void OnActivity(Place& place);
  // It has closed.
  void Unenroll(Place& place);

  // A neighbour, counted by it.
  class Link final {
   public:
    explicit Link(Node& owner) : owner_(owner) {}
    Node* get() const { return to_; }
    void Set(Node* to);

   private:
    Node& owner_;
    Node* to_ = nullptr;
  };
  struct Node {
    Socket* socket = nullptr;  // null: it is gone, or this is a list's end
    Link before{*this};        // idler
    Link after{*this};         // active later
    int64_t milliseconds = 0;
    int64_t active_at = 0;
    int users = 0;  // links of others, and a Place
    IdleLists* lists = nullptr;
    std::list<Node>::iterator place;
  };

 private:
  struct List {
    Node* end;
    std::unique_ptr<loop::Timer> timer;
  };

  int64_t Now() const { return loop_.Now().nanos() / 1'000'000; }
  Node* Make();
  static void Drop(Node* node);
  static void Remove(Node* node);
  static void Append(Node* end, Node* node);
  static bool IsEmpty(const List& list);
  void Again(List& list, int64_t milliseconds);
  void Insert(Node* node);
  void OnTimer(int64_t milliseconds);

  loop::EventLoop& loop_;
  std::list<Node> nodes_;
  std::map<int64_t, List> lists_;  // by milliseconds
};

}  // namespace simloop::net

#endif  // NET_IDLE_LISTS_H_
