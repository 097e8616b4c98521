// Event: one named event of an object and its listeners, with the rules of
// Node's EventEmitter (https://nodejs.org/api/events.html): they run in the
// order they were added; one added while the event is emitted waits for the
// next time; one removed meanwhile still runs this time. There are no event
// names at run time and no 'newListener'.
#ifndef NET_EVENT_H_
#define NET_EVENT_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"

namespace simloop::net {

// Names a listener of one Event, for Remove(); 0 names none.
using ListenerId = uint32_t;

// Args are as the listener gets them: Event<const Error&>, Event<bool>.
template <typename... Args>
class Event final {
 public:
  using Listener = absl::AnyInvocable<void(Args...)>;

  Event() = default;
  ~Event() {
    if (list_ == nullptr) return;
    Clear();
    if (list_->depth > 0) {
      list_->orphaned = true;  // the emission deletes it
    } else {
      delete list_;
    }
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // on(): adds a listener at the end.
  ListenerId operator()(Listener listener) {
    return Add(std::move(listener), false);
  }
  // once(): it is removed before it is called.
  ListenerId Once(Listener listener) { return Add(std::move(listener), true); }

  // off(): does nothing for a listener that is gone.
  void Remove(ListenerId id) {
    if (list_ == nullptr) return;
    for (Node* node = list_->head.get(); node != nullptr;
         node = node->next.get()) {
      if (node->id == id) RemoveNode(node);
    }
    list_->Purge();
  }

  // removeAllListeners().
  void Clear() {
    if (list_ == nullptr) return;
    for (Node* node = list_->head.get(); node != nullptr;
         node = node->next.get()) {
      RemoveNode(node);
    }
    list_->Purge();
  }

  // Calls the listeners; answers whether there were any. An exception leaves
  // at once and skips the rest, as in Node. A listener may destroy the event.
  bool Emit(Args... args) {
    if (list_ == nullptr || list_->live == 0) return false;
    List& list = *list_;
    const EmissionScope scope(list);
    const uint32_t emission = ++list.emissions;
    Node* node = list.head.get();
    while (node != nullptr && node->added < emission) {
      const bool removed_before = node->removed && node->removed_at < emission;
      if (!removed_before && !(node->once && node->fired)) {
        node->fired = true;
        if (node->once) RemoveNode(list, node);
        node->listener(args...);
      }
      node = node->next.get();
    }
    return true;
  }

  // listenerCount().
  int count() const { return list_ == nullptr ? 0 : list_->live; }

 private:
  struct Node {
    Listener listener;
    std::unique_ptr<Node> next;
    ListenerId id = 0;
    uint32_t added = 0;       // the last emission begun before it was added
    uint32_t removed_at = 0;  // and before it was removed
    bool removed = false;
    bool once = false;
    bool fired = false;
  };

  // Apart, so that it may outlive the event while an emission stands on it.
  struct List {
    ~List() {
      while (head != nullptr) head = std::move(head->next);
    }
    // Drops what was removed, once no emission can stand on it.
    void Purge() {
      if (depth > 0 || !dirty) return;
      dirty = false;
      std::unique_ptr<Node>* link = &head;
      while (*link != nullptr) {
        if ((*link)->removed) {
          const std::unique_ptr<Node> gone = std::move(*link);
          *link = std::move(gone->next);
        } else {
          link = &(*link)->next;
        }
      }
    }

    std::unique_ptr<Node> head;
    ListenerId next_id = 0;
    uint32_t emissions = 0;
    uint16_t depth = 0;
    uint32_t live = 0;
    bool dirty = false;
    bool orphaned = false;
  };

  class EmissionScope final {
   public:
    explicit EmissionScope(List& list) : list_(list) { ++list_.depth; }
    ~EmissionScope() {
      --list_.depth;
      list_.Purge();
      if (list_.orphaned && list_.depth == 0) delete &list_;
    }

   private:
    List& list_;
  };

  ListenerId Add(Listener listener, bool once) {
    if (list_ == nullptr) list_ = new List;
    auto node = std::make_unique<Node>();
    node->listener = std::move(listener);
    node->id = ++list_->next_id;
    node->added = list_->emissions;
    node->once = once;
    const ListenerId id = node->id;
    std::unique_ptr<Node>* link = &list_->head;  // few listen to one event
    while (*link != nullptr) link = &(*link)->next;
    *link = std::move(node);
    ++list_->live;
    return id;
  }

  static void RemoveNode(List& list, Node* node) {
    if (node->removed) return;
    node->removed = true;
    node->removed_at = list.emissions;
    list.dirty = true;
    --list.live;
  }
  void RemoveNode(Node* node) { RemoveNode(*list_, node); }

  List* list_ = nullptr;  // made by the first listener
};

}  // namespace simloop::net

#endif  // NET_EVENT_H_
