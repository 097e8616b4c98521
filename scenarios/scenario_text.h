// ScenarioText: a scenario file parsed as protobuf text, with the place of
// every field, so that what is found wrong later can be pointed at. It knows
// the grammar and the schema, not what the fields mean.
#ifndef SCENARIOS_SCENARIO_TEXT_H_
#define SCENARIOS_SCENARIO_TEXT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "scenarios/scenario.pb.h"

namespace simloop::scenarios {

struct ScenarioText {
  pb::Scenario scenario;
  google::protobuf::TextFormat::ParseInfoTree places;
};

// InvalidArgumentError "file:line:column: what and what was expected", of the
// first fault alone: what follows it would be guesswork. REQUIRES: `file` is
// only a name. Never repeats more than a few words of `text`.
absl::StatusOr<std::unique_ptr<ScenarioText>> ParseScenarioText(
    const std::string& file, absl::string_view text);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SCENARIO_TEXT_H_
