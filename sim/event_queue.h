// EventQueue: the one queue of a world, ordered by time and, within an
// instant, by when an event was scheduled. A 4-ary heap: no ticks, no
// allocation once it has grown.
#ifndef SIM_EVENT_QUEUE_H_
#define SIM_EVENT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "loop/instant.h"
#include "sim/event.h"

namespace simloop::sim {

class EventQueue final {
 public:
  // Puts `event` at `at`, behind all that stand there already; moves it if it
  // is scheduled. `lane`: see Event.
  void Schedule(Event& event, loop::Instant at, uint32_t lane = 0);
  // Takes `event` out; does nothing if it is not scheduled.
  void Cancel(Event& event);

  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  // The next event's instant. REQUIRES: !empty().
  loop::Instant next_at() const { return heap_.front().at; }
  Event& next() const { return *heap_.front().event; }
  // Takes the next event out. REQUIRES: !empty().
  Event& Pop();
  // Fills `events` with those of the next instant that may go first: of each
  // lane the first, in queue order.
  void Simultaneous(std::vector<Event*>* events) const;

 private:
  struct Entry {
    loop::Instant at;
    uint64_t order;
    Event* event;
    bool operator<(const Entry& other) const {
      return at != other.at ? at < other.at : order < other.order;
    }
  };

  void SiftUp(size_t index);
  void SiftDown(size_t index);
  void Place(size_t index, const Entry& entry);
  void RemoveAt(size_t index);

  std::vector<Entry> heap_;
  uint64_t next_order_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_EVENT_QUEUE_H_
