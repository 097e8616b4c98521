#include "scenarios/director.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "explore/sanitizer.h"
#include "scenarios/argument.h"
#include "scenarios/process.h"

namespace simloop::scenarios {
namespace {

// Lets records through until the run is over: what is torn down afterwards is
// no part of it.
class Gate final : public trace::Sink {
 public:
  Gate(trace::Sink* sink, const Scenario& scenario, Stage& stage)
      : sink_(sink), stage_(stage), sanitizers_(scenario.without) {
    std::vector<std::string> hosts;
    for (const sim::HostOptions& host : scenario.hosts) {
      hosts.push_back(host.name);
    }
    sanitizers_.SetHosts(std::move(hosts));
  }
  void Take(const trace::Record& record) override {
    if (closed_) return;
    events_.Take(record);
    if (sink_ != nullptr) sink_->Take(record);
    time_ = record.time;
    if (!stage_.simulated()) return;
    sanitizers_.Take(record);
    if (sanitizers_.wants_stop()) stage_.Stop();
  }
  bool WantsPayloads() const override {
    return sink_ != nullptr && sink_->WantsPayloads();
  }
  void Close(bool quiet) {
    closed_ = true;
    sanitizers_.End(quiet);
  }

  const EventList& events() const { return events_; }
  const explore::SanitizerSet& sanitizers() const { return sanitizers_; }
  loop::Instant time() const { return time_; }

 private:
  trace::Sink* sink_;
  Stage& stage_;
  EventList events_;
  explore::SanitizerSet sanitizers_;
  bool closed_ = false;
  loop::Instant time_;
};

class Director final {
 public:
  Director(const Scenario& scenario, Stage& stage, trace::Sink* sink)
      : scenario_(scenario),
        stage_(stage),
        gate_(sink, scenario, stage),
        recorder_(stage.clock(), &gate_) {
    stage_.SetRecorder(&recorder_);
    MakeProcesses();
    MakePrograms();
  }
  ~Director() { stage_.SetRecorder(nullptr); }

  Outcome Play(RunKind run) {
    // A program may raise a signal as it starts.
    struck_.assign(scenario_.faults.size(), false);
    ScheduleSteps();
    ScheduleFaults();
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
  // Where a program of the scenario is.
  struct Cast {
    size_t host;
    size_t index = 0;       // in its process
    loop::Owner owner = 0;  // in the trace
    bool started = false;   // before its host crashed
  };

  void MakeProcesses() {
    for (const NamePlan& name : scenario_.names) SetName(name);
    for (size_t i = 0; i < scenario_.hosts.size(); ++i) {
      ids_.push_back(
          recorder_.AddProcess(scenario_.hosts[i].name,
                               loop::Address::Inet(stage_.AddressOf(i), 0)));
      awaited_.push_back(0);
      processes_.push_back(NewProcess(i));
    }
  }

  std::unique_ptr<Process> NewProcess(size_t host) {
    Process::Parts parts;
    parts.kernel = &stage_.KernelOf(host);
    parts.clock = &stage_.ClockOf(host);
    parts.recorder = &recorder_;
    parts.discipline = scenario_.discipline;
    parts.id = ids_[host];
    parts.ready_cause = stage_.ReadyCauseOf(host);
    if (!scenario_.names.empty()) {
      parts.names = [this, host](absl::string_view name) {
        return Ask(scenario_.hosts[host].name, name);
      };
    }
    parts.ipv6 = scenario_.hosts[host].address6.has_value();
    return std::make_unique<Process>(std::move(parts));
  }

  void MakePrograms() {
    for (size_t i = 0; i < scenario_.programs.size(); ++i) {
      cast_.push_back({scenario_.programs[i].host});
      MakeProgram(i);
    }
  }

  void MakeProgram(size_t index) {
    const ProgramPlan& plan = scenario_.programs[index];
    Site::Parts site;
    site.name = plan.name;
    site.args = plan.args;
    site.resolve = [this, host = plan.host](absl::string_view name) {
      return Resolve(host, name);
    };
    for (const NamePlan& name : scenario_.names) {
      site.names.push_back(name.name);
    }
    site.signal = [this, index](absl::string_view signal) {
      OnSignal(index, signal);
    };
    Cast& cast = cast_[index];
    Process& process = *processes_[plan.host];
    cast.index = process.AddProgram(*plan.kind, std::move(site), cast.owner);
    cast.owner = process.OwnerOf(cast.index);
  }

  void SetName(const NamePlan& plan) {
    sim::NameRecord record = plan.record;
    for (const std::string& address : plan.addresses) {
      record.addresses.push_back(
          loop::Ip::Parse(address).value_or(loop::Ip(Resolve(0, address))));
    }
    stage_.names().Set(plan.name, std::move(record));
  }

  net::DelayedResolution Ask(const std::string& asker, absl::string_view name) {
    const sim::NameAnswer answer = stage_.names().Ask(asker, name);
    const char* const error = answer.failure == sim::NameFailure::kNone ? ""
                              : answer.failure == sim::NameFailure::kNotFound
                                  ? "ENOTFOUND"
                                  : "EAI_AGAIN";
    return {{error, answer.addresses}, answer.delay};
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
        PerformAt(loop::Instant() + *step.at, i);
      }
    }
  }

