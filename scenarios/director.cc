#include "scenarios/director.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "scenarios/gate.h"
#include "scenarios/troupe.h"

namespace simloop::scenarios {
namespace {

class Director final {
 public:
  Director(const Scenario& scenario, Stage& stage, trace::Sink* sink)
      : scenario_(scenario),
        stage_(stage),
        gate_(sink, scenario, stage),
        recorder_(stage.clock(), &gate_) {
    stage_.SetRecorder(&recorder_);
    troupe_ = std::make_unique<Troupe>(
        scenario, stage, recorder_,
        [this](size_t program, absl::string_view signal) {
          OnSignal(program, signal);
        });
  }
  ~Director() { stage_.SetRecorder(nullptr); }

  Outcome Play(RunKind run) {
    // A program may raise a signal as it starts.
    struck_.assign(scenario_.faults.size(), false);
    ScheduleSteps();
    ScheduleFaults();
    troupe_->Enter();
    Outcome outcome;
    outcome.end = stage_.Run(loop::Instant() + scenario_.time_limit);
    outcome.hash = recorder_.hash();
    outcome.records = recorder_.last();
    outcome.processes = recorder_.processes();
    outcome.events = gate_.events().events();
    outcome.ended_at = gate_.time();
    gate_.Close(outcome.end == Stage::End::kQuiet);
    AddEnd(&outcome);
    AddUncaught(&outcome);
    for (std::string& fault :
         CheckAssertions(scenario_, outcome.events, &outcome.ways)) {
      outcome.faults.push_back(std::move(fault));
    }
    outcome.shown = WhatIsShown(scenario_, outcome.events);
    for (std::string& fault :
         CheckExpectations(scenario_, outcome.events, run, &outcome.ways)) {
      outcome.faults.push_back(std::move(fault));
    }
    for (const explore::Failure& failure : gate_.sanitizers().found()) {
      outcome.ways.push_back(failure.way);
      outcome.faults.push_back(
          absl::StrCat(scenario_.file, ": ", failure.text));
    }
    return outcome;
  }

 private:
  // Programs that start at 0 do so before any loop is entered.
  void ScheduleSteps() {
    done_.assign(scenario_.steps.size(), false);
    for (size_t i = 0; i < scenario_.steps.size(); ++i) {
      const StepPlan& step = scenario_.steps[i];
      // A program that waits for its start keeps its process, though the
      // process has nothing to do; one that is told something does not.
      if (step.at || step.command.empty()) troupe_->Await(step.program, 1);
    }
    for (size_t i = 0; i < scenario_.steps.size(); ++i) {
      const StepPlan& step = scenario_.steps[i];
      if (!step.at) continue;
      if (step.command.empty() && *step.at == absl::ZeroDuration()) {
        troupe_->Await(step.program, -1);
        Perform(i);
      } else {
        PerformAt(loop::Instant() + *step.at, i);
      }
    }
  }

  std::string NameOf(const StepPlan& step) const {
    return absl::StrCat(scenario_.programs[step.program].name, ".",
                        step.command.empty() ? "start" : step.command);
  }

  void OnSignal(size_t program, absl::string_view signal) {
    for (size_t i = 0; i < scenario_.faults.size(); ++i) {
      const FaultPlan& fault = scenario_.faults[i];
      if (fault.at || fault.at_event || fault.after_program != program ||
          fault.after_signal != signal || struck_[i]) {
        continue;
      }
      // Never within the call that raises the signal: it may end the process.
      struck_[i] = true;
      StrikeAt(stage_.clock().Now(), i);
    }
    for (size_t i = 0; i < scenario_.steps.size(); ++i) {
      const StepPlan& step = scenario_.steps[i];
      if (step.at || step.after_program != program ||
          step.after_signal != signal || done_[i]) {
        continue;
      }
      done_[i] = true;
      if (!step.command.empty()) troupe_->Await(step.program, 1);
      if (troupe_->HostOf(step.program) == troupe_->HostOf(program)) {
        troupe_->Await(step.program, -1);
        Perform(i);
      } else {
        PerformAt(stage_.clock().Now(), i);
      }
    }
  }

  void Perform(size_t index) {
    const StepPlan& step = scenario_.steps[index];
    if (!troupe_->Tell(step.program, step.command)) {
      faults_.push_back(absl::StrCat(
          scenario_.file, ": `", scenario_.programs[step.program].name,
          "` was told to ", step.command, " before it had started"));
    }
  }

  void PerformAt(loop::Instant at, size_t index) {
    const StepPlan& step = scenario_.steps[index];
    const size_t host = troupe_->HostOf(step.program);
    stage_.At(at, NameOf(step), host, [this, &step, index, host] {
      troupe_->Await(step.program, -1);
      Perform(index);
      stage_.Wake(host);
    });
  }

  // --- Faults --------------------------------------------------------------

