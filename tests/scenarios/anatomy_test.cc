// The recorded connections of Node, line by line: testdata/ holds what Node
// v0.1.96 and Node 20 printed on Linux for the programs of these scenarios.
#include <string>

#include "gtest/gtest.h"
#include "scenarios/input_file.h"
#include "scenarios/scenario_run.h"
#include "tests/scenarios/catalog_files.h"
#include "trace/anatomy_view.h"
#include "trace/events_view.h"
#include "trace/trace.h"

namespace simloop::scenarios {
namespace {

trace::Trace TraceOf(const std::string& file, bool live) {
  RunRequest request;
  request.live = live;
  trace::Trace trace;
  RunScenario(Load("scenarios/catalog/" + file), request, &trace);
  return trace;
}

std::string Recorded(const std::string& name) {
  const absl::StatusOr<std::string> text =
      ReadInputFile("tests/scenarios/testdata/" + name, 1 << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.ok() ? *text : "";
}

TEST(Anatomy, HasTheEventsOfNodeV0196) {
  EXPECT_EQ(trace::EventsView(TraceOf("http/anatomy.txtpb", false)),
            Recorded("anatomy_v0196.events"));
}

TEST(Anatomy, HasTheCallsAndWatchersOfNodeV0196) {
  EXPECT_EQ(trace::AnatomyView(TraceOf("http/anatomy.txtpb", false)),
            Recorded("anatomy_v0196.anatomy"));
}

TEST(Anatomy, HasTheEventsOfNode20) {
  EXPECT_EQ(trace::EventsView(TraceOf("http/anatomy_modern.txtpb", false)),
            Recorded("anatomy_modern.events"));
}

// A live host has an address of its own, where a simulated one has 127.0.0.1.
std::string WithoutAddress(std::string anatomy) {
  const size_t from = anatomy.find("bind(fdA, 127.");
  if (from == std::string::npos) return anatomy;
  const size_t to = anatomy.find(')', from);
  return anatomy.replace(from, to - from, "bind(fdA, ADDRESS");
}

TEST(Anatomy, IsTheSameOnTheRealKernel) {
  for (const char* file : {"http/anatomy.txtpb", "http/anatomy_modern.txtpb"}) {
    EXPECT_EQ(WithoutAddress(trace::AnatomyView(TraceOf(file, true))),
              WithoutAddress(trace::AnatomyView(TraceOf(file, false))))
        << file;
  }
}

TEST(Echo, HasTheEventsOfNodeV0196) {
  EXPECT_EQ(trace::EventsView(TraceOf("net/echo_v0196.txtpb", false)),
            Recorded("echo_v0196.events"));
}

TEST(Echo, HasTheCallsAndWatchersOfNodeV0196) {
  EXPECT_EQ(trace::AnatomyView(TraceOf("net/echo_v0196.txtpb", false)),
            Recorded("echo_v0196.anatomy"));
}

TEST(Echo, HasTheEventsOfNode20) {
  EXPECT_EQ(trace::EventsView(TraceOf("net/echo_one_process.txtpb", false)),
            Recorded("echo_modern.events"));
}

}  // namespace
}  // namespace simloop::scenarios
