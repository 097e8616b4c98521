// Event: one named event of an object and its listeners, with the rules of
// Node's EventEmitter (https://nodejs.org/api/events.html): they run in the
// order they were added; one added while the event is emitted waits for the
// next time; one removed meanwhile still runs this time. There are no event
// names at run time and no 'newListener'.
//
// An Event keeps its listeners itself. An object of many events, of which
// there are many, derives its struct of events from Emitter and makes them
// MemberEvents: a byte each, and one list for all.
#ifndef NET_EVENT_H_
#define NET_EVENT_H_

#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "net/listener_list.h"

namespace simloop::net {

// What Event and MemberEvent share: Self knows its list and its own number.
// Args are as the listener gets them: Event<const Error&>, Event<bool>.
template <typename Self, typename... Args>
class EventOf {
 public:
  using Listener = absl::AnyInvocable<void(Args...)>;

  EventOf(const EventOf&) = delete;
  EventOf& operator=(const EventOf&) = delete;

  // on(): adds a listener, void(Args...), at the end.
  template <typename F>
  ListenerId operator()(F&& listener) {
    return Add(std::forward<F>(listener), false);
  }
  // once(): it is removed before it is called.
  template <typename F>
  ListenerId Once(F&& listener) {
    return Add(std::forward<F>(listener), true);
  }
  // once(), in the place of one that was added when the emitter's newest
  // listener was `behind`.
  template <typename F>
  ListenerId OnceBehind(ListenerId behind, F&& listener) {
    return Add(std::forward<F>(listener), true, behind);
  }
  // off(): does nothing for a listener that is gone.
  void Remove(ListenerId id) { self().list().Remove(self().number(), id); }
  // removeAllListeners().
  void Clear() { self().list().Clear(self().number()); }
  // listenerCount().
  int count() const {
    return const_cast<EventOf*>(this)->self().list().Count(self().number());
  }

  // Calls the listeners; answers whether there were any. An exception leaves
  // at once and skips the rest, as in Node. A listener may destroy the event.
  bool Emit(Args... args) {
    if (!self().heard()) return false;
    ListenerList& list = self().list();
    const ListenerList::Entry* const first = list.Find(self().number());
    if (first == nullptr) return false;
    if (!first->boxed && list.FindNext(first) == nullptr) {
      ListenerList::Entry only = *first;  // the common case
      if (only.once) list.Remove(only.event, only.id);
      reinterpret_cast<Caller>(only.call)(only.place, args...);
      return true;
    }
    Emission emission(list, first);
    for (size_t i = 0; i < emission.size(); ++i) {
      if (!emission.Claim(list, i)) continue;
      ListenerList::Entry& entry = emission.at(i);
      reinterpret_cast<Caller>(entry.call)(entry.listener(), args...);
    }
    return true;
  }

 protected:
  EventOf() = default;
  ~EventOf() = default;

 private:
  using Caller = void (*)(void*, Args...);
  template <typename F>
  struct BoxOf final : ListenerList::Box {
    explicit BoxOf(F&& listener) : listener(std::move(listener)) {}
    explicit BoxOf(const F& listener) : listener(listener) {}
    F listener;
  };
  // What a copy of does the same: it cannot change, and owns nothing.
  template <typename F>
  static constexpr bool kSmall =
      sizeof(F) <= sizeof(ListenerList::Entry::place) &&
      alignof(F) <= alignof(void*) &&
      std::is_trivially_copyable_v<F>&& std::is_invocable_v<const F&, Args...>;

  Self& self() { return static_cast<Self&>(*this); }
  const Self& self() const { return static_cast<const Self&>(*this); }

  template <typename F>
  ListenerId Add(F&& listener, bool once,
                 ListenerId behind = ListenerList::kNewest) {
    using Stored = std::decay_t<F>;
    static_assert(std::is_invocable_v<Stored&, Args...>,
                  "the listener does not take the event's arguments");
    ListenerList::Entry entry;
    entry.event = self().number();
    entry.once = once;
    entry.small = kSmall<Stored>;
    entry.boxed = !entry.small;
    Caller caller = nullptr;
    if constexpr (kSmall<Stored>) {
      new (entry.place) Stored(std::forward<F>(listener));
      caller = [](void* place, Args... args) {
        (*std::launder(static_cast<const Stored*>(place)))(
            std::forward<Args>(args)...);
      };
    } else {
      entry.box = new BoxOf<Stored>(std::forward<F>(listener));
      caller = [](void* box, Args... args) {
        static_cast<BoxOf<Stored>*>(static_cast<ListenerList::Box*>(box))
            ->listener(std::forward<Args>(args)...);
      };
    }
    entry.call = reinterpret_cast<void (*)()>(caller);
    self().set_heard();
    return self().list().Add(entry, behind);
  }
};

template <typename... Args>
class Event final : public EventOf<Event<Args...>, Args...> {
 public:
  Event() = default;

 private:
  friend class EventOf<Event, Args...>;

  ListenerList& list() { return list_; }
  uint8_t number() const { return 0; }
  bool heard() const { return true; }
  void set_heard() {}

  ListenerList list_;
};

// What a struct of MemberEvents derives from.
class Emitter {
 public:
  Emitter() = default;
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  // Removes the listeners of all events.
  void Clear() { listeners_.Clear(); }
  // Whether any event has a listener.
  bool heard() const { return !listeners_.empty(); }
  // The listener added last; 0 before the first.
  ListenerId newest() const { return listeners_.newest(); }

 private:
  template <typename... Args>
  friend class MemberEvent;

  ListenerList listeners_;
};

// An event of an Emitter, in a byte: the distance to it, which is also the
// event's number. `MemberEvent<> close{*this};`
template <typename... Args>
class MemberEvent final : public EventOf<MemberEvent<Args...>, Args...> {
 public:
  // REQUIRES: it is a member of the struct that derives from `emitter`, and
  // stands in its first 128 bytes.
  explicit MemberEvent(Emitter& emitter)
      : number_(static_cast<uint8_t>(reinterpret_cast<char*>(this) -
                                     reinterpret_cast<char*>(&emitter)) &
                0x7f),
        heard_(false) {}

  Emitter& emitter() {
    return *reinterpret_cast<Emitter*>(reinterpret_cast<char*>(this) - number_);
  }

 private:
  friend class EventOf<MemberEvent, Args...>;

  ListenerList& list() { return emitter().listeners_; }
  uint8_t number() const { return number_; }
  bool heard() const { return heard_; }
  void set_heard() { heard_ = true; }

  uint8_t number_ : 7;
  uint8_t heard_ : 1;  // ever: only saves the search
};

}  // namespace simloop::net

#endif  // NET_EVENT_H_
