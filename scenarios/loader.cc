#include "scenarios/loader.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "scenarios/input_file.h"
#include "scenarios/scenario_check.h"
#include "scenarios/scenario_text.h"

namespace simloop::scenarios {

absl::StatusOr<Scenario> LoadScenario(const std::string& path) {
  const absl::StatusOr<std::string> text =
      ReadInputFile(path, kLargestScenarioBytes);
  if (!text.ok()) return text.status();
  return ParseScenario(path, *text);
}

absl::StatusOr<Scenario> ParseScenario(const std::string& file,
                                       absl::string_view text) {
  if (absl::StripAsciiWhitespace(text).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        file,
        ":1:1: the file is empty; expected a scenario (docs/scenarios.md)"));
  }
  const absl::StatusOr<std::unique_ptr<ScenarioText>> parsed =
      ParseScenarioText(file, text);
  if (!parsed.ok()) return parsed.status();
  return CheckScenario(file, **parsed);
}

}  // namespace simloop::scenarios
