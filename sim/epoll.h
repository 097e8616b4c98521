// Epoll: an epoll instance (epoll(7)), level-triggered. Its ready list is
// Linux's: first in, first out; an entry joins when its file wakes it or when
// it is added or changed while ready, and one that is still ready after being
// reported goes to the end. Edge-triggered, one-shot and exclusive entries and
// sets within sets are answered with EINVAL.
#ifndef SIM_EPOLL_H_
#define SIM_EPOLL_H_

#include <cstdint>

#include "absl/types/span.h"
#include "loop/fd.h"
#include "loop/kernel.h"
#include "sim/file.h"
#include "sim/wait_queue.h"
#include "trace/recorder.h"

namespace simloop::sim {

class World;

// One watched descriptor (struct epitem): it belongs to the pair of file and
// descriptor number.
class EpollEntry final : public Waiter {
 public:
  void OnWake(uint32_t events) override;

 private:
  friend class Epoll;

  Epoll* epoll_ = nullptr;
  File* file_ = nullptr;
  loop::Fd fd_;
  loop::EpollEvent event_;
  trace::RecordId ready_cause_ = 0;
  bool ready_ = false;
  EpollEntry* next_ready_ = nullptr;
  EpollEntry* previous_ready_ = nullptr;
  EpollEntry* next_of_file_ = nullptr;
  EpollEntry* next_of_epoll_ = nullptr;
  EpollEntry* previous_of_epoll_ = nullptr;
};

class Epoll final : public File {
 public:
  explicit Epoll(World& world) : world_(world) {}
  ~Epoll() override;

  // epoll_ctl(2) for an open `file` under number `fd`.
  loop::Result<void> Control(int op, loop::Fd fd, File& file,
                             const loop::EpollEvent& event);
  // epoll_wait(2) with a timeout of 0.
  size_t Wait(absl::Span<loop::EpollEvent> events);
  // What made `fd` of `file` ready for the epoll that watches it: a record of
  // the trace; 0 if unknown.
  static trace::RecordId ReadyCause(loop::Fd fd, const File& file);
  // `file` is gone for good: no epoll watches it any more.
  static void Forget(File& file);

  // An epoll descriptor is readable when an entry is ready.
  uint32_t Readiness() override;
  WaitQueue& waiters() override { return waiters_; }
  loop::Result<size_t> Read(absl::Span<char>) override {
    return loop::Errno::kEINVAL;
  }
  loop::Result<size_t> Write(absl::Span<const char>) override {
    return loop::Errno::kEINVAL;
  }
  void Release() override;
  Epoll* AsEpoll() override { return this; }

 private:
  friend class EpollEntry;

  EpollEntry* Find(loop::Fd fd, const File& file) const;
  void Append(EpollEntry& entry);
  void Unlink(EpollEntry& entry);
  void MarkReady(EpollEntry& entry);
  void Remove(EpollEntry& entry);
  static uint32_t Asked(const EpollEntry& entry);

  World& world_;
  WaitQueue waiters_;
  EpollEntry* entries_of_this_ = nullptr;
  EpollEntry* first_ready_ = nullptr;
  EpollEntry* last_ready_ = nullptr;
};

}  // namespace simloop::sim

#endif  // SIM_EPOLL_H_