  void ScheduleFaults() {
    for (size_t i = 0; i < scenario_.faults.size(); ++i) {
      const FaultPlan& fault = scenario_.faults[i];
      if (fault.at) {
        StrikeAt(loop::Instant() + *fault.at, i);
      } else if (fault.at_event) {
        stage_.AtEvent(*fault.at_event, [this, i] { Strike(i); });
      }
    }
  }

  void StrikeAt(loop::Instant at, size_t index) {
    const FaultPlan& fault = scenario_.faults[index];
    const std::optional<size_t> whom =
        fault.OfLink() ? std::nullopt : std::optional<size_t>(fault.host);
    const std::string name = absl::StrCat("fault#", index + 1, ".", fault.what);
    const auto strike = [this, index] { Strike(index); };
    if (fault.within > absl::ZeroDuration()) {
      stage_.AtWithin(at, fault.within, index, name, whom, strike);
    } else {
      stage_.At(at, name, whom, strike);
    }
  }

  void Strike(size_t index) {
    const FaultPlan& fault = scenario_.faults[index];
    struck_[index] = true;
    recorder_.Add(trace::kNoProcess, 0,
                  trace::Note{"fault", fault.what, fault.whom});
    if (fault.kind == FaultPlan::Kind::kCrash) {
      troupe_->Crash(fault.host, ComesBack(fault.host));
    } else if (fault.kind == FaultPlan::Kind::kRestart) {
      troupe_->Restart(fault.host);
    } else if (fault.kind == FaultPlan::Kind::kLookup) {
      troupe_->SetName(fault.lookup);
    } else {
      stage_.Apply(fault);
    }
  }

  // Whether a restart of the host is still to come.
  bool ComesBack(size_t host) const {
    for (size_t i = 0; i < scenario_.faults.size(); ++i) {
      const FaultPlan& fault = scenario_.faults[i];
      if (fault.kind == FaultPlan::Kind::kRestart && fault.host == host &&
          !struck_[i]) {
        return true;
      }
    }
    return false;
  }

  void AddEnd(Outcome* outcome) {
    outcome->faults = faults_;
    outcome->ways.assign(faults_.size(), "told before its start");
    std::string fault;
    std::string way = "an end that is not expected";
    switch (outcome->end) {
      case Stage::End::kExit:
        if (scenario_.end == End::kExit) return;
        fault = "expected the run to end waiting; all processes have exited";
        break;
      case Stage::End::kQuiet:
        if (scenario_.end == End::kQuiet) return;
        fault = absl::StrCat(
            "expected all processes to exit; nothing is in "
            "flight, and these wait for ever: ",
            troupe_->Waiting());
        way = absl::StrCat("waits for ever: ", troupe_->Waiting());
        break;
      case Stage::End::kTimeLimit:
        fault = absl::StrCat("expected an end within ",
                             absl::FormatDuration(scenario_.time_limit),
                             "; these have not exited: ", troupe_->Waiting());
        way = absl::StrCat("does not end in time: ", troupe_->Waiting());
        break;
      case Stage::End::kLivelock:
        fault = absl::StrCat(
            "expected time to go on; after ",
            absl::FormatDuration(outcome->ended_at - loop::Instant()),
            " something runs in circles; these have not "
            "exited: ",
            troupe_->Waiting());
        way = absl::StrCat("runs in circles: ", troupe_->Waiting());
        break;
    }
    outcome->faults.push_back(absl::StrCat(scenario_.file, ": ", fault));
    outcome->ways.push_back(way);
  }

  // What a program throws is a fault, unless the scenario speaks of it.
  void AddUncaught(Outcome* outcome) const {
    for (const RunEvent& event : outcome->events) {
      if (!absl::StartsWith(event.line, "process uncaught") ||
          Mentions(event.line)) {
        continue;
      }
      outcome->faults.push_back(absl::StrCat(
          scenario_.file, ": expected no exception; `", event.line, "`"));
      outcome->ways.push_back(event.line);
    }
  }

  bool Mentions(const std::string& line) const {
    for (const Expectation& expectation : scenario_.expectations) {
      for (const std::string& pattern : expectation.lines) {
        if (absl::StrContains(pattern, "uncaught") &&
            Matches(OneBlank(pattern), line)) {
          return true;
        }
      }
    }
    return false;
  }

  const Scenario& scenario_;
  Stage& stage_;
  Gate gate_;
  trace::Recorder recorder_;
  std::unique_ptr<Troupe> troupe_;  // made when the stage has the recorder
  std::vector<bool> done_;
  std::vector<bool> struck_;  // faults
  std::vector<std::string> faults_;
};

}  // namespace

Outcome Play(const Scenario& scenario, Stage& stage, RunKind run,
             trace::Sink* sink) {
  return Director(scenario, stage, sink).Play(run);
}

}  // namespace simloop::scenarios
