// The rules of Node's EventEmitter, as net::Event keeps them.
#include "net/event.h"

#include <cstdint>
#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace simloop::net {
namespace {

TEST(Event, CallsListenersInTheOrderTheyWereAdded) {
  Event<int> event;
  std::string calls;
  event([&](int n) { calls += "a" + std::to_string(n); });
  event([&](int n) { calls += "b" + std::to_string(n); });
  EXPECT_TRUE(event.Emit(1));
  EXPECT_EQ(calls, "a1b1");
}

TEST(Event, TellsThatNobodyListens) {
  Event<> event;
  EXPECT_FALSE(event.Emit());
  const ListenerId id = event([] {});
  event.Remove(id);
  EXPECT_FALSE(event.Emit());
}

TEST(Event, LeavesAListenerAddedMeanwhileForTheNextTime) {
  Event<> event;
  int calls = 0;
  event([&] { event([&] { ++calls; }); });
  event.Emit();
  EXPECT_EQ(calls, 0);
  event.Emit();
  EXPECT_EQ(calls, 1);
}

TEST(Event, StillCallsAListenerRemovedMeanwhile) {
  Event<> event;
  int calls = 0;
  ListenerId second = 0;
  event([&] { event.Remove(second); });
  second = event([&] { ++calls; });
  event.Emit();
  EXPECT_EQ(calls, 1);
  event.Emit();
  EXPECT_EQ(calls, 1);
}

TEST(Event, DoesNotCallARemovedListenerInANestedEmission) {
  Event<int> event;
  int calls = 0;
  ListenerId second = 0;
  event([&](int depth) {
    if (depth > 0) return;
    event.Remove(second);
    event.Emit(1);
  });
  second = event([&](int) { ++calls; });
  event.Emit(0);
  EXPECT_EQ(calls, 1);
}

TEST(Event, RemovesAOnceListenerBeforeItIsCalled) {
  Event<> event;
  int calls = 0;
  event.Once([&] {
    ++calls;
    event.Emit();
  });
  event.Emit();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(event.count(), 0);
}

// Of a few words (one pointer) and of more: they are kept in two ways.
TEST(Event, CallsAOnceListenerOnceInNestedEmissions) {
  for (const bool small : {true, false}) {
    for (const bool alone : {true, false}) {
      Event<int> event;
      int calls = 0;
      int* const counted = &calls;
      if (!alone) {
        event([&](int depth) {
          if (depth == 0) event.Emit(1);
        });
      }
      if (small) {
        event.Once([counted](int) { ++*counted; });
      } else {
        event.Once([counted, &event, depth = 1](int n) {
          ++*counted;
          if (n == 0) event.Emit(depth);
        });
      }
      event.Emit(0);
      event.Emit(2);
      EXPECT_EQ(calls, 1) << small << alone;
    }
  }
}

TEST(Event, StillCallsAOnceListenerRemovedMeanwhile) {
  for (const bool small : {true, false}) {
    Event<> event;
    int calls = 0;
    int* const counted = &calls;
    ListenerId second = 0;
    event([&] { event.Remove(second); });
    if (small) {
      second = event.Once([counted] { ++*counted; });
    } else {
      second = event.Once([counted, by = int64_t{1}, spare = int64_t{0}] {
        *counted += static_cast<int>(by + spare);
      });
    }
    event.Emit();
    EXPECT_EQ(calls, 1) << small;
    event.Emit();
    EXPECT_EQ(calls, 1) << small;
    EXPECT_EQ(event.count(), 1);
  }
}

TEST(Event, TakesAOnceListenerThatAddsItselfAgain) {
  Event<> event;
  struct Again {
    Event<>* event;
    static int& calls() {
      static int count = 0;
      return count;
    }
    void operator()() const {
      ++calls();
      event->Once(*this);
    }
  };
  Again::calls() = 0;
  event.Once(Again{&event});
  for (int i = 0; i < 3; ++i) event.Emit();
  EXPECT_EQ(Again::calls(), 3);
  event([] {});
  for (int i = 0; i < 3; ++i) event.Emit();
  EXPECT_EQ(Again::calls(), 6);
  EXPECT_EQ(event.count(), 2);
}

TEST(Event, SkipsTheRestWhenAListenerThrows) {
  Event<> event;
  int calls = 0;
  event([] { throw std::string("boom"); });
  event([&] { ++calls; });
  EXPECT_THROW(event.Emit(), std::string);
  EXPECT_EQ(calls, 0);
}

TEST(Event, OutlivesNoListenerThatDestroysIt) {
  auto event = std::make_unique<Event<>>();
  int calls = 0;
  (*event)([&] { event.reset(); });
  (*event)([&] { ++calls; });
  event->Emit();
  EXPECT_EQ(calls, 1);
}

TEST(Event, ReleasesWhatItsListenersHeldWhenCleared) {
  Event<> event;
  const auto held = std::make_shared<int>(0);
  event([held] {});
  EXPECT_EQ(held.use_count(), 2);
  event.Clear();
  EXPECT_EQ(held.use_count(), 1);
}

struct Two final : Emitter {
  MemberEvent<int> a{*this};
  MemberEvent<> b{*this};
};

TEST(MemberEvent, HasListenersOfItsOwn) {
  Two two;
  std::string calls;
  const ListenerId first = two.a([&](int n) { calls += std::to_string(n); });
  two.b([&] { calls += "b"; });
  two.a.Once([&](int) { calls += "once"; });
  EXPECT_TRUE(two.a.Emit(1));
  EXPECT_TRUE(two.b.Emit());
  two.b.Remove(first);  // of another event
  EXPECT_EQ(two.a.count(), 1);
  two.a.Remove(first);
  EXPECT_FALSE(two.a.Emit(2));
  EXPECT_EQ(calls, "1onceb");
}

TEST(MemberEvent, IsClearedWithItsEmitter) {
  Two two;
  int calls = 0;
  two.a([&](int) {
    ++calls;
    two.Clear();
  });
  two.a([&](int) { ++calls; });
  two.b([&] { ++calls; });
  two.a.Emit(0);
  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(two.a.Emit(0));
  EXPECT_FALSE(two.b.Emit());
}

TEST(MemberEvent, TakesAByte) { EXPECT_EQ(sizeof(MemberEvent<int>), 1u); }

TEST(Event, KeepsTheStateOfAListenerThatHasOne) {
  Event<> event;
  int last = 0;
  event([&last, n = 0]() mutable { last = ++n; });
  event.Emit();
  event.Emit();
  EXPECT_EQ(last, 2);
}

}  // namespace
}  // namespace simloop::net
