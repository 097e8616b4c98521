#include "scenarios/troupe.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "scenarios/argument.h"

namespace simloop::scenarios {

Troupe::Troupe(const Scenario& scenario, Stage& stage,
               trace::Recorder& recorder, OnSignal on_signal)
    : scenario_(scenario),
      stage_(stage),
      recorder_(recorder),
      on_signal_(std::move(on_signal)) {
  MakeProcesses();
  for (size_t i = 0; i < scenario_.programs.size(); ++i) {
    cast_.push_back({scenario_.programs[i].host});
    MakeProgram(i);
  }
}

void Troupe::MakeProcesses() {
  for (const NamePlan& name : scenario_.names) SetName(name);
  for (size_t i = 0; i < scenario_.hosts.size(); ++i) {
    ids_.push_back(
        recorder_.AddProcess(scenario_.hosts[i].name,
                             loop::Address::Inet(stage_.AddressOf(i), 0)));
    awaited_.push_back(0);
    processes_.push_back(NewProcess(i));
  }
}

std::unique_ptr<Process> Troupe::NewProcess(size_t host) {
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

void Troupe::MakeProgram(size_t index) {
  const ProgramPlan& plan = scenario_.programs[index];
  Site::Parts site;
  site.name = plan.name;
  site.args = plan.args;
  site.resolve = [this, host = plan.host](absl::string_view name) {
    return Resolve(host, name);
  };
  for (const NamePlan& name : scenario_.names) site.names.push_back(name.name);
  site.signal = [this, index](absl::string_view signal) {
    on_signal_(index, signal);
  };
  Cast& cast = cast_[index];
  Process& process = *processes_[plan.host];
  cast.index = process.AddProgram(*plan.kind, std::move(site), cast.owner);
  cast.owner = process.OwnerOf(cast.index);
}

void Troupe::SetName(const NamePlan& plan) {
  sim::NameRecord record = plan.record;
  for (const std::string& address : plan.addresses) {
    record.addresses.push_back(
        loop::Ip::Parse(address).value_or(loop::Ip(Resolve(0, address))));
  }
  stage_.names().Set(plan.name, std::move(record));
}

net::DelayedResolution Troupe::Ask(const std::string& asker,
                                   absl::string_view name) {
  const sim::NameAnswer answer = stage_.names().Ask(asker, name);
  const char* const error = answer.failure == sim::NameFailure::kNone ? ""
                            : answer.failure == sim::NameFailure::kNotFound
                                ? "ENOTFOUND"
                                : "EAI_AGAIN";
  return {{error, answer.addresses}, answer.delay};
}

loop::Ipv4 Troupe::Resolve(size_t from, absl::string_view name) const {
  if (name == kLocalHost) return stage_.LoopbackOf(from);
  for (size_t i = 0; i < scenario_.hosts.size(); ++i) {
    if (scenario_.hosts[i].name == name) return stage_.AddressOf(i);
  }
  return loop::Ipv4::Parse(name).value_or(loop::Ipv4::Any());
}

void Troupe::Enter() {
  for (size_t i = 0; i < processes_.size(); ++i) {
    stage_.Adopt(i, *processes_[i]);
  }
}

void Troupe::Await(size_t program, int more) {
  const size_t host = HostOf(program);
  awaited_[host] += more;
  if (processes_[host] != nullptr) processes_[host]->Expect(more);
}

bool Troupe::Tell(size_t program, const std::string& command) {
  const Cast& cast = cast_[program];
  Process* const process = processes_[cast.host].get();
  if (process == nullptr) return true;  // nobody is there to be told
  if (!command.empty()) return process->Do(cast.index, command);
  process->Start(cast.index);
  return true;
}

void Troupe::Crash(size_t host, bool comes_back) {
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

void Troupe::Restart(size_t host) {
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

std::string Troupe::Waiting() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i] == nullptr || !processes_[i]->exited())
      names.push_back(scenario_.hosts[i].name);
  }
  return absl::StrJoin(names, ", ");
}

}  // namespace simloop::scenarios
