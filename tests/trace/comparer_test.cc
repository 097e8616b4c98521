// The comparer finds the first record that differs, and shows it.
#include "trace/comparer.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/trace/run_builder.h"
#include "tests/trace/sample_runs.h"

namespace simloop::trace {
namespace {

// A server that listens with `backlog`, and what it says then.
Trace ListenRun(int backlog, bool says) {
  RunBuilder run;
  run.recorder().AddProcess("server", *loop::Address::Parse("10.0.0.1:0"));
  run.recorder().AddOwner(0, "echo");
  run.As(0, 1);
  run.Socket(3);
  run.Bind(3, "0.0.0.0:80");
  run.At(1'000'250);
  run.Listen(3, backlog);
  if (says) run.Note("server", "listening");
  return run.Finish();
}

TEST(Comparer, SaysNothingOfEqualRuns) {
  EXPECT_EQ(CompareTraces(AnatomyRun(), AnatomyRun()), "");
  EXPECT_EQ(CompareTraces(Trace(), Trace()), "");
}

TEST(Comparer, ShowsBothSidesOfTheFirstDifferenceAndWhatCameBefore) {
  EXPECT_EQ(CompareTraces(ListenRun(128, true), ListenRun(511, true)),
            "record 3: expected\n"
            "  3 1.000250ms server/echo <- 0: listen(3, 128) = 0\n"
            "got\n"
            "  3 1.000250ms server/echo <- 0: listen(3, 511) = 0\n"
            "after\n"
            "  1 0.000000ms server/echo <- 0: "
            "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0) = 3\n"
            "  2 0.000000ms server/echo <- 0: bind(3, {sa_family=AF_INET, "
            "sin_port=htons(80), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = 0\n");
}

TEST(Comparer, ShowsWhatIsMissingOfARunThatEndsEarly) {
  const std::string report =
      CompareTraces(ListenRun(128, true), ListenRun(128, false));
  EXPECT_EQ(report.substr(0, report.find("after")),
            "record 4: expected\n"
            "  4 1.000250ms server/echo <- 0: note: server listening\n"
            "got\n"
            "  the end of the run\n");
}

TEST(Comparer, ShowsWhatIsTooMuchOfARunThatEndsLate) {
  const std::string report =
      CompareTraces(ListenRun(128, false), ListenRun(128, true));
  EXPECT_EQ(report.substr(0, report.find("after")),
            "record 4: expected\n"
            "  the end of the run\n"
            "got\n"
            "  4 1.000250ms server/echo <- 0: note: server listening\n");
}

TEST(Comparer, FindsADifferenceInTimeCauseOrProcessAlone) {
  const Trace trace = ListenRun(128, false);
  Record record = trace.Get(1);
  EXPECT_TRUE(SameRecord(trace.Get(1), record));
  record.time = loop::Instant::FromNanos(1);
  EXPECT_FALSE(SameRecord(trace.Get(1), record));
  record = trace.Get(1);
  record.cause = 9;
  EXPECT_FALSE(SameRecord(trace.Get(1), record));
  record = trace.Get(1);
  record.process = 1;
  EXPECT_FALSE(SameRecord(trace.Get(1), record));
  record = trace.Get(1);
  record.body = Note{};
  EXPECT_FALSE(SameRecord(trace.Get(1), record));
}

TEST(Comparer, ComparesARunWhileItHappens) {
  const Trace expected = ListenRun(128, true);
  Comparer comparer(expected);
  ManualClock clock;
  Recorder recorder(clock, &comparer);
  EXPECT_EQ(comparer.difference(), 0u);
  recorder.Add(0, 1, Note{"server", "other"});
  EXPECT_EQ(comparer.difference(), 1u);
  recorder.Add(0, 1, Note{"server", "another"});
  EXPECT_EQ(comparer.difference(), 1u);
}

}  // namespace
}  // namespace simloop::trace
