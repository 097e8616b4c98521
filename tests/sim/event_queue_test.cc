// The order of events: by time, then by when they were scheduled.
#include "sim/event_queue.h"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace simloop::sim {
namespace {

using testing::ElementsAre;

class Named final : public Event {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  void Fire() override {}
  std::string Name() const override { return name_; }

 private:
  std::string name_;
};

loop::Instant At(int64_t nanos) { return loop::Instant::FromNanos(nanos); }

std::vector<std::string> PopAll(EventQueue* queue) {
  std::vector<std::string> names;
  while (!queue->empty()) names.push_back(queue->Pop().Name());
  return names;
}

std::vector<std::string> Simultaneous(const EventQueue& queue) {
  std::vector<Event*> events;
  queue.Simultaneous(&events);
  std::vector<std::string> names;
  for (const Event* event : events) names.push_back(event->Name());
  return names;
}

class EventQueueTest : public testing::Test {
 protected:
  EventQueue queue_;
  Named a_{"a"}, b_{"b"}, c_{"c"}, d_{"d"};
};

TEST_F(EventQueueTest, GoesByTimeThenByWhenItWasScheduled) {
  queue_.Schedule(a_, At(20));
  queue_.Schedule(b_, At(10));
  queue_.Schedule(c_, At(20));
  queue_.Schedule(d_, At(10));
  EXPECT_THAT(PopAll(&queue_), ElementsAre("b", "d", "a", "c"));
}

TEST_F(EventQueueTest, PutsAMovedEventBehindThoseOfItsNewInstant) {
  queue_.Schedule(a_, At(10));
  queue_.Schedule(b_, At(20));
  queue_.Schedule(a_, At(20));
  EXPECT_THAT(PopAll(&queue_), ElementsAre("b", "a"));
}

TEST_F(EventQueueTest, ForgetsACancelledEvent) {
  queue_.Schedule(a_, At(10));
  queue_.Schedule(b_, At(20));
  queue_.Cancel(a_);
  queue_.Cancel(a_);
  EXPECT_FALSE(a_.scheduled());
  EXPECT_THAT(PopAll(&queue_), ElementsAre("b"));
}

TEST_F(EventQueueTest, OffersOfEachLaneTheFirst) {
  queue_.Schedule(a_, At(10), 7);
  queue_.Schedule(b_, At(10), 7);
  queue_.Schedule(c_, At(10));
  queue_.Schedule(d_, At(11));
  EXPECT_THAT(Simultaneous(queue_), ElementsAre("a", "c"));
  queue_.Cancel(a_);
  EXPECT_THAT(Simultaneous(queue_), ElementsAre("b", "c"));
  queue_.Cancel(b_);
  queue_.Cancel(c_);
  queue_.Cancel(d_);
}

// Times that fall again and again fit no run, of which there are few.
TEST(EventQueue, OrdersWhatComesInNoOrder) {
  EventQueue queue;
  std::deque<Named> events;
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) {
    events.emplace_back(std::to_string(i));
    queue.Schedule(events.back(), At(99 - i));
  }
  // Each third is taken out: 99, 96, ... at 0, 3, ...
  for (int i = 99; i >= 0; --i) {
    if (i % 3 == 0) {
      queue.Cancel(events[i]);
    } else {
      names.push_back(std::to_string(i));
    }
  }
  EXPECT_EQ(PopAll(&queue), names);
}

// Two latencies, an acknowledgment and a timer that each cancels the last of:
// the runs fill up with what was taken out, and are cleared of it.
TEST(EventQueue, ForgetsWhatWasTakenOutOfARun) {
  EventQueue queue;
  std::deque<Named> events;
  for (int i = 0; i < 1000; ++i) {
    events.emplace_back("packet");
    queue.Schedule(events.back(), At(i + 10));
    events.emplace_back("timer");
    queue.Schedule(events.back(), At(i + 100'000));
    if (i >= 5) {
      queue.Cancel(events[2 * (i - 5) + 1]);
      ASSERT_EQ(queue.Pop().Name(), "packet");
    }
    ASSERT_EQ(queue.size(), size_t{2} * std::min(i + 1, 5));
  }
  EXPECT_THAT(PopAll(&queue),
              ElementsAre("packet", "packet", "packet", "packet", "packet",
                          "timer", "timer", "timer", "timer", "timer"));
}

// Against a sorted list: 20,000 random schedulings, moves, cancels and pops.
// Half the events say of which kind they are, though the instants of none of
// the four keep to an order.
TEST(EventQueueAgainstASortedList, AgreesWithIt) {
  EventQueue queue;
  std::deque<Named> events;
  for (int i = 0; i < 64; ++i) events.emplace_back(std::to_string(i));
  std::map<std::pair<int64_t, uint64_t>, size_t> sorted;
  std::vector<std::pair<int64_t, uint64_t>> keys(events.size(), {-1, 0});
  std::vector<uint8_t> homes(4, EventQueue::kHeap);
  uint64_t state = 1;
  const auto random = [&](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  for (uint64_t step = 0; step < 20'000; ++step) {
    const size_t index = random(events.size());
    const uint64_t what = random(8);
    if (what < 5) {
      sorted.erase(keys[index]);
      keys[index] = {static_cast<int64_t>(random(50)), step};
      sorted[keys[index]] = index;
      if (index % 2 == 0) {
        queue.Schedule(events[index], At(keys[index].first));
      } else {
        queue.Schedule(events[index], At(keys[index].first), 0,
                       &homes[index / 2 % homes.size()]);
      }
    } else if (what < 6) {
      sorted.erase(keys[index]);
      queue.Cancel(events[index]);
    } else if (!sorted.empty()) {
      ASSERT_EQ(queue.Pop().Name(), events[sorted.begin()->second].Name());
      sorted.erase(sorted.begin());
    }
    ASSERT_EQ(queue.size(), sorted.size());
  }
  for (Named& event : events) queue.Cancel(event);
}

}  // namespace
}  // namespace simloop::sim
