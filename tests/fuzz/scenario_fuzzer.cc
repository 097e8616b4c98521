// A libFuzzer target, meant to be copied: scenario files by mutation of their
// fields. Each is refused with a line that says where, or runs: calm and under
// a seed it ends, and is the same run again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "explore/mix.h"
#include "explore/random_scheduler.h"
#include "loop/check.h"
#include "scenarios/loader.h"
#include "scenarios/scenario_mutation.h"
#include "scenarios/scenario_subject.h"

namespace simloop::scenarios {
namespace {

// What an input may ask for, so that a run takes milliseconds.
constexpr size_t kMostPrograms = 12;
constexpr absl::Duration kLongest = absl::Seconds(2);

bool IsTooLarge(const Scenario& scenario) {
  for (const ProgramPlan& program : scenario.programs) {
    for (const auto& [key, value] : program.args) {
      if (value.size() > 6 && absl::ascii_isdigit(value[0])) return true;
    }
  }
  return scenario.programs.size() > kMostPrograms;
}

void RunTwice(ScenarioSubject* subject, uint64_t seed) {
  explore::RandomScheduler first(seed);
  explore::RandomScheduler second(seed);
  const uint64_t hash = subject->Run(&first, nullptr).hash;
  SIMLOOP_CHECK(subject->Run(&second, nullptr).hash == hash,
                "the same seed is the same run");
}

size_t Answer(const std::string& text, uint8_t* data, size_t most) {
  if (text.size() > most) return 0;
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

absl::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

void RunInput(absl::string_view text) {
  absl::StatusOr<Scenario> scenario = ParseScenario("input", text);
  if (!scenario.ok()) {
    SIMLOOP_CHECK(absl::StartsWith(scenario.status().message(), "input:"),
                  "who is refused is told where");
    return;
  }
  if (IsTooLarge(*scenario)) return;
  scenario->time_limit = std::min(scenario->time_limit, kLongest);
  ScenarioSubject subject(*scenario);
  subject.Run(nullptr, nullptr);
  RunTwice(&subject, explore::MixText(1, text));
}

}  // namespace simloop::scenarios

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  simloop::scenarios::RunInput(simloop::scenarios::TextOf(data, size));
  return 0;
}

// libFuzzer calls these in place of its own mutations of bytes.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t most, unsigned int seed) {
  using namespace simloop::scenarios;  // NOLINT: one function, one file
  return Answer(MutateScenario(TextOf(data, size), seed), data, most);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data, size_t size,
                                            const uint8_t* other,
                                            size_t other_size, uint8_t* out,
                                            size_t most, unsigned int seed) {
  using namespace simloop::scenarios;  // NOLINT: one function, one file
  return Answer(
      CrossScenarios(TextOf(data, size), TextOf(other, other_size), seed), out,
      most);
}
