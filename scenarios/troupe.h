// Troupe: the processes of a scenario's hosts and the programs in them: made,
// started, told, crashed and made again. When, the Director says.
#ifndef SCENARIOS_TROUPE_H_
#define SCENARIOS_TROUPE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "loop/ip.h"
#include "net/delayed_resolver.h"
#include "scenarios/process.h"
#include "scenarios/scenario.h"
#include "scenarios/stage.h"
#include "trace/recorder.h"

namespace simloop::scenarios {

class Troupe final {
 public:
  // What a program signals: its index in the scenario, and the signal's name.
  using OnSignal = absl::AnyInvocable<void(size_t, absl::string_view)>;

  // Makes all processes and programs; none runs. All must outlive it, and
  // `stage` must have `recorder`.
  Troupe(const Scenario& scenario, Stage& stage, trace::Recorder& recorder,
         OnSignal on_signal);

  // The stage has the processes from now on.
  void Enter();
  // What a name answers from now on.
  void SetName(const NamePlan& plan);

  // So many more things are to come, or fewer, that `program` is to be told: a
  // process keeps itself for them.
  void Await(size_t program, int more);
  // Starts the program, or tells it `command`. False: it had not started. Where
  // its host has crashed nobody is told.
  bool Tell(size_t program, const std::string& command);
  size_t HostOf(size_t program) const { return cast_[program].host; }

  void Crash(size_t host, bool comes_back);
  // The programs that ran run again, from their start.
  void Restart(size_t host);

  // "server, client": the hosts whose processes have not exited.
  std::string Waiting() const;

 private:
  // Where a program of the scenario is.
  struct Cast {
    size_t host;
    size_t index = 0;       // in its process
    loop::Owner owner = 0;  // in the trace
    bool started = false;   // before its host crashed
  };

  void MakeProcesses();
  std::unique_ptr<Process> NewProcess(size_t host);
  void MakeProgram(size_t index);
  net::DelayedResolution Ask(const std::string& asker, absl::string_view name);
  loop::Ipv4 Resolve(size_t from, absl::string_view name) const;

  const Scenario& scenario_;
  Stage& stage_;
  trace::Recorder& recorder_;
  OnSignal on_signal_;
  std::vector<trace::ProcessId> ids_;
  std::vector<int> awaited_;  // starts and steps that are to come, by host
  std::vector<std::unique_ptr<Process>> processes_;  // null: crashed
  std::vector<Cast> cast_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_TROUPE_H_
