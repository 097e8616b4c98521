#include "scenarios/director.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scenarios/argument.h"
#include "scenarios/process.h"

namespace simloop::scenarios {
namespace {

// Lets records through until the run is over: what is torn down afterwards is
// no part of it.
class Gate final : public trace::Sink {
 public:
  explicit Gate(trace::Sink* sink) : sink_(sink) {}
  void Take(const trace::Record& record) override {
    events_.Take(record);
    if (sink_ != nullptr) sink_->Take(record);
    time_ = record.time;
  }
  bool WantsPayloads() const override {
    return sink_ != nullptr && sink_->WantsPayloads();
  }
  void Close() { sink_ = nullptr; }

  const EventList& events() const { return events_; }
  loop::Instant time() const { return time_; }

 private:
  trace::Sink* sink_;
  EventList events_;
  loop::Instant time_;
};

class Director final {
 public:
  Director(const Scenario& scenario, Stage& stage, trace::Sink* sink)
      : scenario_(scenario),
        stage_(stage),
        gate_(sink),
        recorder_(stage.clock(), &gate_) {
    stage_.SetRecorder(&recorder_);
    MakeProcesses();
    MakePrograms();
  }
  ~Director() { stage_.SetRecorder(nullptr); }

  Outcome Play(RunKind run) {
    ScheduleSteps();
    for (size_t i = 0; i < processes_.size(); ++i) {
      stage_.Adopt(i, *processes_[i]);
    }
    Outcome outcome;
    outcome.end = stage_.Run(loop::Instant() + scenario_.time_limit);
    outcome.hash = recorder_.hash();
    outcome.records = recorder_.last();
    outcome.processes = recorder_.processes();
    outcome.events = gate_.events().events();
    outcome.ended_at = gate_.time();
    gate_.Close();
    AddEnd(&outcome);
    AddUncaught(&outcome);
    for (std::string& fault :
         CheckExpectations(scenario_, outcome.events, run)) {
      outcome.faults.push_back(std::move(fault));
    }
    return outcome;
  }

 private:
  // Where a program of the scenario is.
  struct Cast {
    Process* process;
    size_t host;
    size_t index;  // in its process
  };

  void MakeProcesses() {
    for (size_t i = 0; i < scenario_.hosts.size(); ++i) {
      Process::Parts parts;
      parts.kernel = &stage_.KernelOf(i);
      parts.clock = &stage_.clock();
      parts.recorder = &recorder_;
      parts.discipline = scenario_.discipline;
      parts.id = recorder_.AddProcess(
          scenario_.hosts[i].name, loop::Address::Inet(stage_.AddressOf(i), 0));
      parts.ready_cause = stage_.ReadyCauseOf(i);
      processes_.push_back(std::make_unique<Process>(std::move(parts)));
    }
  }

  void MakePrograms() {
    for (size_t i = 0; i < scenario_.programs.size(); ++i) {
      const ProgramPlan& plan = scenario_.programs[i];
      Site::Parts site;
      site.name = plan.name;
      site.args = plan.args;
      site.resolve = [this, host = plan.host](absl::string_view name) {
        return Resolve(host, name);
      };
      site.signal = [this, i](absl::string_view signal) {
        OnSignal(i, signal);
      };
      Process& process = *processes_[plan.host];
      cast_.push_back({&process, plan.host,
                       process.AddProgram(*plan.kind, std::move(site))});
    }
  }

  loop::Ipv4 Resolve(size_t from, absl::string_view name) const {
    if (name == kLocalHost) return stage_.LoopbackOf(from);
    for (size_t i = 0; i < scenario_.hosts.size(); ++i) {
      if (scenario_.hosts[i].name == name) return stage_.AddressOf(i);
    }
    return loop::Ipv4::Parse(name).value_or(loop::Ipv4::Any());
  }

  // Programs that start at 0 do so before any loop is entered.
  void ScheduleSteps() {
    done_.assign(scenario_.steps.size(), false);
    for (size_t i = 0; i < scenario_.steps.size(); ++i) {
      const StepPlan& step = scenario_.steps[i];
      // A program that waits for its start keeps its process, though the
      // process has nothing to do; one that is told something does not.
      if (step.at || step.command.empty()) Await(step, 1);
    }
    for (size_t i = 0; i < scenario_.steps.size(); ++i) {
      const StepPlan& step = scenario_.steps[i];
      if (!step.at) continue;
      if (step.command.empty() && *step.at == absl::ZeroDuration()) {
        Await(step, -1);
        Perform(i);
      } else {
        stage_.At(loop::Instant() + *step.at, NameOf(step), [this, i] {
          Await(scenario_.steps[i], -1);
          PerformAndWake(i);
        });
      }
    }
  }

  void Await(const StepPlan& step, int more) {
    cast_[step.program].process->Expect(more);
  }

  std::string NameOf(const StepPlan& step) const {
    return absl::StrCat(scenario_.programs[step.program].name, ".",
                        step.command.empty() ? "start" : step.command);
  }

  void OnSignal(size_t program, absl::string_view signal) {
    for (size_t i = 0; i < scenario_.steps.size(); ++i) {
      const StepPlan& step = scenario_.steps[i];
      if (step.at || step.after_program != program ||
          step.after_signal != signal || done_[i]) {
        continue;
      }
      done_[i] = true;
      if (!step.command.empty()) Await(step, 1);
      if (cast_[step.program].host == cast_[program].host) {
        Await(step, -1);
        Perform(i);
      } else {
        stage_.At(stage_.clock().Now(), NameOf(step), [this, i] {
          Await(scenario_.steps[i], -1);
          PerformAndWake(i);
        });
      }
    }
  }

  void Perform(size_t index) {
    const StepPlan& step = scenario_.steps[index];
    const Cast& cast = cast_[step.program];
    if (step.command.empty()) {
      cast.process->Start(cast.index);
    } else if (!cast.process->Do(cast.index, step.command)) {
      faults_.push_back(absl::StrCat(
          scenario_.file, ": `", scenario_.programs[step.program].name,
          "` was told to ", step.command, " before it had started"));
    }
  }

  void PerformAndWake(size_t index) {
    Perform(index);
    stage_.Wake(cast_[scenario_.steps[index].program].host);
  }

  // "server, client": the hosts whose processes have not exited.
  std::string Waiting() const {
    std::vector<std::string> names;
    for (size_t i = 0; i < processes_.size(); ++i) {
      if (!processes_[i]->exited()) names.push_back(scenario_.hosts[i].name);
    }
    return absl::StrJoin(names, ", ");
  }

  void AddEnd(Outcome* outcome) {
    outcome->faults = faults_;
    std::string fault;
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
            Waiting());
        break;
      case Stage::End::kTimeLimit:
        fault = absl::StrCat("expected an end within ",
                             absl::FormatDuration(scenario_.time_limit),
                             "; these have not exited: ", Waiting());
        break;
      case Stage::End::kLivelock:
        fault = absl::StrCat(
            "expected time to go on; after ",
            absl::FormatDuration(outcome->ended_at - loop::Instant()),
            " something runs in circles; these have not "
            "exited: ",
            Waiting());
        break;
    }
    outcome->faults.push_back(absl::StrCat(scenario_.file, ": ", fault));
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
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<Cast> cast_;
  std::vector<bool> done_;
  std::vector<std::string> faults_;
};

}  // namespace

Outcome Play(const Scenario& scenario, Stage& stage, RunKind run,
             trace::Sink* sink) {
  return Director(scenario, stage, sink).Play(run);
}

}  // namespace simloop::scenarios
