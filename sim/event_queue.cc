#include "sim/event_queue.h"

#include <algorithm>

#include "loop/check.h"

namespace simloop::sim {

void EventQueue::Schedule(Event& event, loop::Instant at, uint32_t lane) {
  SIMLOOP_CHECK(!at.infinite(), "an event at infinity never happens");
  event.at_ = at;
  event.lane_ = lane;
  const Entry entry{at, next_order_++, &event};
  if (event.heap_index_ < 0) {
    heap_.push_back(entry);
    event.heap_index_ = static_cast<int32_t>(heap_.size() - 1);
    SiftUp(heap_.size() - 1);
    return;
  }
  const size_t index = event.heap_index_;
  const bool earlier = entry < heap_[index];
  heap_[index] = entry;
  if (earlier) {
    SiftUp(index);
  } else {
    SiftDown(index);
  }
}

void EventQueue::Cancel(Event& event) {
  if (event.heap_index_ >= 0) RemoveAt(event.heap_index_);
}

Event& EventQueue::Pop() {
  SIMLOOP_CHECK(!heap_.empty(), "nothing is scheduled");
  Event& event = *heap_.front().event;
  RemoveAt(0);
  return event;
}

void EventQueue::RemoveAt(size_t index) {
  heap_[index].event->heap_index_ = -1;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  const bool earlier = last < heap_[index];
  Place(index, last);
  if (earlier) {
    SiftUp(index);
  } else {
    SiftDown(index);
  }
}

void EventQueue::Place(size_t index, const Entry& entry) {
  heap_[index] = entry;
  entry.event->heap_index_ = static_cast<int32_t>(index);
}

void EventQueue::SiftUp(size_t index) {
  const Entry entry = heap_[index];
  while (index > 0) {
    const size_t parent = (index - 1) / 4;
    if (!(entry < heap_[parent])) break;
    Place(index, heap_[parent]);
    index = parent;
  }
  Place(index, entry);
}

void EventQueue::SiftDown(size_t index) {
  const Entry entry = heap_[index];
  const size_t size = heap_.size();
  while (true) {
    const size_t first = index * 4 + 1;
    if (first >= size) break;
    const size_t end = std::min(first + 4, size);
    size_t least = first;
    for (size_t child = first + 1; child < end; ++child) {
      if (heap_[child] < heap_[least]) least = child;
    }
    if (!(heap_[least] < entry)) break;
    Place(index, heap_[least]);
    index = least;
  }
  Place(index, entry);
}

void EventQueue::Simultaneous(std::vector<Event*>* events) const {
  events->clear();
  if (heap_.empty()) return;
  const loop::Instant at = next_at();
  // Only below an entry of this instant can others of it stand.
  std::vector<size_t> open = {0};
  std::vector<const Entry*> found;
  while (!open.empty()) {
    const size_t index = open.back();
    open.pop_back();
    if (index >= heap_.size() || heap_[index].at != at) continue;
    found.push_back(&heap_[index]);
    for (size_t child = index * 4 + 1; child <= index * 4 + 4; ++child) {
      open.push_back(child);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Entry* a, const Entry* b) { return *a < *b; });
  std::vector<uint32_t> lanes;
  for (const Entry* entry : found) {
    const uint32_t lane = entry->event->lane_;
    if (lane != 0) {
      if (std::find(lanes.begin(), lanes.end(), lane) != lanes.end()) continue;
      lanes.push_back(lane);
    }
    events->push_back(entry->event);
  }
}

}  // namespace simloop::sim
