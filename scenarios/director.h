// Director: plays a scenario on a stage: makes its processes, starts and tells
// its programs, runs until the end, and says what came of it.
#ifndef SCENARIOS_DIRECTOR_H_
#define SCENARIOS_DIRECTOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "loop/instant.h"
#include "scenarios/event_list.h"
#include "scenarios/expectation_check.h"
#include "scenarios/scenario.h"
#include "scenarios/stage.h"
#include "trace/recorder.h"

namespace simloop::scenarios {

struct Outcome {
  Stage::End end = Stage::End::kExit;
  // What is wrong with the run, a line each; empty if all holds.
  std::vector<std::string> faults;
  // Of each of them, how the run fails: the same for other runs that fail so.
  std::vector<std::string> ways;
  // What some run should show: WhatIsShown().
  std::vector<std::string> shown;
  std::vector<RunEvent> events;
  // Of the trace (trace::Recorder::hash()).
  uint64_t hash = 0;
  uint64_t records = 0;
  std::vector<trace::ProcessInfo> processes;
  // When the last thing happened.
  loop::Instant ended_at;

  bool holds() const { return faults.empty(); }
};

// Plays `scenario` on `stage`, which must be new. `sink` takes the records; it
// may be null.
Outcome Play(const Scenario& scenario, Stage& stage, RunKind run,
             trace::Sink* sink);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_DIRECTOR_H_