  void Await(const StepPlan& step, int more) {
    const size_t host = cast_[step.program].host;
    awaited_[host] += more;
    if (processes_[host] != nullptr) processes_[host]->Expect(more);
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
      if (!step.command.empty()) Await(step, 1);
      if (cast_[step.program].host == cast_[program].host) {
        Await(step, -1);
        Perform(i);
      } else {
        PerformAt(stage_.clock().Now(), i);
      }
    }
  }

  void Perform(size_t index) {
    const StepPlan& step = scenario_.steps[index];
    const Cast& cast = cast_[step.program];
    Process* const process = processes_[cast.host].get();
    if (process == nullptr) return;  // nobody is there to be told
    if (step.command.empty()) {
      process->Start(cast.index);
    } else if (!process->Do(cast.index, step.command)) {
      faults_.push_back(absl::StrCat(
          scenario_.file, ": `", scenario_.programs[step.program].name,
          "` was told to ", step.command, " before it had started"));
    }
  }

  void PerformAt(loop::Instant at, size_t index) {
    const StepPlan& step = scenario_.steps[index];
    const size_t host = cast_[step.program].host;
    stage_.At(at, NameOf(step), host, [this, &step, index, host] {
      Await(step, -1);
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
    if (fault.within > absl::ZeroDuration()) {
      at = at + stage_.Share(fault.within, index);
    }
    const std::optional<size_t> whom =
        fault.OfLink() ? std::nullopt : std::optional<size_t>(fault.host);
    stage_.At(at, absl::StrCat("fault#", index + 1, ".", fault.what), whom,
              [this, index] { Strike(index); });
  }

  void Strike(size_t index) {
    const FaultPlan& fault = scenario_.faults[index];
    struck_[index] = true;
    recorder_.Add(trace::kNoProcess, 0,
                  trace::Note{"fault", fault.what, fault.whom});
    if (fault.kind == FaultPlan::Kind::kCrash) {
      Crash(fault.host, ComesBack(fault.host));
    } else if (fault.kind == FaultPlan::Kind::kRestart) {
      Restart(fault.host);
    } else if (fault.kind == FaultPlan::Kind::kLookup) {
      SetName(fault.lookup);
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

  void Crash(size_t host, bool comes_back) {
    if (processes_[host] == nullptr) return;
    for (Cast& cast : cast_) {
      if (cast.host == host) {
        cast.started = processes_[host]->Started(cast.index);
      }
    }
    // What it closes as it dies nobody does.
    recorder_.SetMuted(true);
    stage_.Crash(host, comes_back, [this, host] { processes_[host].reset(); });
    recorder_.SetMuted(false);
  }

  // The programs that ran run again, from their start.
  void Restart(size_t host) {
    Crash(host, /*comes_back=*/true);
    stage_.Restart(host);
    processes_[host] = NewProcess(host);
    processes_[host]->Expect(awaited_[host]);
    for (size_t i = 0; i < cast_.size(); ++i) {
      if (cast_[i].host == host) MakeProgram(i);
    }
    for (const Cast& cast : cast_) {
      if (cast.host == host && cast.started) {
        processes_[host]->Start(cast.index);
      }
    }
    stage_.Adopt(host, *processes_[host]);
  }

  // "server, client": the hosts whose processes have not exited.
  std::string Waiting() const {
    std::vector<std::string> names;
    for (size_t i = 0; i < processes_.size(); ++i) {
      if (processes_[i] == nullptr || !processes_[i]->exited())
        names.push_back(scenario_.hosts[i].name);
    }
    return absl::StrJoin(names, ", ");
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
            Waiting());
        way = absl::StrCat("waits for ever: ", Waiting());
        break;
      case Stage::End::kTimeLimit:
        fault = absl::StrCat("expected an end within ",
                             absl::FormatDuration(scenario_.time_limit),
                             "; these have not exited: ", Waiting());
        way = absl::StrCat("does not end in time: ", Waiting());
        break;
      case Stage::End::kLivelock:
        fault = absl::StrCat(
            "expected time to go on; after ",
            absl::FormatDuration(outcome->ended_at - loop::Instant()),
            " something runs in circles; these have not "
            "exited: ",
            Waiting());
        way = absl::StrCat("runs in circles: ", Waiting());
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
  std::vector<trace::ProcessId> ids_;
  std::vector<int> awaited_;  // starts and steps that are to come, by host
  std::vector<std::unique_ptr<Process>> processes_;  // null: crashed
  std::vector<Cast> cast_;
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
