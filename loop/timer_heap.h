// TimerHeap: the started timers of one loop, the earliest first, those of one
// instant in the order they were started. A 4-ary heap; each timer knows its
// place, so stopping one costs no search.
#ifndef LOOP_TIMER_HEAP_H_
#define LOOP_TIMER_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "loop/instant.h"

namespace simloop::loop {

class Timer;

class TimerHeap final {
 public:
  bool empty() const { return heap_.empty(); }
  // When the first is due; Infinite() if there is none.
  Instant due() const {
    return heap_.empty() ? Instant::Infinite() : heap_[0].due;
  }
  // REQUIRES: not empty.
  Timer* first() const { return heap_[0].timer; }
  // Counts Push()es: a timer whose order() is at least this was started later.
  uint64_t next_order() const { return next_order_; }
  // The place among equal times that a timer pushed now would have.
  uint64_t TakeOrder() { return next_order_++; }
  uint64_t first_order() const { return heap_[0].order; }

  // REQUIRES: `timer` is not in the heap. Its place is written to its
  // heap_index_, also when it moves.
  void Push(Timer* timer, Instant due) { Push(timer, due, TakeOrder()); }
  void Push(Timer* timer, Instant due, uint64_t order);
  // REQUIRES: `timer` is in the heap.
  void Remove(Timer* timer);

 private:
  struct Node {
    Instant due;
    uint64_t order;
    Timer* timer;

    bool operator<(const Node& other) const {
      return due != other.due ? due < other.due : order < other.order;
    }
  };

  void Place(size_t index, const Node& node);
  void SiftUp(size_t index, const Node& node);
  void SiftDown(size_t index, const Node& node);

  std::vector<Node> heap_;
  uint64_t next_order_ = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_TIMER_HEAP_H_
