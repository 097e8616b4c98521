// The bench command: each work load is done in full, however small, and what
// is wrong with its words is told in a line. How long anything took is of no
// concern here.
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/scenarios/binary.h"

namespace simloop::scenarios {
namespace {

TEST(Bench, DoesEachWorkLoadInFull) {
  for (const std::string& words : {
           std::string("pingpong 1 1"),
           std::string("pingpong 7 13"),
           std::string("pingpong 20 3 fanin"),
           std::string("pingpong 20 3 star"),
           std::string("bulk 1"),
           std::string("bulk 10000000"),
           std::string("churn 1 1"),
           std::string("churn 500 20"),
           std::string("churn 500 20 end"),
           std::string("idle 250"),
           std::string("http 3 5"),
           std::string("mesh 2 1"),
           std::string("mesh 9 4"),
           std::string("worlds 3"),
           std::string("floor pingpong 5 7"),
           std::string("floor bulk 1000001"),
       }) {
    const Finished run = Simloop("bench " + words);
    EXPECT_EQ(run.status, 0) << words << ": " << run.out;
    EXPECT_TRUE(absl::StartsWith(run.out, "{\"peer\": \"")) << run.out;
    for (const char* field : {"work", "n", "r", "wall_s", "cpu_s", "events",
                              "sim_s", "rss_mb", "bytes_per_conn"}) {
      EXPECT_TRUE(absl::StrContains(
          run.out, std::string("\"").append(field).append("\": ")))
          << words << ": " << field << " in " << run.out;
    }
  }
}

// The handshake takes 2 ms of virtual time until the client may write, ten
// round trips 20 ms, the FINs 1 ms each: 24 ms, and less than 0.1 ms on the
// wire of 10 Gbit/s.
TEST(Bench, CountsVirtualTime) {
  const Finished run = Simloop("bench pingpong 1 10");
  EXPECT_TRUE(absl::StrContains(run.out, "\"sim_s\": 0.024")) << run.out;
}

TEST(Bench, SaysWhatIsWrongInALine) {
  for (const std::string& words : {
           std::string(""),
           std::string("pingpnog 1 1"),
           std::string("pingpong"),
           std::string("pingpong 1"),
           std::string("pingpong 1 2 ring"),
           std::string("pingpong 1 2 star 3"),
           std::string("pingpong 0 1"),
           std::string("pingpong -1 1"),
           std::string("pingpong 1e3 1"),
           std::string("pingpong 99999999999999999999 1"),
           std::string("bulk"),
           std::string("bulk 1 1"),
           std::string("floor"),
           std::string("floor churn 1 1"),
           std::string("floor pingpong 1 1 star"),
           std::string("all of it"),
           std::string("--fast pingpong 1 1"),
       }) {
    const Finished run = Simloop("bench " + words);
    EXPECT_EQ(run.status, 2) << words << ": " << run.out;
    EXPECT_TRUE(absl::StartsWith(run.out, "simloop: bench: ")) << run.out;
    EXPECT_EQ(run.out.find('\n'), run.out.size() - 1) << run.out;
  }
}

}  // namespace
}  // namespace simloop::scenarios
