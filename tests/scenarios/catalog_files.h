// CatalogFiles: the scenario files of the catalog, for tests that take each.
#ifndef TESTS_SCENARIOS_CATALOG_FILES_H_
#define TESTS_SCENARIOS_CATALOG_FILES_H_

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scenarios/loader.h"

namespace simloop::scenarios {

// In the order of their names: "scenarios/catalog/net/echo.txtpb". `flawed`:
// with those that fail under some schedule (scenarios/catalog/races).
inline std::vector<std::string> CatalogFiles(bool flawed = false) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator("scenarios/catalog")) {
    const std::string stem = entry.path().stem().string();
    const bool fails =
        stem.size() > 7 && stem.substr(stem.size() - 7) == "_flawed";
    if (entry.path().extension() == ".txtpb" && (flawed || !fails)) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// "net_echo", as the name of a test.
inline std::string CatalogTestName(
    const ::testing::TestParamInfo<std::string>& info) {
  const std::filesystem::path path(info.param);
  return path.parent_path().filename().string() + "_" + path.stem().string();
}

inline Scenario Load(const std::string& file) {
  const absl::StatusOr<Scenario> scenario = LoadScenario(file);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return scenario.ok() ? *scenario : Scenario();
}

}  // namespace simloop::scenarios

#endif  // TESTS_SCENARIOS_CATALOG_FILES_H_
