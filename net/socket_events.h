// SocketEvents: the events of a net.Socket, in a few bytes.
#ifndef NET_SOCKET_EVENTS_H_
#define NET_SOCKET_EVENTS_H_

#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "loop/address.h"
#include "net/error.h"
#include "net/event.h"

namespace simloop::net {

class Socket;

// The event 'lookup': one address of the host, or why there is none.
struct LookupEvent {
  const Error* error;  // null: there is
  loop::Ip ip;
  absl::string_view host;
};

// The event 'data'. Adding a listener makes the stream flow, unless it was
// paused; but in v0.1.96, where it flows anyway.
class SocketDataEvent final {
 public:
  using Listener = MemberEvent<absl::string_view>::Listener;

  // REQUIRES: `emitter` is a part of `socket`.
  SocketDataEvent(Emitter& emitter, Socket& socket);

  template <typename F>
  ListenerId operator()(F&& listener) {
    const ListenerId id = event_(std::forward<F>(listener));
    OnListener();
    return id;
  }
  template <typename F>
  ListenerId Once(F&& listener) {
    const ListenerId id = event_.Once(std::forward<F>(listener));
    OnListener();
    return id;
  }
  void Remove(ListenerId id) { event_.Remove(id); }
  void Clear() { event_.Clear(); }
  bool Emit(absl::string_view chunk) { return event_.Emit(chunk); }
  int count() const { return event_.count(); }

 private:
  void OnListener();

  MemberEvent<absl::string_view> event_;
  uint8_t words_to_socket_;  // the distance of the emitter
};

struct SocketEvents final : Emitter {
  explicit SocketEvents(Socket& socket) : data(*this, socket) {}

  SocketDataEvent data;  // the chunk is valid during the call
  MemberEvent<> connect{*this};
  MemberEvent<> ready{*this};  // modern: right after 'connect'
  MemberEvent<> end{*this};    // the peer's FIN
  MemberEvent<> drain{*this};
  MemberEvent<> finish{*this};  // modern: all is written and shut down
  MemberEvent<> timeout{*this};
  MemberEvent<> pause{*this};
  MemberEvent<> resume{*this};
  MemberEvent<const Error&> error{*this};
  MemberEvent<bool> close{*this};  // hadError
  // Modern, on the way to 'connect'.
  MemberEvent<const LookupEvent&> lookup{*this};
  MemberEvent<const loop::Address&> connection_attempt{*this};
  MemberEvent<const loop::Address&> connection_attempt_timeout{*this};
  MemberEvent<const loop::Address&, const Error&> connection_attempt_failed{
      *this};
};

}  // namespace simloop::net

#endif  // NET_SOCKET_EVENTS_H_
