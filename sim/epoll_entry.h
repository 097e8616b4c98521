// EpollEntry: one watched descriptor of an epoll instance (struct epitem of
// Linux), and EpollEntries: where those of one instance stand. What they mean
// is sim/epoll.h's.
#ifndef SIM_EPOLL_ENTRY_H_
#define SIM_EPOLL_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "loop/fd.h"
#include "sim/wait_queue.h"

namespace simloop::sim {

class Epoll;
class File;

// It belongs to the pair of file and descriptor number.
class EpollEntry final : public Waiter {
 public:
  EpollEntry() : Waiter(Kind::kEpollEntry) {}
  // The first of `file`, which is told of what becomes ready first, and the one
  // behind this; null: no more.
  static EpollEntry* FirstOf(File& file);
  EpollEntry* Next() const;
  bool OnWake(uint32_t events) override;

 private:
  friend class Epoll;
  friend class EpollEntries;

  // Behind Waiter's own last member, where there is room.
  bool ready_ = false;
  loop::Fd fd_;
  // What is watched for, and what epoll_wait(2) tells (struct epoll_event).
  uint64_t data_ = 0;
  uint32_t events_ = 0;
  uint32_t number_ = 0;  // among those of its instance
  Epoll* epoll_ = nullptr;
  File* file_ = nullptr;              // null: a blank one
  EpollEntry* next_ready_ = nullptr;  // of a blank one: the next blank one
  EpollEntry* previous_ready_ = nullptr;
};

// In blocks: there may be a million, and none needs the memory's own
// book-keeping, nor a list to be found by.
class EpollEntries final {
 public:
  // A blank one. Each has a number below size().
  EpollEntry& New();
  // Makes it a blank one.
  void Free(EpollEntry& entry);
  uint32_t size() const { return size_; }
  EpollEntry& at(uint32_t number) const {
    return blocks_[number / kBlock][number % kBlock];
  }

 private:
  // No more than what fits a size that allocators have.
  static constexpr uint32_t kBlock = 1536 / sizeof(EpollEntry);

  std::vector<std::unique_ptr<EpollEntry[]>> blocks_;
  EpollEntry* blank_ = nullptr;  // those that were freed
  uint32_t size_ = 0;
};

inline EpollEntry& EpollEntries::New() {
  if (blank_ != nullptr) {
    EpollEntry& entry = *blank_;
    blank_ = entry.next_ready_;
    entry.next_ready_ = nullptr;
    return entry;
  }
  if (size_ % kBlock == 0) {
    blocks_.push_back(std::make_unique<EpollEntry[]>(kBlock));
  }
  EpollEntry& entry = at(size_);
  entry.number_ = size_++;
  return entry;
}

inline void EpollEntries::Free(EpollEntry& entry) {
  entry.file_ = nullptr;
  entry.next_ready_ = blank_;
  blank_ = &entry;
}

}  // namespace simloop::sim

#endif  // SIM_EPOLL_ENTRY_H_
