// A search catches a program whose runs differ from one time to the next, says
// where they part, and ends with exit status 3.
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/binary.h"

namespace simloop::scenarios {
namespace {

using ::testing::HasSubstr;

constexpr char kPlanted[] = "tests/scenarios/planted_simloop";

constexpr char kScenario[] = R"pb(
  host { name: "server" }
  host { name: "client" }
  link { a: "client" b: "server" latency: "1ms" jitter: "1ms" }
  program { host: "server" name: "server" run: "echo_server" }
  step { at: "1s" program: "server" do: "close" }
)pb";
constexpr char kProgram[] = R"(
  program {
    host: "client"
    name: "client"
    run: "planted"
    arg { key: "host" value: "server" }
    arg { key: "source" value: "$0" }
    start_after: "server listening"
  }
)";

// Searches a scenario in which `source` is planted.
Finished Search(const std::string& source) {
  const std::string path =
      absl::StrCat(testing::TempDir(), "/", source, ".txtpb");
  std::ofstream(path) << kScenario << absl::Substitute(kProgram, source);
  const std::string out = absl::StrCat(testing::TempDir(), "/", source);
  std::filesystem::remove_all(out);
  return Run(absl::StrCat(kPlanted, " search ", path,
                          " --runs 200 --jobs 1 --out ", out));
}

TEST(SelfCheck, CatchesTheOrderOfAddresses) {
  const Finished search = Search("addresses");
  EXPECT_EQ(search.status, 3) << search.out;
  EXPECT_THAT(search.out, HasSubstr("client greets peer-"));
}

TEST(SelfCheck, CatchesTheOrderOfAHashTable) {
  // Where the table lies decides its order, so that two runs of one process
  // may have one order; those of two processes then have two.
  const Finished search = Search("hash");
  EXPECT_EQ(search.status, 3) << search.out;
  EXPECT_THAT(search.out, HasSubstr("client greets peer-"));
}

TEST(SelfCheck, CatchesWhatOnlyAnotherProcessShows) {
  const Finished search = Search("process");
  EXPECT_EQ(search.status, 3) << search.out;
  EXPECT_THAT(search.out, HasSubstr("in another process"));
  EXPECT_THAT(search.out, HasSubstr("client is process "));
}

TEST(SelfCheck, CatchesTheRealClock) {
  const Finished search = Search("clock");
  EXPECT_EQ(search.status, 3) << search.out;
  EXPECT_THAT(search.out, HasSubstr(" client/client <- "));
}

}  // namespace
}  // namespace simloop::scenarios
