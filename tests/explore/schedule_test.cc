// Schedules: their text, read and written, and what is wrong with a wrong one.
#include "explore/schedule.h"

#include "gtest/gtest.h"

namespace simloop::explore {
namespace {

std::string ErrorOf(absl::string_view text) {
  const absl::StatusOr<Schedule> schedule = ParseSchedule(text, "f");
  if (schedule.ok()) return "";
  const absl::string_view message = schedule.status().message();
  return std::string(message.data(), message.size());
}

TEST(Schedule, IsReadAsItWasWritten) {
  Schedule schedule;
  schedule.Set("scenario", "a.txtpb");
  schedule.Set("seed", "7");
  schedule.Set("seed", "8");
  schedule.decisions = {{"client.connect#1/syn delay", 3},
                        {"server.wake#4~2 order", 1}};
  const std::string text = ScheduleText(schedule);
  EXPECT_EQ(text,
            "# simloop schedule 1\n"
            "scenario a.txtpb\n"
            "seed 8\n"
            "decide client.connect#1/syn delay = 3\n"
            "decide server.wake#4~2 order = 1\n");
  const absl::StatusOr<Schedule> read = ParseSchedule(text, "f");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->decisions, schedule.decisions);
  EXPECT_EQ(read->Get("seed"), "8");
  EXPECT_EQ(read->Get("hash"), "");
}

TEST(Schedule, PassesOverCommentsBlankLinesAndCarriageReturns) {
  const absl::StatusOr<Schedule> read = ParseSchedule(
      "# simloop schedule 1\r\n\r\n# why\r\ndecide a delay = 2\r\n", "f");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->decisions, (std::vector<Decision>{{"a delay", 2}}));
}

TEST(Schedule, SaysWhereItIsWrongAndWhatWasExpected) {
  EXPECT_EQ(ErrorOf(""),
            "f:1:1: not a schedule: expected the line "
            "\"# simloop schedule 1\", got \"\"");
  EXPECT_EQ(ErrorOf("# simloop schedule 1\ndecide x\n"),
            "f:2:8: expected `decide NAME = PICK`, got \"decide x\"");
  EXPECT_EQ(ErrorOf("# simloop schedule 1\n\ndecide x delay = -1\n"),
            "f:3:18: expected the number of an alternative, 0 or more, got "
            "\"-1\"");
  EXPECT_EQ(ErrorOf("# simloop schedule 1\ndecide x = 1\ndecide x = 2\n"),
            "f:3:8: decided twice: \"x\"; expected each name once");
  EXPECT_EQ(ErrorOf("# simloop schedule 1\nnoise\n"),
            "f:2:1: expected `decide NAME = PICK` or `KEY VALUE`, got "
            "\"noise\"");
}

TEST(Schedule, KeepsTheTimesOfTurns) {
  const std::string text =
      "# simloop schedule 1\n"
      "decide client.wake#6 wakeup = 4 at 4.857142ms\n"
      "decide client.wake#9 order = 1\n";
  const absl::StatusOr<Schedule> schedule = ParseSchedule(text, "f");
  ASSERT_TRUE(schedule.ok()) << schedule.status();
  EXPECT_EQ(schedule->decisions[0].at, loop::Instant::FromNanos(4'857'142));
  EXPECT_EQ(schedule->decisions[1].at, std::nullopt);
  EXPECT_EQ(ScheduleText(*schedule), text);
  EXPECT_EQ(
      ErrorOf("# simloop schedule 1\ndecide a.wake#1 order = 1 at noon\n"),
      "f:2:30: expected a time since the start, such as \"1.5ms\", got "
      "\"noon\"");
}

}  // namespace
}  // namespace simloop::explore
