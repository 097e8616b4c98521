// The idle timeouts of v0.1.96's lib/net.js, step by step.
#include "net/idle_lists.h"

#include <iterator>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "net/error.h"
#include "net/socket.h"

namespace simloop::net {

IdleLists::Place::~Place() {
  if (node_ == nullptr) return;
  node_->socket = nullptr;
  Drop(node_);
}

// A node's links to itself do not keep it.
void IdleLists::Link::Set(Node* to) {
  if (to != nullptr && to != &owner_) ++to->users;
  Node* const gone = std::exchange(to_, to);
  if (gone != nullptr && gone != &owner_) Drop(gone);
}

IdleLists::Node* IdleLists::Make() {
  Node* const node = &nodes_.emplace_back();
  node->lists = this;
  node->place = std::prev(nodes_.end());
  node->users = 1;
  return node;
}

void IdleLists::Drop(Node* node) {
  if (--node->users > 0) return;
  ++node->users;  // its links may come back to it
  node->before.Set(nullptr);
  node->after.Set(nullptr);
  node->lists->nodes_.erase(node->place);
}

// The neighbours of `node` are joined; it knows them still.
void IdleLists::Remove(Node* node) {
  node->before.get()->after.Set(node->after.get());
  node->after.get()->before.Set(node->before.get());
}

void IdleLists::Append(Node* end, Node* node) {
  node->before.Set(end->before.get());
  node->before.get()->after.Set(node);
  node->after.Set(end);
  end->before.Set(node);
}

bool IdleLists::IsEmpty(const List& list) {
  return list.end->after.get() == list.end;
}

void IdleLists::Again(List& list, int64_t milliseconds) {
  list.timer->Start(absl::Milliseconds(milliseconds),
                    absl::Milliseconds(milliseconds));
}

void IdleLists::Insert(Node* node) {
  node->active_at = Now();
  const int64_t milliseconds = node->milliseconds;
  List& list = lists_[milliseconds];
  if (list.timer == nullptr) {
    list.end = Make();
    list.end->before.Set(list.end);
    list.end->after.Set(list.end);
    list.timer = std::make_unique<loop::Timer>(
        loop_, [this, milliseconds] { OnTimer(milliseconds); });
  }
  if (list.end->before.get() == list.end) Again(list, milliseconds);
  Remove(node);
  Append(list.end, node);
}

void IdleLists::Enroll(Place& place, Socket& socket, int64_t milliseconds) {
  if (place.node_ == nullptr) {
    place.lists_ = this;
    place.node_ = Make();
  } else {
    Unenroll(place);
  }
  Node* const node = place.node_;
  node->socket = &socket;
  node->milliseconds = milliseconds;
  node->before.Set(node);
  node->after.Set(node);
}

void IdleLists::OnActivity(Place& place) {
  Node* const node = place.node_;
  if (node == nullptr) return;
  if (node->before.get() == node) {
    Insert(node);
    return;
  }
  // The timer of the list may stand still.
  node->active_at = Now();
  Remove(node);
  Append(lists_[node->milliseconds].end, node);
}

void IdleLists::Unenroll(Place& place) {
  Node* const node = place.node_;
  if (node == nullptr) return;
  Remove(node);
  const auto list = lists_.find(node->milliseconds);
  if (list != lists_.end() && IsEmpty(list->second)) list->second.timer->Stop();
}

void IdleLists::OnTimer(int64_t milliseconds) {
  List& list = lists_[milliseconds];
  const int64_t now = Now();
  while (!IsEmpty(list)) {
    Node* const idlest = list.end->after.get();
    const int64_t idle = now - idlest->active_at;
    if (idle < milliseconds) {
      Again(list, milliseconds - idle);
      return;
    }
    ++idlest->users;
    const absl::Cleanup drop = [idlest] { Drop(idlest); };
    Remove(idlest);
    if (!IsEmpty(list) && list.end->after.get() == idlest) {
      throw Error("", "assertion error");
    }
    if (idlest->socket != nullptr) idlest->socket->OnIdle();
  }
  list.timer->Stop();
}

}  // namespace simloop::net
