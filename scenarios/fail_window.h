// FailWindow: for which values of a duration a scenario fails in the calm run,
// to the nanosecond.
//
// Between two values whose runs have the same things in the same order nothing
// else happens; where they differ, the place is found by bisection. What is
// found is exact but for what comes and goes again between two values that look
// alike and are nearer to each other than the grid.
#ifndef SCENARIOS_FAIL_WINDOW_H_
#define SCENARIOS_FAIL_WINDOW_H_

#include <cstdint>
#include <map>
#include <vector>

#include "scenarios/parameter.h"
#include "scenarios/scenario.h"

namespace simloop::scenarios {

class FailWindow final {
 public:
  // The range has so many parts to begin with.
  static constexpr int64_t kGrid = 128;
  // Then only where runs fail and hold is bisected any more.
  static constexpr uint64_t kMostRuns = 100'000;

  // In nanoseconds; both ends are of it.
  struct Span {
    int64_t from = 0;
    int64_t to = 0;
  };

  // `parameter` must outlive it.
  FailWindow(Scenario scenario, const Parameter& parameter)
      : scenario_(std::move(scenario)), parameter_(parameter) {}

  // The values from `from` to `to` that fail, in order.
  std::vector<Span> Find(int64_t from, int64_t to);
  uint64_t runs() const { return runs_; }

 private:
  struct Seen {
    bool fails = false;
    uint64_t order = 0;  // a hash of what happens, without times
    bool operator==(const Seen&) const = default;
  };

  const Seen& At(int64_t value);
  void Bisect(int64_t from, int64_t to);

  Scenario scenario_;
  const Parameter& parameter_;
  std::map<int64_t, Seen> seen_;
  uint64_t runs_ = 0;
};

// Whether the scenario's calm run fails.
bool FailsCalm(const Scenario& scenario);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_FAIL_WINDOW_H_
