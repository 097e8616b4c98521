// The words of a command line, right and wrong.
#include "scenarios/commands/options.h"

#include "gtest/gtest.h"

namespace simloop::scenarios {
namespace {

const std::vector<OptionSpec>& Specs() {
  static const auto* const specs =
      new std::vector<OptionSpec>{{"--seed", "N", ""}, {"--live", nullptr, ""}};
  return *specs;
}

std::string ErrorOf(const std::vector<std::string>& words) {
  const absl::StatusOr<Options> options = Options::Parse(words, Specs());
  return options.ok() ? "" : std::string(options.status().message());
}

TEST(Options, TakesValuesInBothForms) {
  const absl::StatusOr<Options> a =
      Options::Parse({"f", "--seed", "7", "--live"}, Specs());
  const absl::StatusOr<Options> b = Options::Parse({"--seed=7", "f"}, Specs());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(*a->Number("--seed", 0, 9, 0), 7u);
  EXPECT_EQ(*b->Number("--seed", 0, 9, 0), 7u);
  EXPECT_TRUE(a->Has("--live"));
  EXPECT_FALSE(b->Has("--live"));
  EXPECT_EQ(a->operands(), std::vector<std::string>{"f"});
}

TEST(Options, TakesAllAfterTwoDashesAsOperands) {
  const absl::StatusOr<Options> options =
      Options::Parse({"--", "--seed"}, Specs());
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->operands(), std::vector<std::string>{"--seed"});
}

TEST(Options, NamesTheNearestOption) {
  EXPECT_EQ(ErrorOf({"--sed", "7"}),
            "there is no option --sed; did you mean \"--seed\"?; expected one "
            "of --seed, --live");
}

TEST(Options, RefusesMissingUnwantedAndSecondValues) {
  EXPECT_EQ(ErrorOf({"--seed"}), "--seed has no value; expected --seed N");
  EXPECT_EQ(ErrorOf({"--live=1"}), "--live takes no value");
  EXPECT_EQ(ErrorOf({"--live", "--live"}), "--live is given twice");
}

TEST(Options, RefusesWhatIsNoNumberInRange) {
  const absl::StatusOr<Options> options =
      Options::Parse({"--seed", "-1"}, Specs());
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->Number("--seed", 0, 9, 0).status().message(),
            "--seed is \"-1\"; expected a whole number, 0 to 9");
}

}  // namespace
}  // namespace simloop::scenarios
