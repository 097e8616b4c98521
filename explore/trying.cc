#include "explore/trying.h"

#include <optional>
#include <utility>

#include "explore/feature_list.h"
#include "explore/order_print.h"
#include "explore/recording_scheduler.h"
#include "explore/replay_scheduler.h"

namespace simloop::explore {

Observation Try(Subject& subject, const Strategy& strategy,
                const Attempt& attempt, bool check) {
  const Strategy::Wants wants = strategy.wants();
  const std::unique_ptr<AttemptScheduler> scheduler =
      strategy.MakeScheduler(attempt);
  sim::Scheduler* top = scheduler.get();
  std::optional<OrderPrint> print;
  if (wants.sites != nullptr) top = &print.emplace(*top, *wants.sites);
  std::optional<RecordingScheduler> recording;
  if (wants.features) top = &recording.emplace(*top);
  FeatureList features;
  Trial trial = subject.Run(top, wants.features ? &features : nullptr);

  Observation seen;
  seen.number = attempt.number;
  seen.hash = trial.hash;
  for (Failure& failure : trial.failures) {
    seen.ways.push_back(std::move(failure.way));
  }
  seen.shown = std::move(trial.shown);
  seen.branches = scheduler->Branches();
  if (print) seen.order = print->print();
  if (recording) {
    seen.features = features.Features();
    seen.decisions = recording->decisions();
  }
  if (check) {
    seen.unequal =
        RunAttempt(subject, strategy, attempt, nullptr).trial.hash != seen.hash;
  }
  return seen;
}

DecidedRun RunAttempt(Subject& subject, const Strategy& strategy,
                      const Attempt& attempt, trace::Sink* sink) {
  const std::unique_ptr<AttemptScheduler> scheduler =
      strategy.MakeScheduler(attempt);
  RecordingScheduler recording(*scheduler);
  DecidedRun run;
  run.trial = subject.Run(&recording, sink);
  run.decisions = recording.decisions();
  run.alternatives = recording.alternatives();
  return run;
}

DecidedRun RunDecisions(Subject& subject,
                        const std::vector<Decision>& decisions,
                        trace::Sink* sink) {
  Schedule schedule;
  schedule.decisions = decisions;
  ReplayScheduler replay(schedule);
  RecordingScheduler recording(replay);
  DecidedRun run;
  run.trial = subject.Run(&recording, sink);
  run.decisions = recording.decisions();
  run.alternatives = recording.alternatives();
  return run;
}

void RunSearchHere(Subject& subject, const Strategy& strategy,
                   uint64_t check_one_in, Search* search) {
  std::vector<Attempt> attempts;
  while (true) {
    attempts.clear();
    const uint64_t place = search->Next(1, &attempts);
    if (attempts.empty()) return;
    const bool check =
        check_one_in != 0 && attempts[0].number % check_one_in == 0;
    search->Take(place, Try(subject, strategy, attempts[0], check));
  }
}

}  // namespace simloop::explore
