#include "scenarios/scenario_shrink.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "explore/trying.h"
#include "scenarios/loader.h"
#include "scenarios/scenario_subject.h"
#include "scenarios/text_items.h"

namespace simloop::scenarios {
namespace {

class TextShrinker final {
 public:
  TextShrinker(const Scenario& scenario, const std::string& way,
               absl::FunctionRef<void(uint64_t)> progress,
               ShrunkScenario* shrunk)
      : file_(scenario.file),
        time_(scenario.time),
        way_(way),
        progress_(progress),
        shrunk_(*shrunk) {
    const absl::StatusOr<Scenario> read = ParseScenario(file_, shrunk->text);
    calm_holds_ = read.ok() &&
                  ScenarioSubject(*read).Run(nullptr, nullptr).failures.empty();
  }

  void Shrink() {
    bool smaller = true;
    while (smaller) smaller = RemoveItems(0, shrunk_.text.size(), 0);
    while (HalveCounts()) continue;
  }

 private:
  // Of the part [begin, end): the last first, since what is late in a file
  // needs what is before it. True if something went.
  bool RemoveItems(size_t begin, size_t end, int depth) {
    bool removed = false;
    const std::vector<TextItem> items = ItemsOf(shrunk_.text, begin, end);
    for (size_t i = items.size(); i-- > 0;) {
      const TextItem& item = items[i];
      if (Try(WithoutPart(shrunk_.text, item.begin, item.end))) {
        removed = true;
      } else if (item.inner_begin != 0 && depth < 2) {
        removed =
            RemoveItems(item.inner_begin, item.inner_end, depth + 1) || removed;
      }
    }
    return removed;
  }

  // Whole numbers in quotes: counts of programs' arguments.
  bool HalveCounts() {
    for (size_t at = 0; at < shrunk_.text.size(); ++at) {
      at = shrunk_.text.find("value: \"", at);
      if (at == std::string::npos) return false;
      const size_t from = at + 8;
      const size_t to = shrunk_.text.find('"', from);
      uint64_t count = 0;
      if (to == std::string::npos ||
          !absl::SimpleAtoi(
              absl::string_view(shrunk_.text).substr(from, to - from),
              &count) ||
          count < 2) {
        continue;
      }
      if (Try(absl::StrCat(shrunk_.text.substr(0, from), count / 2,
                           shrunk_.text.substr(to)))) {
        return true;
      }
    }
    return false;
  }

  bool Try(const std::string& text) {
    absl::StatusOr<Scenario> scenario = ParseScenario(file_, text);
    if (!scenario.ok()) return false;
    scenario->time = time_;
    progress_(++shrunk_.runs);
    ScenarioSubject subject(*scenario);
    explore::DecidedRun run =
        explore::RunDecisions(subject, shrunk_.decisions, nullptr);
    if (!run.trial.Fails(way_)) return false;
    // A race that is one no more, for the calm run fails too, is another.
    if (calm_holds_ && !subject.Run(nullptr, nullptr).failures.empty()) {
      return false;
    }
    shrunk_.text = text;
    shrunk_.decisions = std::move(run.decisions);
    return true;
  }

  const std::string& file_;
  const sim::TimeMode time_;
  const std::string& way_;
  absl::FunctionRef<void(uint64_t)> progress_;
  ShrunkScenario& shrunk_;
  bool calm_holds_ = false;
};

}  // namespace

ShrunkScenario ShrinkScenario(const Scenario& scenario, std::string text,
                              std::vector<explore::Decision> decisions,
                              const std::string& way,
                              absl::FunctionRef<void(uint64_t)> progress) {
  ShrunkScenario shrunk{std::move(text), std::move(decisions), 0};
  TextShrinker(scenario, way, progress, &shrunk).Shrink();
  return shrunk;
}

}  // namespace simloop::scenarios
