// Makes each call, then records it; follows callbacks for their causes.
#include "trace/process_tracer.h"

#include <algorithm>
#include <utility>

#include "loop/check.h"
#include "trace/traced_call.h"

namespace simloop::trace {

using loop::Fd;
using loop::Result;

ProcessTracer::ProcessTracer(loop::Kernel& kernel, Recorder& recorder,
                             ProcessId process, ReadyCause ready_cause)
    : kernel_(kernel),
      recorder_(recorder),
      process_(process),
      ready_cause_(std::move(ready_cause)) {}

void ProcessTracer::SetCurrentOwner(CurrentOwner current_owner) {
  current_owner_ = std::move(current_owner);
}

RecordId ProcessTracer::Cause() const {
  return recorder_.cause() != 0 ? recorder_.cause() : turn_;
}

loop::Owner ProcessTracer::Owner() {
  return current_owner_ == nullptr ? last_owner_ : current_owner_();
}

void ProcessTracer::Enter() {
  call_cause_ = Cause();
  recorder_.EnterCall();
}

void ProcessTracer::AddCall(const Call& call) {
  recorder_.LeaveCall(process_, Owner(), call, call_cause_);
}

void ProcessTracer::SetReadiness(Fd fd, RecordId ready) {
  if (!fd.valid()) return;
  const size_t number = static_cast<size_t>(fd.number);
  if (number >= readiness_.size()) readiness_.resize(number + 1);
  readiness_[number] = ready;
}

Fd ProcessTracer::AddNew(Call& record, Fd fd) {
  SetReadiness(fd, 0);
  SetNewDescriptor(record, fd);
  return fd;
}

Result<Fd> ProcessTracer::New(Call record, const Result<Fd>& result) {
  record.error = result.error();
  if (result.ok()) AddNew(record, *result);
  AddCall(record);
  return result;
}

Result<loop::FdPair> ProcessTracer::NewPair(
    Call record, const Result<loop::FdPair>& result) {
  record.error = result.error();
  if (result.ok()) {
    AddNew(record, result->second);
    SetReadiness(result->first, 0);
    record.other = result->first;
  }
  AddCall(record);
  return result;
}

Result<Fd> ProcessTracer::Socket(loop::Family family, int type, int protocol) {
  Enter();
  const Result<Fd> result = kernel_.Socket(family, type, protocol);
  Call record{Syscall::kSocket};
  record.args[0] = static_cast<int64_t>(family);
  record.args[1] = type;
  record.args[2] = protocol;
  return New(record, result);
}

Result<loop::FdPair> ProcessTracer::Socketpair(loop::Family family, int type,
                                               int protocol) {
  Enter();
  const Result<loop::FdPair> result =
      kernel_.Socketpair(family, type, protocol);
  Call record{Syscall::kSocketpair};
  record.args[0] = static_cast<int64_t>(family);
  record.args[1] = type;
  record.args[2] = protocol;
  return NewPair(record, result);
}

Result<void> ProcessTracer::Bind(Fd fd, const loop::Address& address) {
  Enter();
  const Result<void> result = kernel_.Bind(fd, address);
  Call record = CallOf(Syscall::kBind, fd, result);
  record.address = address;
  AddCall(record);
  return result;
}

Result<void> ProcessTracer::Listen(Fd fd, int backlog) {
  Enter();
  const Result<void> result = kernel_.Listen(fd, backlog);
  Call record = CallOf(Syscall::kListen, fd, result);
  record.args[0] = backlog;
  AddCall(record);
  return result;
}

Result<loop::Accepted> ProcessTracer::Accept4(Fd fd, int flags) {
  Enter();
  const Result<loop::Accepted> result = kernel_.Accept4(fd, flags);
  Call record = CallOf(Syscall::kAccept4, fd, result);
  record.args[0] = flags;
  if (result.ok()) {
    AddNew(record, result->fd);
    record.address = result->peer;
  }
  AddCall(record);
  return result;
}

Result<void> ProcessTracer::Connect(Fd fd, const loop::Address& address) {
  Enter();
  const Result<void> result = kernel_.Connect(fd, address);
  Call record = CallOf(Syscall::kConnect, fd, result);
  record.address = address;
  AddCall(record);
  return result;
}

Result<void> ProcessTracer::Shutdown(Fd fd, int how) {
  Enter();
  const Result<void> result = kernel_.Shutdown(fd, how);
  Call record = CallOf(Syscall::kShutdown, fd, result);
  record.args[0] = how;
  AddCall(record);
  return result;
}

Result<void> ProcessTracer::Close(Fd fd) {
  Enter();
  const Result<void> result = kernel_.Close(fd);
  Forget(fd);
  AddCall(CallOf(Syscall::kClose, fd, result));
  return result;
}

void ProcessTracer::OnLoopEvent(const loop::LoopEvent& event,
                                loop::Owner owner) {
  using Kind = loop::LoopEvent::Kind;
  last_owner_ = owner;
  switch (event.kind) {
    case Kind::kTurn:
      turn_ = recorder_.Add(process_, owner, Loop{event}, recorder_.cause());
      break;
    case Kind::kTickQueued:
      queued_ticks_.push_back(
          recorder_.Add(process_, owner, Loop{event}, Cause()));
      break;
    case Kind::kWatcherFire:
    case Kind::kTimerFire:
    case Kind::kTickFire:
    case Kind::kImmediateFire:
    case Kind::kPendingFire:
    case Kind::kCloseFire: {
      const RecordId fire =
          recorder_.Add(process_, owner, Loop{event}, CauseOfFire(event));
      outer_causes_.push_back(recorder_.SetCause(fire));
      break;
    }
    case Kind::kReturn:
      recorder_.Add(process_, owner, Loop{event}, Cause());
      SIMLOOP_CHECK(!outer_causes_.empty(), "no callback runs");
      recorder_.SetCause(outer_causes_.back());
      outer_causes_.pop_back();
      break;
    default:
      recorder_.Add(process_, owner, Loop{event}, Cause());
  }
}

RecordId ProcessTracer::CauseOfFire(const loop::LoopEvent& event) {
  if (event.kind == loop::LoopEvent::Kind::kWatcherFire) {
    const size_t number = static_cast<size_t>(event.fd.number);
    const RecordId ready = number < readiness_.size() ? readiness_[number] : 0;
    return ready != 0 ? ready : Cause();
  }
  // The tick queue is first in, first out. What fires from it though nothing
  // was queued is a microtask, which no one announces.
  if (event.kind == loop::LoopEvent::Kind::kTickFire &&
      !queued_ticks_.empty()) {
    const RecordId queued = queued_ticks_.front();
    queued_ticks_.pop_front();
    return queued;
  }
  return turn_ != 0 ? turn_ : recorder_.cause();
}

}  // namespace simloop::trace
