// EventQueue: the one queue of a world, ordered by time and, within an
// instant, by when an event was scheduled.
//
// Most of what a world schedules it schedules in order already: packets of
// links of one latency, the wake-ups of this instant, timers of one length.
// So the queue is a few runs, each a ring in which times never fall, and their
// heads in order: a head that goes is followed by one that mostly stays first.
// An event joins the run that the last one of its kind joined, or else the one
// whose last time is the latest that is not after its own, which needs as few
// runs as there can be. What fits none is in a 4-ary heap. And what comes
// before all that stand there waits in front of them: most wake-ups do, and
// where little goes on most packets. No allocation once it has grown.
#ifndef SIM_EVENT_QUEUE_H_
#define SIM_EVENT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/attributes.h"
#include "loop/instant.h"
#include "sim/event.h"

namespace simloop::sim {

class EventQueue final {
 private:
  // Packets, acknowledgments, retransmission and this instant are four; a rate
  // and a second latency some more.
  static constexpr uint8_t kRuns = 8;

 public:
  // Where an event stands: a run by its number, or one of these.
  static constexpr uint8_t kHeap = kRuns;
  static constexpr uint8_t kFront = kRuns + 1;

  // Puts `event` at `at`, behind all that stand there already; moves it if it
  // is scheduled. `lane`: see Event.
  void Schedule(Event& event, loop::Instant at, uint32_t lane = 0) {
    uint8_t home = kHeap;
    Schedule(event, at, lane, &home);
  }
  // The same for one of many whose instants never fall, as those of the packets
  // on a line: where the last of them was put the next mostly fits. They keep
  // `home` between them, kHeap at first. Not compiled into its callers
  // (ARCHITECTURE.md), nor is Remove().
  ABSL_ATTRIBUTE_NOINLINE void Schedule(Event& event, loop::Instant at,
                                        uint32_t lane, uint8_t* home);
  // Takes `event` out; does nothing if it is not scheduled.
  void Cancel(Event& event) {
    if (event.home_ != Event::kNowhere) Remove(event);
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // The next event's instant. REQUIRES: !empty().
  loop::Instant next_at() const { return next().at(); }
  Event& next() const {
    return *(front_.event != nullptr ? front_ : first()).event;
  }
  // Takes the next event out. REQUIRES: !empty().
  Event& Pop();
  // Fills `events` with those of the next instant that may go first: of each
  // lane the first, in queue order.
  void Simultaneous(std::vector<Event*>* events) const {
    Until(empty() ? loop::Instant() : next_at(), events);
  }
  // The same of all instants up to `limit`.
  void Until(loop::Instant limit, std::vector<Event*>* events) const;
  // Takes `event` out: it happens at `at`. REQUIRES: it is scheduled.
  void Take(Event& event, loop::Instant at) {
    Remove(event);
    event.at_ = at;
  }

 private:
  static constexpr int64_t kNone = INT64_MAX;

  struct Entry {
    loop::Instant at = loop::Instant::Infinite();
    uint64_t order = UINT64_MAX;
    Event* event = nullptr;  // null: taken out, or none
    bool operator<(const Entry& other) const {
      return at != other.at ? at < other.at : order < other.order;
    }
  };
  // Counts of entries ever taken and ever put; their difference stands in the
  // ring. The first is never one that was taken out.
  struct Run {
    std::unique_ptr<Entry[]> ring;
    uint32_t capacity = 0;  // a power of two, or 0
    uint32_t head = 0;
    uint32_t tail = 0;
    uint32_t removed = 0;  // of what stands there

    bool empty() const { return head == tail; }
    Entry& at(uint32_t place) const { return ring[place & (capacity - 1)]; }
    void Put(const Entry& entry);
    // The first is gone: so are those behind it that were taken out.
    void Advance();
    void Grow();
    // Leaves out what was taken out.
    void Compact();
    // Of many under way at once none is in a cache: those that will be first
    // soon are asked for in time.
    void FetchAhead() const;
  };

  // The run for what comes at `at` behind all that stand there.
  uint8_t HomeFor(loop::Instant at) const;
  // Puts it where its event's home_ says.
  void Store(const Entry& entry);
  ABSL_ATTRIBUTE_NOINLINE void Remove(Event& event);
  const Entry& first() const { return heads_[order_[0]]; }
  // `home` was empty, and has this head.
  void Enter(uint8_t home, const Entry& head);
  // `home`, which stands at `place` of order_, is empty.
  void Leave(uint8_t home, size_t place);
  // The head of `home`, which stands at `place`, is another, and a later one.
  void Follow(uint8_t home, size_t place, const Entry& head);
  size_t PlaceOf(uint8_t home) const;
  void PushHeap(const Entry& entry);
  void RemoveFromHeap(size_t index);
  void SiftUp(size_t index);
  void SiftDown(size_t index);
  void Place(size_t index, const Entry& entry);

  static constexpr uint8_t kNoHome = kHeap + 1;

  Entry front_;  // before first(), or none
  // Of each run, and of the heap; that of kNoHome is none.
  Entry heads_[kNoHome + 1];
  // Those that are not empty, by their heads, and kNoHome.
  uint8_t order_[kNoHome + 1] = {kNoHome};
  uint8_t count_ = 0;
  Run runs_[kRuns];
  // Of the last one put into each, in nanoseconds; kNone where it is empty, and
  // for the heap.
  int64_t lasts_[kRuns + 1] = {kNone, kNone, kNone, kNone, kNone,
                               kNone, kNone, kNone, kNone};
  uint8_t used_ = 0;  // no run from here on has an entry
  size_t size_ = 0;
  uint64_t next_order_ = 0;
  std::vector<Entry> heap_;
};

}  // namespace simloop::sim

#endif  // SIM_EVENT_QUEUE_H_
