// The 4-ary heap of timers.
#include "loop/timer_heap.h"

#include <algorithm>

#include "loop/check.h"
#include "loop/timer.h"

namespace simloop::loop {
namespace {

// Four children fit a cache line and a half, and halve the depth.
constexpr size_t kArity = 4;

}  // namespace

void TimerHeap::Push(Timer* timer, Instant due, uint64_t order) {
  SIMLOOP_CHECK(timer->heap_index_ < 0, "the timer is started already");
  const Node node{due, order, timer};
  heap_.push_back(node);
  SiftUp(heap_.size() - 1, node);
}

void TimerHeap::Remove(Timer* timer) {
  SIMLOOP_CHECK(timer->heap_index_ >= 0, "the timer is not started");
  const size_t index = static_cast<size_t>(timer->heap_index_);
  timer->heap_index_ = -1;
  const Node last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last < heap_[(index - 1) / kArity]) {
    SiftUp(index, last);
  } else {
    SiftDown(index, last);
  }
}

void TimerHeap::Place(size_t index, const Node& node) {
  heap_[index] = node;
  node.timer->heap_index_ = static_cast<int32_t>(index);
}

void TimerHeap::SiftUp(size_t index, const Node& node) {
  while (index > 0) {
    const size_t parent = (index - 1) / kArity;
    if (!(node < heap_[parent])) break;
    Place(index, heap_[parent]);
    index = parent;
  }
  Place(index, node);
}

void TimerHeap::SiftDown(size_t index, const Node& node) {
  while (true) {
    const size_t first = index * kArity + 1;
    if (first >= heap_.size()) break;
    const size_t end = std::min(first + kArity, heap_.size());
    size_t least = first;
    for (size_t child = first + 1; child < end; ++child) {
      if (heap_[child] < heap_[least]) least = child;
    }
    if (!(heap_[least] < node)) break;
    Place(index, heap_[least]);
    index = least;
  }
  Place(index, node);
}

}  // namespace simloop::loop
