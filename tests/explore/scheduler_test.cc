// Schedulers: what they answer to the choices of a world.
#include <vector>

#include "explore/guided_scheduler.h"
#include "explore/random_scheduler.h"
#include "explore/recording_scheduler.h"
#include "explore/replay_scheduler.h"
#include "gtest/gtest.h"

namespace simloop::explore {
namespace {

sim::Choice Delay(absl::string_view name, uint32_t alternatives = 8) {
  return {sim::ChoiceKind::kDelay, name, alternatives};
}

TEST(RandomScheduler, AnswersByNameWhateverWasAskedBefore) {
  RandomScheduler plain(7);
  RandomScheduler disturbed(7);
  disturbed.Pick(Delay("something else"));
  for (const char* name : {"a", "b", "c", "d"}) {
    EXPECT_EQ(plain.Pick(Delay(name)), disturbed.Pick(Delay(name))) << name;
  }
}

TEST(RandomScheduler, TakesEveryAlternativeUnderSomeSeed) {
  std::vector<int> taken(8);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    ++taken.at(RandomScheduler(seed).Pick(Delay("client.connect#1/syn delay")));
  }
  // 25 each on average.
  for (const int count : taken) EXPECT_GT(count, 5);
}

// Of 1,600 seeds, how many take each of `alternatives` ways.
std::vector<int> Taken(sim::ChoiceKind kind, uint32_t alternatives) {
  std::vector<int> taken(alternatives);
  for (uint64_t seed = 0; seed < 1600; ++seed) {
    ++taken.at(RandomScheduler(seed).Pick({kind, "name", alternatives}));
  }
  return taken;
}

TEST(RandomScheduler, IsAlikeToAllWaysOfTimeAndOrder) {
  for (const auto kind : {sim::ChoiceKind::kOrder, sim::ChoiceKind::kDelay,
                          sim::ChoiceKind::kWakeup, sim::ChoiceKind::kPort,
                          sim::ChoiceKind::kReady}) {
    for (const int count : Taken(kind, 4)) EXPECT_NEAR(count, 400, 60);
  }
}

TEST(RandomScheduler, CutsHalfOfTheTransfers) {
  const std::vector<int> taken = Taken(sim::ChoiceKind::kTransfer, 3);
  EXPECT_NEAR(taken[0], 800, 80);
  EXPECT_NEAR(taken[1], 400, 60);
  EXPECT_NEAR(taken[2], 400, 60);
  EXPECT_NEAR(Taken(sim::ChoiceKind::kAbort, 2)[1], 800, 80);
}

TEST(RandomScheduler, SeldomAnswersWithAnErrorThatAsksForAnotherTry) {
  // An eighth of 1,600.
  for (const auto kind : {sim::ChoiceKind::kSignal, sim::ChoiceKind::kBacklog,
                          sim::ChoiceKind::kMemory}) {
    EXPECT_NEAR(Taken(kind, 2)[1], 200, 45);
  }
}

TEST(RandomScheduler, GivesEachSeedTheSameAnswerOnEveryMachine) {
  EXPECT_EQ(RandomScheduler(1).Pick(Delay("x", 1'000'000)), 985215u);
  EXPECT_EQ(RandomScheduler(2).Pick(Delay("x", 1'000'000)), 190406u);
}

TEST(ReplayScheduler, IsCalmWhereTheScheduleIsSilent) {
  const Schedule schedule = {{}, {{"b", 3}}};
  ReplayScheduler replay(schedule);
  EXPECT_EQ(replay.Pick(Delay("a")), 0u);
  EXPECT_EQ(replay.Pick(Delay("b")), 3u);
  EXPECT_TRUE(replay.Unmatched().empty());
}

TEST(ReplayScheduler, TellsWhatFoundNoPlace) {
  const Schedule schedule = {{}, {{"gone", 1}, {"narrow", 5}, {"calm", 0}}};
  ReplayScheduler replay(schedule);
  EXPECT_EQ(replay.Pick(Delay("narrow", 4)), 0u);
  const auto unmatched = replay.Unmatched();
  ASSERT_EQ(unmatched.size(), 2u);
  EXPECT_EQ(unmatched[0].decision.name, "gone");
  EXPECT_EQ(unmatched[0].alternatives, 0u);
  EXPECT_EQ(unmatched[1].decision.name, "narrow");
  EXPECT_EQ(unmatched[1].alternatives, 4u);
}

TEST(GuidedScheduler, KnowsTurnsAgainByTheirTimes) {
  const loop::Instant start;
  const Schedule schedule = {
      {},
      {{"h.wake#3 wakeup", 4, start},
       {"h.wake#4 wakeup", 5, start + absl::Milliseconds(1)},
       {"h.wake#6 order", 1},
       {"h.connect#1/syn delay", 2}}};
  GuidedScheduler guided(schedule);
  // No event has happened: it is the start.
  EXPECT_EQ(guided.Pick({sim::ChoiceKind::kWakeup, "h.wake#5 wakeup", 8}), 4u);
  EXPECT_EQ(guided.Pick({sim::ChoiceKind::kWakeup, "h.wake#6 wakeup", 8}), 0u);
  EXPECT_EQ(guided.Pick({sim::ChoiceKind::kWakeup, "g.wake#3 wakeup", 8}), 0u);
  // Without a time, and what is no turn: by name.
  EXPECT_EQ(guided.Pick({sim::ChoiceKind::kOrder, "h.wake#6 order", 2}), 1u);
  EXPECT_EQ(guided.Pick(Delay("h.connect#1/syn delay")), 2u);
  ASSERT_EQ(guided.Unmatched().size(), 1u);
  EXPECT_EQ(guided.Unmatched()[0].decision.name, "h.wake#4 wakeup");
}

TEST(RecordingScheduler, WritesDownWhatIsNotCalm) {
  const Schedule schedule = {{}, {{"b", 3}}};
  ReplayScheduler replay(schedule);
  RecordingScheduler recording(replay);
  recording.Pick(Delay("a"));
  recording.Pick(Delay("b"));
  EXPECT_EQ(recording.decisions(), schedule.decisions);
  EXPECT_EQ(recording.asked(), 2u);
}

}  // namespace
}  // namespace simloop::explore
