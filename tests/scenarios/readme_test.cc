// README.md: what it prints as output is what the program prints.
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "tests/scenarios/binary.h"

namespace simloop::scenarios {
namespace {

std::string Readme() {
  std::ifstream in("README.md");
  return std::string(std::istreambuf_iterator<char>(in),
                     std::istreambuf_iterator<char>());
}

TEST(Readme, ShowsTheLadderOfTheSeedsExample) {
  const Finished run =
      Simloop("run scenarios/catalog/http/anatomy.txtpb --ladder");
  ASSERT_EQ(run.status, 0) << run.out;
  // The diagram ends where the report begins.
  const std::string ladder =
      run.out.substr(0, run.out.find("scenarios/catalog/"));
  ASSERT_GT(ladder.size(), 1000u);
  EXPECT_NE(Readme().find("```\n" + ladder + "```\n"), std::string::npos)
      << "README.md should show this:\n"
      << ladder;
}

}  // namespace
}  // namespace simloop::scenarios
