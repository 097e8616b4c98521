#include "sim/event_queue.h"

#include <algorithm>
#include <utility>

#include "loop/check.h"
#include "sim/prefetch.h"

namespace simloop::sim {

void EventQueue::Schedule(Event& event, loop::Instant at, uint32_t lane,
                          uint8_t* home) {
  SIMLOOP_CHECK(!at.infinite(), "an event at infinity never happens");
  Cancel(event);
  event.at_ = at;
  event.lane_ = lane;
  event.loose_ = false;
  const Entry entry{at, next_order_++, &event};
  ++size_;
  // It was scheduled last: those of its own instant go before it.
  if (front_.event != nullptr ? front_.at <= at : first().at <= at) {
    if (at.nanos() < lasts_[*home]) *home = HomeFor(at);
    event.home_ = *home;
    Store(entry);
    return;
  }
  if (front_.event != nullptr) {
    // Others of its instant may stand there that come behind it.
    front_.event->home_ = HomeFor(front_.at.PlusNanos(-1));
    Store(front_);
  }
  front_ = entry;
  event.home_ = kFront;
}

void EventQueue::Store(const Entry& entry) {
  const uint8_t home = entry.event->home_;
  if (home == kHeap) {
    PushHeap(entry);
    if (heap_.front().event != entry.event) return;
    if (heap_.size() > 1) Leave(home, PlaceOf(home));
  } else {
    Run& run = runs_[home];
    const bool behind_others = !run.empty();
    run.Put(entry);
    lasts_[home] = entry.at.nanos();
    if (behind_others) return;
    used_ = std::max<uint8_t>(used_, home + 1);
  }
  Enter(home, entry);
}

// The run that loses least by it: its last time is the latest.
uint8_t EventQueue::HomeFor(loop::Instant at) const {
  uint8_t home = kHeap;
  int64_t latest = -1;
  for (uint8_t i = 0; i < used_; ++i) {
    const int64_t last = lasts_[i];
    if (last <= at.nanos() && last > latest) {
      latest = last;
      home = i;
    }
  }
  for (uint8_t i = 0; home == kHeap && i < used_; ++i) {
    if (lasts_[i] == kNone) home = i;
  }
  return home != kHeap ? home : used_;  // kRuns is kHeap
}

Event& EventQueue::Pop() {
  SIMLOOP_CHECK(size_ > 0, "nothing is scheduled");
  Event& event = next();
  Remove(event);
  return event;
}

void EventQueue::Remove(Event& event) {
  const uint8_t home = std::exchange(event.home_, Event::kNowhere);
  --size_;
  if (home == kFront) {
    front_.event = nullptr;
    return;
  }
  if (home == kHeap) {
    const bool was_head = event.place_ == 0;
    RemoveFromHeap(event.place_);
    if (heap_.empty()) {
      Leave(home, PlaceOf(home));
    } else if (was_head) {
      Follow(home, PlaceOf(home), heap_.front());
    }
    return;
  }
  Run& run = runs_[home];
  if (event.place_ != run.head) {
    run.at(event.place_).event = nullptr;
    ++run.removed;
    return;
  }
  run.Advance();
  const size_t place = PlaceOf(home);
  if (run.empty()) {
    lasts_[home] = kNone;
    Leave(home, place);
    while (used_ > 0 && runs_[used_ - 1].empty()) --used_;
    return;
  }
  if (place == 0) run.FetchAhead();
  Follow(home, place, run.at(run.head));
}

// --- The order of the heads --------------------------------------------------

size_t EventQueue::PlaceOf(uint8_t home) const {
  size_t place = 0;
  while (order_[place] != home) ++place;
  return place;
}

void EventQueue::Enter(uint8_t home, const Entry& head) {
  heads_[home] = head;
  size_t place = count_++;
  order_[place + 1] = kNoHome;
  for (; place > 0 && head < heads_[order_[place - 1]]; --place) {
    order_[place] = order_[place - 1];
  }
  order_[place] = home;
}

void EventQueue::Leave(uint8_t home, size_t place) {
  heads_[home] = Entry();
  --count_;
  for (; place <= count_; ++place) order_[place] = order_[place + 1];
}

// Mostly it stays where it is: nothing is before what is in no home.
void EventQueue::Follow(uint8_t home, size_t place, const Entry& head) {
  heads_[home] = head;
  for (; heads_[order_[place + 1]] < head; ++place) {
    order_[place] = order_[place + 1];
  }
  order_[place] = home;
}

// --- A run -------------------------------------------------------------------

void EventQueue::Run::Put(const Entry& entry) {
  if (tail - head == capacity) Grow();
  entry.event->place_ = tail;
  at(tail++) = entry;
}

void EventQueue::Run::Advance() {
  ++head;
  while (head != tail && at(head).event == nullptr) {
    ++head;
    --removed;
  }
}

void EventQueue::Run::FetchAhead() const {
  constexpr uint32_t kAhead = 6;
  constexpr size_t kBytes = 256;  // a packet's: other events are few
  if (tail - head > kAhead) Prefetch(at(head + kAhead).event, kBytes);
}

void EventQueue::Run::Grow() {
  if (2 * removed > capacity) {
    Compact();
    return;
  }
  // Each keeps its place: the events, of which none may be in a cache, need
  // not know.
  const uint32_t size = std::max<uint32_t>(16, 2 * capacity);
  auto larger = std::make_unique<Entry[]>(size);
  for (uint32_t place = head; place != tail; ++place) {
    larger[place & (size - 1)] = at(place);
  }
  ring = std::move(larger);
  capacity = size;
}

void EventQueue::Run::Compact() {
  uint32_t end = head;
  for (uint32_t place = head; place != tail; ++place) {
    const Entry entry = at(place);
    if (entry.event == nullptr) continue;
    entry.event->place_ = end;
    at(end++) = entry;
  }
  tail = end;
  removed = 0;
}

// --- The heap ----------------------------------------------------------------

void EventQueue::PushHeap(const Entry& entry) {
  heap_.push_back(entry);
  entry.event->place_ = static_cast<uint32_t>(heap_.size() - 1);
  SiftUp(heap_.size() - 1);
}

void EventQueue::RemoveFromHeap(size_t index) {
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
  entry.event->place_ = static_cast<uint32_t>(index);
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

// --- What comes next ---------------------------------------------------------

void EventQueue::Until(loop::Instant limit, std::vector<Event*>* events) const {
  events->clear();
  std::vector<Entry> found;
  if (front_.event != nullptr && front_.at <= limit) found.push_back(front_);
  for (uint8_t i = 0; i < used_; ++i) {
    const Run& run = runs_[i];
    for (uint32_t place = run.head; place != run.tail; ++place) {
      const Entry& entry = run.at(place);
      if (entry.at > limit) break;
      if (entry.event != nullptr) found.push_back(entry);
    }
  }
  // Only below an entry that is not later can others stand that are not.
  std::vector<size_t> open = {0};
  while (!open.empty()) {
    const size_t index = open.back();
    open.pop_back();
    if (index >= heap_.size() || heap_[index].at > limit) continue;
    found.push_back(heap_[index]);
    for (size_t child = index * 4 + 1; child <= index * 4 + 4; ++child) {
      open.push_back(child);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<uint32_t> lanes;
  for (const Entry& entry : found) {
    const uint32_t lane = entry.event->lane_;
    if (lane != 0) {
      if (std::find(lanes.begin(), lanes.end(), lane) != lanes.end()) continue;
      lanes.push_back(lane);
    }
    events->push_back(entry.event);
  }
}

}  // namespace simloop::sim
