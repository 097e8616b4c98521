// TaskQueue: tasks first in, first out, each with the owner that queued it. A
// ring: once grown it allocates nothing.
#ifndef LOOP_TASK_QUEUE_H_
#define LOOP_TASK_QUEUE_H_

#include <cstddef>
#include <memory>
#include <utility>

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

  void Push(Task&& task, Owner owner) {
    if (size_ == capacity_) Grow();
    Entry& entry = ring_[At(size_)];
    entry.task = std::move(task);
    entry.owner = owner;
    ++size_;
  }

  // The oldest. REQUIRES: not empty.
  Entry Pop() {
    SIMLOOP_CHECK(size_ > 0, "no task is queued");
    const size_t oldest = head_;
    head_ = At(1);
    --size_;
    return std::move(ring_[oldest]);
  }

  // The newest. REQUIRES: not empty.
  Entry PopBack() {
    SIMLOOP_CHECK(size_ > 0, "no task is queued");
    --size_;
    return std::move(ring_[At(size_)]);
  }

 private:
  size_t At(size_t place) const { return (head_ + place) & (capacity_ - 1); }

  void Grow() {
    const size_t capacity = capacity_ == 0 ? 8 : 2 * capacity_;
    auto larger = std::make_unique<Entry[]>(capacity);
    for (size_t i = 0; i < size_; ++i) larger[i] = std::move(ring_[At(i)]);
    ring_ = std::move(larger);
    capacity_ = capacity;
    head_ = 0;
  }

  std::unique_ptr<Entry[]> ring_;
  size_t capacity_ = 0;  // a power of two, or 0
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_TASK_QUEUE_H_
