// scenario_fuzzer without libFuzzer: the catalog, mutated and crossed, runs or
// is refused; and mutations are worth a fuzzer's while.
#include "scenarios/scenario_mutation.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scenarios/loader.h"
#include "tests/scenarios/catalog_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace simloop::scenarios {
namespace {

constexpr uint64_t kMutations = 6;  // of each file of the catalog

std::vector<std::string> Texts() {
  std::vector<std::string> texts;
  for (const std::string& file : CatalogFiles(/*flawed=*/true)) {
    std::ifstream in(file);
    texts.emplace_back(std::istreambuf_iterator<char>(in),
                       std::istreambuf_iterator<char>());
  }
  return texts;
}

void Fuzz(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()),
                         text.size());
}

TEST(ScenarioMutation, RunsOrIsRefused) {
  size_t taken = 0;
  size_t changed = 0;
  size_t all = 0;
  for (const std::string& text : Texts()) {
    std::string mutant = text;
    for (uint64_t seed = 1; seed <= kMutations; ++seed) {
      const std::string before = mutant;
      mutant = MutateScenario(mutant, seed);
      ++all;
      changed += mutant != before;
      if (ParseScenario("mutant", mutant).ok()) {
        ++taken;
      } else {
        mutant = text;  // on from what runs
      }
      Fuzz(mutant);
    }
  }
  // Most are taken by the loader, and few are what they were.
  EXPECT_GT(2 * taken, all) << taken << " of " << all;
  EXPECT_GT(10 * changed, 9 * all) << changed << " of " << all;
}

TEST(ScenarioMutation, TakesFieldsOfTwo) {
  const std::vector<std::string> texts = Texts();
  for (size_t i = 1; i < texts.size(); ++i) {
    Fuzz(CrossScenarios(texts[i - 1], texts[i], i));
  }
}

TEST(ScenarioMutation, IsTheSameForASeed) {
  const std::string text = Texts()[0];
  EXPECT_EQ(MutateScenario(text, 7), MutateScenario(text, 7));
  EXPECT_NE(MutateScenario(text, 7), MutateScenario(text, 8));
  EXPECT_TRUE(ParseScenario("none", MutateScenario("no scenario", 0)).ok() ||
              ParseScenario("none", MutateScenario("no scenario", 4)).ok());
}

}  // namespace
}  // namespace simloop::scenarios
