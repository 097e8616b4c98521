// WaitQueue: who is to be told when a file's readiness may have changed:
// Linux's wait_queue_head_t, with epoll entries and waiting processes for its
// waiters.
#ifndef SIM_WAIT_QUEUE_H_
#define SIM_WAIT_QUEUE_H_

#include <cstdint>

#include "loop/abi.h"

namespace simloop::sim {

// What a socket's waiters are told: that there may be something to read
// (sock_def_readable() of Linux), that there may be room to write
// (sock_def_write_space(), sk_stream_write_space()).
inline constexpr uint32_t kReadableEvents =
    loop::kEpollIn | loop::kEpollPri | loop::kEpollRdnorm | loop::kEpollRdband;
inline constexpr uint32_t kWritableEvents =
    loop::kEpollOut | loop::kEpollWrnorm | loop::kEpollWrband;

// One waiter; intrusive.
class Waiter {
 public:
  // Whether it is an EpollEntry, or a process.
  enum class Kind : uint8_t { kProcess, kEpollEntry };
  explicit Waiter(Kind kind = Kind::kProcess) : kind_(kind) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  // `events` are the poll bits that are news; 0: any of them. Answers whether
  // somebody was put on the processor by it: of exclusive waiters only so many
  // are told until one says so.
  virtual bool OnWake(uint32_t events) = 0;
  Kind kind() const { return kind_; }

 protected:
  ~Waiter() = default;

 private:
  friend class WaitQueue;
  Waiter* next_ = nullptr;  // null: it waits for nothing
  Waiter* previous_ = nullptr;
  bool exclusive_ = false;
  const Kind kind_;
};

// A ring, of which the first is known: a pointer a queue.
class WaitQueue final {
 public:
  bool empty() const { return first_ == nullptr; }
  // In front of the others, as add_wait_queue() of Linux does: this is why
  // several epoll entries of one file are reported in reverse order of ADD.
  void Add(Waiter& waiter) {
    waiter.exclusive_ = false;
    Join(waiter);
    first_ = &waiter;
  }
  // Behind the others, as add_wait_queue_exclusive() does.
  void AddExclusive(Waiter& waiter) {
    waiter.exclusive_ = true;
    Join(waiter);
    if (first_ == nullptr) first_ = &waiter;
  }
  void Remove(Waiter& waiter) {
    if (first_ == &waiter) {
      first_ = waiter.next_ == &waiter ? nullptr : waiter.next_;
    }
    waiter.previous_->next_ = waiter.next_;
    waiter.next_->previous_ = waiter.previous_;
    waiter.next_ = waiter.previous_ = nullptr;
  }
  // The first, and the one behind `waiter`; null: no more.
  Waiter* first() const { return first_; }
  Waiter* Behind(const Waiter& waiter) const {
    return waiter.next_ == first_ ? nullptr : waiter.next_;
  }
  // No waiter may leave or join while it is told.
  void Wake(uint32_t events) {
    Waiter* waiter = first_;
    if (waiter == nullptr) return;
    do {
      if (waiter->OnWake(events) && waiter->exclusive_) return;
      waiter = waiter->next_;
    } while (waiter != first_);
  }

 private:
  // Between the last and the first.
  void Join(Waiter& waiter) {
    if (first_ == nullptr) {
      waiter.next_ = waiter.previous_ = &waiter;
      return;
    }
    waiter.next_ = first_;
    waiter.previous_ = first_->previous_;
    first_->previous_->next_ = &waiter;
    first_->previous_ = &waiter;
  }

  Waiter* first_ = nullptr;
};

}  // namespace simloop::sim

#endif  // SIM_WAIT_QUEUE_H_
