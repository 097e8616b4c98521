// Stack: what all sockets, servers and http objects of one loop share: the
// quirks in force, the buffer reads go to, the date, and the list of what
// lives. It opens nothing itself. One per EventLoop.
#ifndef NET_STACK_H_
#define NET_STACK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/event_loop.h"
#include "net/quirks.h"
#include "net/resolver.h"

namespace simloop::net {

// What lives in a stack and must let go of it when the stack ends. There may be
// a hundred thousand: the stack knows what kind each is of, so that none needs
// a pointer to virtual functions for that.
class Resident {
 protected:
  Resident() = default;
  ~Resident() = default;

 private:
  friend class Stack;
  uint32_t place_ = 0;
  uint8_t kind_ = 0;
};

class IdleLists;
class IoBatch;

class Stack final {
 public:
  struct Options {
    // The wall-clock time of the loop's Instant 0, for http's Date.
    absl::Time epoch = absl::UnixEpoch();
    // Who knows addresses of names; null: nobody but for "localhost".
    std::shared_ptr<Resolver> resolver;
    // A server that is not told where to listen listens on [::], which takes
    // IPv4 too, and where that fails on 0.0.0.0; false: on 0.0.0.0 at once, as
    // on a machine without IPv6. v0.1.96 knows the latter only.
    bool ipv6 = true;
    // Modern: where Node makes two system calls of which one does for both, the
    // other is left out. TCP_NODELAY is set on a listening socket, whose own
    // setting all that it accepts begin with (sk_clone_lock() in Linux's
    // net/core/sock.c); and shutdown(2) is not called where close(2), which
    // sends FIN as well, comes in the next tick: when the peer has ended before,
    // or http has answered a last request that had come as a whole.
    bool spares_calls = false;
  };

  // `loop` must outlive the stack.
  explicit Stack(loop::EventLoop& loop) : Stack(loop, Options()) {}
  Stack(loop::EventLoop& loop, Options options);
  // Abandons all residents, as the end of a process closes its descriptors.
  // Not callable from a callback.
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  loop::EventLoop& loop() { return loop_; }
  loop::Kernel& kernel() { return loop_.kernel(); }
  const Quirks& quirks() const { return quirks_; }
  const Options& options() const { return options_; }
  bool spares_calls() const {
    return options_.spares_calls &&
           loop_.discipline() == loop::Discipline::kModern;
  }

  // Where the next read(2) goes: as long as the discipline asks for. Valid
  // until the next read of the stack.
  absl::Span<char> ReadSpace();
  // `bytes` of ReadSpace() were read.
  void TookReadSpace(size_t bytes);

  // RFC 9110 section 6.6.1: "Date: Mon, 23 Nov 2026 14:33:15 GMT\r\n".
  const std::string& HttpDateField();

  // What is read ahead and written behind; null unless the loop gathers.
  IoBatch* batch() { return batch_.get(); }

  // v0.1.96: who is idle for how long.
  IdleLists& idle_lists();

  // For net's own objects: how a Resident comes and goes. Its Abandon() closes
  // descriptors, drops watchers, timers and listeners, and emits nothing; the
  // stack is gone afterwards.
  template <typename T>
  void MoveIn(T& resident) {
    MoveIn(resident,
           [](Resident& resident) { static_cast<T&>(resident).Abandon(); });
  }
  void MoveOut(Resident& resident);

  // For servers that have run out of descriptors (EMFILE): `retry` is called
  // once, when a descriptor of the stack has been closed. The oldest first,
  // until one answers that it has use for it.
  void AwaitDescriptor(absl::AnyInvocable<bool()> retry);
  void DescriptorClosed();
  // A descriptor kept for the day when there is no other, as libuv keeps one
  // (loop->emfile_fd), but only from the 16th on: no small process has it.
  bool has_spare() const { return spare_.valid(); }
  void MayTakeSpare(loop::Fd newest) {
    if (newest.number >= kSpareFrom && !has_spare()) TakeSpare();
  }
  void TakeSpare();
  void GiveSpare();

 private:
  static constexpr int kSpareFrom = 16;

  using Abandonment = void (*)(Resident&);
  void MoveIn(Resident& resident, Abandonment abandonment);

  loop::EventLoop& loop_;
  const Quirks quirks_;
  const Options options_;
  std::unique_ptr<char[]> read_buffer_;
  size_t read_used_ = 0;
  std::unique_ptr<IoBatch> batch_;
  std::vector<Resident*> residents_;
  std::vector<Abandonment> kinds_;  // of residents; they are few
  std::vector<absl::AnyInvocable<bool()>> waiters_;
  std::unique_ptr<IdleLists> idle_lists_;  // null: nobody has asked
  loop::Fd spare_;
  int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace simloop::net

#endif  // NET_STACK_H_
