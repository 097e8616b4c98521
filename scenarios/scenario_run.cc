#include "scenarios/scenario_run.h"

#include <cstddef>

#include "explore/guided_scheduler.h"
#include "explore/random_scheduler.h"
#include "explore/recording_scheduler.h"
#include "scenarios/live_stage.h"
#include "scenarios/simulated_stage.h"
#include "sim/choice.h"

namespace simloop::scenarios {
namespace {

ScenarioRun RunCalm(const Scenario& scenario, trace::Trace* trace) {
  SimulatedStage stage(scenario, nullptr);
  return {Play(scenario, stage, RunKind::kCalm, trace), {}, {}};
}

ScenarioRun RunScheduled(const Scenario& scenario, sim::Scheduler& scheduler,
                         trace::Trace* trace) {
  explore::RecordingScheduler recording(scheduler);
  SimulatedStage stage(scenario, &recording);
  ScenarioRun run;
  run.outcome = Play(scenario, stage, RunKind::kScheduled, trace);
  run.decisions = recording.decisions();
  return run;
}

template <typename Scheduler>
ScenarioRun RunReplayed(const Scenario& scenario,
                        const explore::Schedule& schedule,
                        trace::Trace* trace) {
  Scheduler scheduler(schedule);
  ScenarioRun run = RunScheduled(scenario, scheduler, trace);
  run.unmatched = scheduler.Unmatched();
  return run;
}

// Whether the decisions were taken at the times that the schedule has.
bool AreTheSame(const ScenarioRun& run, const explore::Schedule& schedule) {
  if (run.decisions != schedule.decisions) return false;
  for (size_t i = 0; i < run.decisions.size(); ++i) {
    if (run.decisions[i].at != schedule.decisions[i].at) return false;
  }
  return true;
}

// Names alone if that is still the run that it was, or if times find fewer.
bool GoesByTimes(const Scenario& scenario, const explore::Schedule& schedule) {
  const ScenarioRun by_name =
      RunReplayed<explore::ReplayScheduler>(scenario, schedule, nullptr);
  if (AreTheSame(by_name, schedule)) return false;
  return RunReplayed<explore::GuidedScheduler>(scenario, schedule, nullptr)
             .unmatched.size() <= by_name.unmatched.size();
}

}  // namespace

ScenarioRun RunScenario(const Scenario& scenario, const RunRequest& request,
                        trace::Trace* trace) {
  ScenarioRun run;
  if (request.live) {
    LiveStage stage(scenario);
    run.outcome = Play(scenario, stage, RunKind::kLive, trace);
  } else if (request.schedule != nullptr &&
             !request.schedule->decisions.empty()) {
    const bool by_times =
        request.guided && GoesByTimes(scenario, *request.schedule);
    run = by_times ? RunReplayed<explore::GuidedScheduler>(
                         scenario, *request.schedule, trace)
                   : RunReplayed<explore::ReplayScheduler>(
                         scenario, *request.schedule, trace);
  } else if (request.seed) {
    explore::RandomScheduler scheduler(*request.seed);
    run = RunScheduled(scenario, scheduler, trace);
  } else {
    run = RunCalm(scenario, trace);
  }
  if (trace != nullptr) trace->SetProcesses(run.outcome.processes);
  return run;
}

}  // namespace simloop::scenarios
