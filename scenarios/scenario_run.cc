#include "scenarios/scenario_run.h"

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

}  // namespace

ScenarioRun RunScenario(const Scenario& scenario, const RunRequest& request,
                        trace::Trace* trace) {
  ScenarioRun run;
  if (request.live) {
    LiveStage stage(scenario);
    run.outcome = Play(scenario, stage, RunKind::kLive, trace);
  } else if (request.schedule != nullptr &&
             !request.schedule->decisions.empty()) {
    explore::ReplayScheduler scheduler(*request.schedule);
    run = RunScheduled(scenario, scheduler, trace);
    run.unmatched = scheduler.Unmatched();
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
