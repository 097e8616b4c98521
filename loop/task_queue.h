// TaskQueue: tasks first in, first out, each with the owner that queued it. A
// ring: once grown it allocates nothing.
#ifndef LOOP_TASK_QUEUE_H_
#define LOOP_TASK_QUEUE_H_

#include <cstddef>
#include <memory>
#include <new>
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

  TaskQueue() = default;
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;
  ~TaskQueue() {
    while (size_ > 0) Pop();
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  void Push(Task&& task, Owner owner) {
    if (size_ == capacity_) Grow();
    new (At(size_)) Entry{std::move(task), owner};
    ++size_;
  }

  // The oldest. REQUIRES: not empty.
  Entry Pop() {
    SIMLOOP_CHECK(size_ > 0, "no task is queued");
    Entry* const oldest = At(0);
    head_ = (head_ + 1) & (capacity_ - 1);
    --size_;
    return Take(*oldest);
  }

  // The newest. REQUIRES: not empty.
  Entry PopBack() {
    SIMLOOP_CHECK(size_ > 0, "no task is queued");
    --size_;
    return Take(*At(size_));
  }

  void Swap(TaskQueue& other) {
    std::swap(rooms_, other.rooms_);
    std::swap(capacity_, other.capacity_);
    std::swap(head_, other.head_);
    std::swap(size_, other.size_);
  }

 private:
  // Room for one, in which there may be none: to move a Task in and out costs
  // less than to assign it.
  struct Room {
    alignas(Entry) unsigned char bytes[sizeof(Entry)];
  };

  Entry* At(size_t place) const {
    return reinterpret_cast<Entry*>(
        rooms_[(head_ + place) & (capacity_ - 1)].bytes);
  }

  static Entry Take(Entry& place) {
    Entry entry = std::move(place);
    place.~Entry();
    return entry;
  }

  void Grow() {
    const size_t capacity = capacity_ == 0 ? 8 : 2 * capacity_;
    std::unique_ptr<Room[]> larger(new Room[capacity]);
    for (size_t i = 0; i < size_; ++i) {
      new (larger[i].bytes) Entry(Take(*At(i)));
    }
    rooms_ = std::move(larger);
    capacity_ = capacity;
    head_ = 0;
  }

  std::unique_ptr<Room[]> rooms_;
  size_t capacity_ = 0;  // a power of two, or 0
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_TASK_QUEUE_H_
