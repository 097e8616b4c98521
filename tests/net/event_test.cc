// The rules of Node's EventEmitter, as net::Event keeps them.
#include "net/event.h"

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

}  // namespace
}  // namespace simloop::net
