// Epoll: an epoll instance (epoll(7)): level- and edge-triggered, one-shot and
// exclusive entries, and sets within sets. Its ready list is Linux's
// (fs/eventpoll.c): first in, first out; an entry joins when its file wakes it
// or when it is added or changed while ready, and a level-triggered one goes to
// the end once it is reported.
//
// Not modelled: EPOLLWAKEUP (there is no suspend; it is ignored, as without
// CAP_BLOCK_SUSPEND), fs.epoll.max_user_watches, and the limit on wake-up paths
// (reverse_path_check()).
#ifndef SIM_EPOLL_H_
#define SIM_EPOLL_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "loop/fd.h"
#include "loop/kernel.h"
#include "sim/epoll_entry.h"
#include "sim/file.h"
#include "sim/wait_queue.h"
#include "trace/recorder.h"

namespace simloop::sim {

class World;

class Epoll final : public File {
 public:
  explicit Epoll(World& world) : world_(world) {}
  ~Epoll() override;

  // epoll_ctl(2) for an open `file` under number `fd`.
  loop::Result<void> Control(int op, loop::Fd fd, File& file,
                             const loop::EpollEvent& event);
  // epoll_wait(2) with a timeout of 0.
  size_t Wait(absl::Span<loop::EpollEvent> events);
  // Who waits in epoll_wait(2).
  WaitQueue& sleepers() { return sleepers_; }
  // How many entries are on the ready list, ready still or not.
  size_t listed() const { return listed_; }
  // Puts the first entry of the ready list behind the others.
  void RotateReady();
  // What made `fd` of `file` ready for the epoll that watches it: a record of
  // the trace; 0 if unknown.
  static trace::RecordId ReadyCause(loop::Fd fd, File& file);
  // `file` is gone for good: no epoll watches it any more.
  static void Forget(File& file);

  // An epoll descriptor is readable when an entry is ready.
  uint32_t Readiness() override;
  // Who watches this set: sets around it, poll(2).
  WaitQueue& waiters() override { return waiters_; }
  loop::Result<size_t> Read(absl::Span<char>) override {
    return loop::Errno::kEINVAL;
  }
  loop::Result<size_t> Write(absl::Span<const char>) override {
    return loop::Errno::kEINVAL;
  }
  // It knows no request but its own (ep_eventpoll_ioctl()).
  loop::Result<void> Ioctl(uint32_t, int*) override {
    return loop::Errno::kEINVAL;
  }
  bool can_read() const override { return false; }
  bool can_write() const override { return false; }
  void Release() override;
  Epoll* AsEpoll() override { return this; }

 private:
  friend class EpollEntry;

  // How many sets may stand one in another (EP_MAX_NESTS).
  static constexpr int kMostNested = 4;

  EpollEntry* Find(loop::Fd fd, File& file) const;
  loop::Result<void> Insert(loop::Fd fd, File& file,
                            const loop::EpollEvent& event);
  // How deep sets stand in this one; kMostNested + 1 if it is more, or if
  // `looked_for` is among them.
  int DepthBelow(const Epoll& looked_for, int depth) const;
  // How deep this one stands in others.
  int DepthAbove();
  void Append(EpollEntry& entry);
  void Unlink(EpollEntry& entry);
  void MarkReady(EpollEntry& entry);
  void Announce();
  void Remove(EpollEntry& entry);

  World& world_;
  WaitQueue sleepers_;
  WaitQueue waiters_;
  EpollEntries table_;
  // What made each ready, by number: where there is a trace.
  std::vector<trace::RecordId> causes_;
  EpollEntry* first_ready_ = nullptr;
  EpollEntry* last_ready_ = nullptr;
  size_t listed_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_EPOLL_H_
