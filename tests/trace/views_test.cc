// Each view's text of the sample runs.
#include <string>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/trace/golden.h"
#include "tests/trace/run_builder.h"
#include "tests/trace/sample_runs.h"
#include "trace/anatomy_view.h"
#include "trace/events_view.h"
#include "trace/ladder_row.h"
#include "trace/ladder_view.h"
#include "trace/strace_view.h"

namespace simloop::trace {
namespace {

TEST(EventsView, PrintsNotesAsNodesTestProgramsDo) {
  const std::string got = EventsView(AnatomyRun());
  EXPECT_EQ(got, Golden("anatomy.events", got));
}

TEST(AnatomyView, PrintsCallsAndWatchersBetweenTheEvents) {
  const std::string got = AnatomyView(AnatomyRun());
  EXPECT_EQ(got, Golden("anatomy.anatomy", got));
}

TEST(AnatomyView, NamesTheHostWhereThereAreSeveral) {
  const std::string got = AnatomyView(HandshakeRun());
  EXPECT_EQ(got, Golden("handshake.anatomy", got));
}

TEST(StraceView, PrintsEveryCallInFull) {
  const std::string got = StraceView(AnatomyRun());
  EXPECT_EQ(got, Golden("anatomy.strace", got));
}

TEST(LadderView, DrawsTwoProgramsOfOneProcess) {
  const std::string got = LadderView(AnatomyRun());
  EXPECT_EQ(got, Golden("anatomy.ladder", got));
}

TEST(LadderView, DrawsPacketsThatTakeTimeWhereTheyLeaveAndArrive) {
  const std::string got = LadderView(HandshakeRun());
  EXPECT_EQ(got, Golden("handshake.ladder", got));
}

TEST(LadderView, IsNoWiderThanAsked) {
  for (const size_t width : {62u, 80u, 100u, 120u}) {
    LadderOptions options;
    options.width = width;
    const std::string text = LadderView(AnatomyRun(), options);
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      EXPECT_LE(CellCount(line), width) << line;
    }
  }
}

TEST(LadderView, DrawsAPacketToOneselfInItsColumn) {
  RunBuilder run;
  run.recorder().AddProcess("a",
                            loop::Address::Inet(loop::Ipv4::Loopback(), 0));
  run.Socket(4);
  run.Connect(4, "127.0.0.1:80");
  run.Packet(Packet::Step::kSent, 1, "127.0.0.1:9", "127.0.0.1:80", 2);
  run.Packet(Packet::Step::kDelivered, 1, "127.0.0.1:9", "127.0.0.1:80", 2);
  EXPECT_EQ(LadderView(run.Finish()),
            "              a\n"
            "              127.0.0.1\n"
            "              │\n"
            "  0.000000ms  │ socket(tcp4) -> fdA nonblock,cloexec\n"
            "              │ connect(fdA) -> EINPROGRESS\n"
            "              │ ↻ SYN to 127.0.0.1:80\n");
}

TEST(LadderView, OfAnEmptyRunIsEmpty) { EXPECT_EQ(LadderView(Trace()), ""); }

TEST(LadderRow, WrapsAtSpacesAndCutsTheLastLine) {
  EXPECT_EQ(WrapText("one two three", 8, 2, 3),
            (std::vector<std::string>{"one two", "  three"}));
  EXPECT_EQ(WrapText("watcher.set(fdA,R)", 16, 2, 3),
            (std::vector<std::string>{"watcher.set(fdA,", "  R)"}));
  EXPECT_EQ(WrapText("abcdefghij", 4, 1, 2),
            (std::vector<std::string>{"abcd", " ef…"}));
  EXPECT_EQ(WrapText("a\nb", 8, 2, 3), (std::vector<std::string>{"a?b"}));
  EXPECT_EQ(WrapText("", 8, 2, 3), (std::vector<std::string>{""}));
}

}  // namespace
}  // namespace simloop::trace
