// ListenerList: the listeners of one emitter, in one array, each with the event
// it listens to: the part of Event that does not depend on arguments. A small
// listener without state of its own stands in the array itself; any other in a
// Box that is counted, so that an emission may outlive its removal. So does a
// small one of once() as soon as it is emitted beside others.
#ifndef NET_LISTENER_LIST_H_
#define NET_LISTENER_LIST_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "absl/container/inlined_vector.h"

namespace simloop::net {

// Names a listener of one emitter, for Remove(); 0 names none.
using ListenerId = uint32_t;

class ListenerList final {
 public:
  // What a listener is kept in that has no place in the array.
  struct Box {
    virtual ~Box() = default;
    uint32_t users = 1;    // the list, and emissions
    bool fired = false;    // of once()
    bool removed = false;  // from the list, or with it
  };
  struct SmallBox final : Box {
    alignas(void*) char place[8];
  };
  struct Entry {
    void* listener() {
      if (!boxed) return place;
      return small ? static_cast<SmallBox*>(box)->place
                   : static_cast<void*>(box);
    }

    void (*call)();  // of Event: void (*)(void* listener, Args...)
    union {
      Box* box;
      char place[8];
    };
    ListenerId id;
    uint8_t event;
    bool small : 1;
    bool boxed : 1;  // of a small one: only while others need to know
    bool once : 1;
  };

  ListenerList() = default;
  ~ListenerList() { Clear(); }
  ListenerList(const ListenerList&) = delete;
  ListenerList& operator=(const ListenerList&) = delete;

  // Its id is given to it here. It stands behind those that were there when
  // `behind` was the newest.
  static constexpr ListenerId kNewest = ~ListenerId{0};
  ListenerId Add(Entry entry, ListenerId behind = kNewest);
  ListenerId newest() const { return last_id_; }
  void Remove(uint8_t event, ListenerId id);
  void Clear();
  void Clear(uint8_t event);
  int Count(uint8_t event) const;
  // Puts the listener, a small one, in a Box.
  void PutInBox(const Entry* entry);
  bool empty() const { return size_ == 0; }

  // The first listener of `event` from `from` on; null if there is none.
  const Entry* Find(uint8_t event, size_t from = 0) const {
    for (size_t i = from; i < size_; ++i) {
      if (entries_[i].event == event) return &entries_[i];
    }
    return nullptr;
  }
  const Entry* FindNext(const Entry* entry) const {
    return Find(entry->event, static_cast<size_t>(entry - entries_.get()) + 1);
  }

 private:
  void RemoveAt(size_t index);

  std::unique_ptr<Entry[]> entries_;
  uint16_t size_ = 0;
  uint16_t capacity_ = 0;
  ListenerId last_id_ = 0;
};

// The listeners of one emission: those there are when it begins.
class Emission final {
 public:
  Emission(ListenerList& list, const ListenerList::Entry* first);
  ~Emission();
  Emission(const Emission&) = delete;
  Emission& operator=(const Emission&) = delete;

  size_t size() const { return taken_.size(); }
  ListenerList::Entry& at(size_t i) { return taken_[i]; }
  // Whether the i-th is to be called; a once() listener leaves `list` here.
  bool Claim(ListenerList& list, size_t i);

 private:
  absl::InlinedVector<ListenerList::Entry, 2> taken_;
};

}  // namespace simloop::net

#endif  // NET_LISTENER_LIST_H_
