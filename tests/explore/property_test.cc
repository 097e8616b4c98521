// Properties of a user's own world, as examples to copy: in every order it
// holds; a race is found and told; what a run may not depend on is caught.
#include "explore/property.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "explore/bytes_scheduler.h"
#include "explore/generators.h"
#include "explore/strategy.h"
#include "explore/trying.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "trace/comparer.h"

namespace simloop::explore {
namespace {

using ::testing::HasSubstr;

loop::Instant At(int64_t millis) {
  return loop::Instant() + absl::Milliseconds(millis);
}

// Two tasks of different hosts at one instant; `who` is the last one's.
std::string LastOfTwo(sim::World& world) {
  std::string who;
  world.At(
      At(1), "a", [&] { who = "a"; }, 0);
  world.At(
      At(1), "b", [&] { who = "b"; }, 1);
  world.Run(At(10));
  return who;
}

TEST(Property, HoldsWhereEveryOrderDoes) {
  WorldSubject subject([](sim::World& world, std::vector<Failure>* failures) {
    if (LastOfTwo(world).empty()) failures->push_back({"nobody came", ""});
  });
  EXPECT_ALWAYS_HOLDS(subject, PropertyOptions());
}

TEST(Property, TellsTheDecisionsOfAnOrderThatFails) {
  WorldSubject subject([](sim::World& world, std::vector<Failure>* failures) {
    if (LastOfTwo(world) == "a") failures->push_back({"a was last", ""});
  });
  EXPECT_THAT(FirstFailure(subject, PropertyOptions()),
              HasSubstr("a was last"));
  EXPECT_THAT(FirstFailure(subject, PropertyOptions()),
              HasSubstr("\n  a order = 1"));
}

TEST(Property, PutsInAnyOrderWhatMayComeAtAnyTime) {
  // The first may take 10 ms, the second is there in 1; a share of a 63rd of
  // the time does not come between 1 ms and 1.1 ms.
  const auto body = [](sim::World& world, std::vector<Failure>* failures) {
    std::string order;
    world.AtWithin(At(0), absl::Milliseconds(10), "loose", "fault#1",
                   [&] { order += "l"; });
    world.At(At(1), "first", [&] { order += "1"; });
    world.At(At(1) + absl::Microseconds(100), "second", [&] { order += "2"; });
    world.Run(At(20));
    if (order == "1l2") failures->push_back({"between", ""});
  };
  WorldSubject drawn(body);
  EXPECT_ALWAYS_HOLDS(drawn, PropertyOptions());
  WorldSubject any_order(body, sim::TimeMode::kAnyOrder);
  for (const std::string& strategy : StrategyNames()) {
    PropertyOptions options;
    options.strategy = strategy;
    EXPECT_THAT(FirstFailure(any_order, options), HasSubstr("between"))
        << strategy;
  }
}

// Nondeterminism that was planted in a program, and is caught.
std::string Caught(absl::AnyInvocable<std::string()> what) {
  WorldSubject subject([&](sim::World& world, std::vector<Failure>*) {
    world.At(At(1), "task", [&] {
      world.recorder()->Add(trace::kNoProcess, 0,
                            trace::Note{"program", "says", what()});
    });
    world.Run(At(10));
  });
  trace::Trace first;
  trace::Trace second;
  RunDecisions(subject, {}, &first);
  RunDecisions(subject, {}, &second);
  // Where it is located.
  EXPECT_THAT(trace::CompareTraces(first, second),
              HasSubstr("note: program says"));
  return FirstFailure(subject, PropertyOptions());
}

TEST(Property, CatchesTheRealClock) {
  EXPECT_THAT(Caught([] {
                // CLOCK_MONOTONIC, past what a test may name.
                int64_t now[2] = {0, 0};
                syscall(SYS_clock_gettime, 1, now);
                return absl::StrCat(now[0], ".", now[1]);
              }),
              HasSubstr("comes out differently"));
}

TEST(Property, CatchesTheOrderOfAddresses) {
  std::vector<std::unique_ptr<std::string>> kept;
  EXPECT_THAT(Caught([&] {
                // Each run's object lies elsewhere.
                kept.push_back(std::make_unique<std::string>("object"));
                return absl::StrCat(
                    absl::Hex(reinterpret_cast<uint64_t>(kept.back().get())));
              }),
              HasSubstr("comes out differently"));
}

TEST(BytesScheduler, IsCalmWithoutBytes) {
  WorldSubject subject([](sim::World& world, std::vector<Failure>* failures) {
    if (LastOfTwo(world) == "a") failures->push_back({"a was last", ""});
  });
  BytesScheduler calm(nullptr, 0);
  EXPECT_TRUE(subject.Run(&calm, nullptr).failures.empty());
  const uint8_t bytes[] = {1};
  BytesScheduler other(bytes, 1);
  EXPECT_FALSE(subject.Run(&other, nullptr).failures.empty());
}

RC_GTEST_PROP(Generators, MakeLinksThatAWorldTakes, ()) {
  const sim::LinkOptions link = *LinkGenerator();
  RandomScheduler scheduler(*SeedGenerator());
  sim::World world(&scheduler, *TimeModeGenerator());
  sim::HostOptions a;
  a.name = "a";
  a.address = *loop::Ipv4::Parse("10.0.0.1");
  a.freedoms = *FreedomsGenerator();
  sim::HostOptions b = a;
  b.name = "b";
  b.address = *loop::Ipv4::Parse("10.0.0.2");
  sim::Host& from = world.AddHost(a);
  sim::Host& to = world.AddHost(b);
  world.AddLink(from, to, link);
  RC_ASSERT(world.Run(At(1)) == sim::World::End::kIdle);
}

}  // namespace
}  // namespace simloop::explore
