#include "explore/property.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "explore/recording_scheduler.h"
#include "explore/replay_scheduler.h"
#include "explore/search.h"
#include "explore/shrink.h"
#include "explore/strategy.h"
#include "explore/trying.h"

namespace simloop::explore {
namespace {

// One run of so many is made twice.
constexpr uint64_t kCheckOneIn = 20;

uint64_t CountChoices(Subject& subject) {
  const Schedule calm;
  ReplayScheduler replay(calm);
  RecordingScheduler counting(replay);
  subject.Run(&counting, nullptr);
  return counting.asked();
}

}  // namespace

// Not inline: g++ 12 sees an uninitialized value in the move where it is.
WorldSubject::WorldSubject(Body body, sim::TimeMode time)
    : body_(std::move(body)), time_(time) {}

Trial WorldSubject::Run(sim::Scheduler* scheduler, trace::Sink* sink) {
  Trial trial;
  sim::World world(scheduler, time_);
  trace::Recorder recorder(world, sink);
  world.SetRecorder(&recorder);
  body_(world, &trial.failures);
  trial.hash = recorder.hash();
  trial.records = recorder.last();
  world.SetRecorder(nullptr);
  return trial;
}

std::string FirstFailure(Subject& subject, const PropertyOptions& options) {
  StrategyOptions wanted;
  wanted.name = options.strategy;
  wanted.seed = options.seed;
  wanted.bound = options.bound;
  wanted.sites = subject.Sites();
  wanted.choices = CountChoices(subject);
  const std::unique_ptr<Strategy> strategy = MakeStrategy(wanted);
  Search search(*strategy, {options.runs, /*until_failure=*/true});
  RunSearchHere(subject, *strategy, kCheckOneIn, &search);
  const SearchTally& tally = search.tally();
  if (tally.unequal) {
    return absl::StrCat("run ", tally.unequal->number,
                        " comes out differently when it is run again");
  }
  if (tally.found.empty()) return "";
  const Found& found = tally.found[0];
  const DecidedRun run = RunAttempt(subject, *strategy, found.first, nullptr);
  const std::vector<Decision> decisions =
      Shrinker(subject, found.way, [](size_t, uint64_t) {
      }).Shrink(run.decisions);
  std::string text =
      absl::StrCat(found.way, " (run ", found.first.number, " of ",
                   options.strategy, " from seed ", options.seed, ")");
  for (const Decision& decision : decisions) {
    absl::StrAppend(&text, "\n  ", decision.name, " = ", decision.pick);
  }
  return text;
}

}  // namespace simloop::explore
