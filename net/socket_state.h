// SocketExtras: what a socket has that most sockets never need, made when one
// does. Private to net/.
#ifndef NET_SOCKET_STATE_H_
#define NET_SOCKET_STATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "loop/address.h"
#include "loop/instant.h"
#include "loop/result.h"
#include "loop/timer.h"
#include "net/abort_signal.h"
#include "net/connect_options.h"
#include "net/error.h"
#include "net/event.h"
#include "net/idle_lists.h"
#include "net/protocol.h"
#include "net/readable_base.h"

namespace simloop::net {

// What became of a write: null, or the error. Valid during the call.
using WriteCallback = absl::AnyInvocable<void(const Error*)>;

// What waits for the kernel, or for the piece before it.
struct WritePiece {
  std::string data;
  WriteCallback written;
  bool is_text = false;  // v0.1.96: of WriteString()
};

// What has not gone at once. Modern: what the kernel has taken in part, as one
// write(2) or writev(2), and what comes after it. v0.1.96: `buffered` alone.
struct WriteBacklog {
  std::vector<WritePiece> in_flight;
  std::vector<WritePiece> buffered;
  size_t offset = 0;  // of what was taken of the first piece
  size_t unsent_bytes = 0;
  // Modern: of what has not been given to the kernel as yet: of `buffered`, and
  // of the write that waits for 'connect', or never saw it.
  size_t waiting_bytes = 0;
  size_t pending_bytes = 0;
  std::vector<WriteCallback> end_callbacks;
};

// A connect under way: where to, and what has come of the addresses before.
struct Dial {
  explicit Dial(ConnectOptions&& to) : options(std::move(to)) {}

  ConnectOptions options;
  absl::InlinedVector<loop::Address, 1> addresses;
  size_t tried = 0;  // the last of them is under way
  std::vector<Error> errors;
  std::unique_ptr<loop::Timer> attempt_timer;

  const loop::Address& target() const { return addresses[tried - 1]; }
  bool is_last() const { return tried == addresses.size(); }
};

// What was read ahead for a socket that is not reading any more.
struct KeptArrival {
  loop::Result<size_t> result;
  std::string data;
};

struct SocketExtras {
  std::shared_ptr<Protocol> protocol;
  std::unique_ptr<WriteBacklog> backlog;  // null: all has gone at once so far
  std::unique_ptr<Dial> dial;             // until it is connected
  ReadableBuffer read;
  std::unique_ptr<const KeptArrival> arrival;
  std::unique_ptr<const Error> failure;  // what it was destroyed with
  std::unique_ptr<loop::Timer> idle_timer;
  IdleLists::Place idle_place;  // v0.1.96
  absl::Duration idle = absl::ZeroDuration();
  absl::Duration keep_alive_idle = absl::ZeroDuration();
  loop::Instant last_activity;
  uint64_t activity_order = 0;   // among timers: loop::Timer::TakeOrder()
  size_t idle_unsent_bytes = 0;  // when the last timeout was looked at
  int corks = 0;
  ListenerId connect_listener = 0;  // of a write that waits for 'connect'
  ListenerId close_listener = 0;
  std::shared_ptr<AbortSignal> signal;
  ListenerId abort_listener = 0;
  // autoSelectFamilyAttemptedAddresses.
  std::vector<loop::Address> attempted;
  // Once it was asked for: it is known still when the socket has closed.
  std::unique_ptr<const loop::Address> peer;

  // Whether it can be dropped.
  bool plain() const {
    return protocol == nullptr && backlog == nullptr && dial == nullptr &&
           read.bytes == 0 && read.pipes == 0 && arrival == nullptr &&
           failure == nullptr && idle_timer == nullptr &&
           idle == absl::ZeroDuration() &&
           keep_alive_idle == absl::ZeroDuration() && corks == 0 &&
           connect_listener == 0 && close_listener == 0 && signal == nullptr &&
           attempted.empty() && peer == nullptr;
  }
};

}  // namespace simloop::net

#endif  // NET_SOCKET_STATE_H_
