// Numbers, times and hashes the records of a run.
#include "trace/recorder.h"

#include <utility>

#include "loop/check.h"
#include "trace/record_hash.h"

namespace simloop::trace {

Recorder::Recorder(const loop::Clock& clock, Sink* sink)
    : clock_(clock), sink_(sink), hash_(kEmptyHash) {}

ProcessId Recorder::AddProcess(absl::string_view host,
                               const loop::Address& address) {
  SIMLOOP_CHECK(processes_.size() < kNoProcess, "too many processes");
  processes_.push_back(
      {std::string(host.data(), host.size()), address, {std::string()}});
  return static_cast<ProcessId>(processes_.size() - 1);
}

loop::Owner Recorder::AddOwner(ProcessId process, absl::string_view name) {
  SIMLOOP_CHECK(process < processes_.size(), "no such process");
  std::vector<std::string>& owners = processes_[process].owners;
  SIMLOOP_CHECK(owners.size() < 0xffff, "too many owners");
  owners.emplace_back(name.data(), name.size());
  return static_cast<loop::Owner>(owners.size() - 1);
}

RecordId Recorder::Add(ProcessId process, loop::Owner owner, const Body& body,
                       RecordId cause) {
  const Record record{++last_, cause, clock_.Now(), process, owner, body};
  hash_ = HashRecord(hash_, record);
  if (sink_ != nullptr) sink_->Take(record);
  return last_;
}

RecordId Recorder::SetCause(RecordId cause) {
  return std::exchange(cause_, cause);
}

}  // namespace simloop::trace
