// Numbers, times and hashes the records of a run.
#include "trace/recorder.h"

#include <utility>

#include "loop/check.h"
#include "trace/record_hash.h"

namespace simloop::trace {

Recorder::Recorder(const loop::Clock& clock, Sink* sink)
    : clock_(clock),
      sink_(sink),
      keeps_payloads_(sink != nullptr && sink->WantsPayloads()),
      hash_(kEmptyHash) {}

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
  if (muted_) return last_;
  const Record record{++last_, cause, clock_.Now(), process, owner, body};
  if (call_ != 0) {
    Wait(record);
  } else {
    Hand(record);
  }
  return record.id;
}

void Recorder::Hand(const Record& record) {
  hash_ = HashRecord(hash_, record);
  if (sink_ != nullptr) sink_->Take(record);
}

void Recorder::Wait(const Record& record) {
  // Only the kernel reports while a call is under way.
  const Choice* const choice = std::get_if<Choice>(&record.body);
  const Packet* const packet = std::get_if<Packet>(&record.body);
  SIMLOOP_CHECK(choice != nullptr || packet != nullptr,
                "a call brings about packets and choices");
  waiting_.push_back({record, ""});
  // A choice's name and a packet's payload are borrowed; its other texts are
  // constants and the names of hosts.
  const absl::string_view text =
      choice != nullptr ? choice->name : packet->wire.payload;
  waiting_.back().text.assign(text.data(), text.size());
}

RecordId Recorder::EnterCall() {
  if (muted_) return last_;
  SIMLOOP_CHECK(call_ == 0, "one call at a time");
  call_ = ++last_;
  cause_before_call_ = SetCause(call_);
  return call_;
}

void Recorder::LeaveCall(ProcessId process, loop::Owner owner, const Call& call,
                         RecordId cause) {
  if (muted_) return;
  SIMLOOP_CHECK(call_ != 0, "a call is under way");
  Hand({std::exchange(call_, 0), cause, clock_.Now(), process, owner, call});
  SetCause(cause_before_call_);
  for (Waiting& waiting : waiting_) {
    if (auto* const choice = std::get_if<Choice>(&waiting.record.body)) {
      choice->name = waiting.text;
    } else {
      std::get<Packet>(waiting.record.body).wire.payload = waiting.text;
    }
    Hand(waiting.record);
  }
  waiting_.clear();
}

RecordId Recorder::SetCause(RecordId cause) {
  return std::exchange(cause_, cause);
}

}  // namespace simloop::trace
