// Property: for tests of a user's own programs: whatever the order, it holds.
//
//   TEST(MyServer, AnswersEveryClient) {
//     explore::WorldSubject subject([](sim::World& world, auto* failures) {
//       ... add hosts, links and processes; world.Run(...);
//       if (answers != 3) failures->push_back({"an answer is missing", ""});
//     });
//     EXPECT_ALWAYS_HOLDS(subject, explore::PropertyOptions());
//   }
//
// A failure is shrunk, and told with the decisions that lead to it; they may be
// given to explore::RunDecisions() to run it again.
#ifndef EXPLORE_PROPERTY_H_
#define EXPLORE_PROPERTY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "explore/subject.h"
#include "sim/choice.h"
#include "sim/world.h"

namespace simloop::explore {

struct PropertyOptions {
  std::string strategy = "random";  // StrategyNames()
  uint64_t runs = 1000;
  uint64_t seed = 1;
  // exhaustive: at most so many decisions that are not calm.
  uint32_t bound = UINT32_MAX;
};

// A world that a function makes, runs and judges.
class WorldSubject final : public Subject {
 public:
  using Body =
      absl::AnyInvocable<void(sim::World& world, std::vector<Failure>*)>;

  // `body` is called for each run with a new world that has a recorder. It must
  // depend on nothing else.
  // `time`: its mode.
  explicit WorldSubject(Body body, sim::TimeMode time = sim::TimeMode::kDrawn);
  Trial Run(sim::Scheduler* scheduler, trace::Sink* sink) override;

 private:
  Body body_;
  const sim::TimeMode time_;
};

// "" if all runs hold and are the same when run twice; else how the first one
// that does not fails, with the fewest decisions for it.
std::string FirstFailure(Subject& subject, const PropertyOptions& options);

}  // namespace simloop::explore

// For GoogleTest; as EXPECT_EQ.
#define EXPECT_ALWAYS_HOLDS(subject, options) \
  EXPECT_EQ(::simloop::explore::FirstFailure(subject, options), "")

#endif  // EXPLORE_PROPERTY_H_
