// TaskQueue: tasks first in, first out, each with the owner that queued it. A
// ring: once grown it allocates nothing.
#ifndef LOOP_TASK_QUEUE_H_
#define LOOP_TASK_QUEUE_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "loop/check.h"
#include "loop/observer.h"
#include "loop/task.h"

namespace simloop::loop {

class TaskQueue final {
 public:
  // `task` may be null: a place in the order at which nothing is called.
  struct Entry {
    Task task;
    Owner owner = 0;
  };

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  void Push(Task task, Owner owner) {
    if (size_ == ring_.size()) Grow();
    Entry& entry = ring_[(head_ + size_) & (ring_.size() - 1)];
    entry.task = std::move(task);
    entry.owner = owner;
    ++size_;
  }

  // The oldest. REQUIRES: not empty.
  Entry Pop() {
    SIMLOOP_CHECK(size_ > 0, "no task is queued");
    Entry entry = std::move(ring_[head_]);
    head_ = (head_ + 1) & (ring_.size() - 1);
    --size_;
    return entry;
  }

  // The newest. REQUIRES: not empty.
  Entry PopBack() {
    SIMLOOP_CHECK(size_ > 0, "no task is queued");
    --size_;
    return std::move(ring_[(head_ + size_) & (ring_.size() - 1)]);
  }

 private:
  void Grow() {
    std::vector<Entry> larger(ring_.empty() ? 8 : 2 * ring_.size());
    for (size_t i = 0; i < size_; ++i) {
      larger[i] = std::move(ring_[(head_ + i) & (ring_.size() - 1)]);
    }
    ring_ = std::move(larger);
    head_ = 0;
  }

  std::vector<Entry> ring_;  // its size is a power of two
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_TASK_QUEUE_H_
