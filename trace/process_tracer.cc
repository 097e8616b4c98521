// Makes each call, then records it; follows callbacks for their causes.
#include "trace/process_tracer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "loop/check.h"

namespace simloop::trace {
namespace {

using loop::Fd;
using loop::Result;

constexpr size_t kDataBytes = 256;

// A call that asked `fd` and was answered `result`.
template <typename T>
Call CallOf(Syscall call, Fd fd, const Result<T>& result) {
  Call record{call, fd};
  record.error = result.error();
  return record;
}

Call TransferOf(Syscall call, Fd fd, const Result<size_t>& result,
                size_t asked_bytes, int flags, const char* bytes) {
  Call record = CallOf(call, fd, result);
  record.args[0] = static_cast<int64_t>(asked_bytes);
  record.args[1] = flags;
  if (result.ok()) {
    record.result = static_cast<int64_t>(*result);
    record.data = {bytes, std::min(*result, kDataBytes)};
  }
  return record;
}

void SetNewDescriptor(Call& record, Fd fd) {
  record.other = fd;
  record.result = fd.number;
}

// An option's value: an int, or a struct linger as seconds << 32 | onoff, as a
// number (memory differs between machines), anything else as bytes.
void SetOption(Call& record, int level, int name,
               absl::Span<const char> value) {
  record.args[0] = level;
  record.args[1] = name;
  int number = 0;
  loop::Linger linger;
  if (value.size() == sizeof(number)) {
    std::memcpy(&number, value.data(), sizeof(number));
    record.args[2] = number;
  } else if (level == loop::kSolSocket && name == loop::kSoLinger &&
             value.size() == sizeof(linger)) {
    std::memcpy(&linger, value.data(), sizeof(linger));
    record.args[2] =
        static_cast<int64_t>(static_cast<uint64_t>(linger.seconds) << 32 |
                             static_cast<uint32_t>(linger.onoff));
  } else {
    record.data = {value.data(), std::min(value.size(), kDataBytes)};
  }
}

}  // namespace

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

Result<Fd> ProcessTracer::Socket(loop::Family family, int type, int protocol) {
  Enter();
  const Result<Fd> result = kernel_.Socket(family, type, protocol);
  Call record = CallOf(Syscall::kSocket, Fd{}, result);
  record.args[0] = static_cast<int64_t>(family);
  record.args[1] = type;
  record.args[2] = protocol;
  if (result.ok()) {
    SetReadiness(*result, 0);
    SetNewDescriptor(record, *result);
  }
  AddCall(record);
  return result;
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
    SetReadiness(result->fd, 0);
    SetNewDescriptor(record, result->fd);
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

Result<size_t> ProcessTracer::Read(Fd fd, absl::Span<char> buffer) {
  Enter();
  const Result<size_t> result = kernel_.Read(fd, buffer);
  AddCall(
      TransferOf(Syscall::kRead, fd, result, buffer.size(), 0, buffer.data()));
  return result;
}

Result<size_t> ProcessTracer::Write(Fd fd, absl::Span<const char> data) {
  Enter();
  const Result<size_t> result = kernel_.Write(fd, data);
  AddCall(TransferOf(Syscall::kWrite, fd, result, data.size(), 0, data.data()));
  return result;
}

Result<size_t> ProcessTracer::Writev(
    Fd fd, absl::Span<const absl::Span<const char>> data) {
  Enter();
  const Result<size_t> result = kernel_.Writev(fd, data);
  char bytes[kDataBytes];
  size_t kept = 0;
  size_t asked_bytes = 0;
  for (absl::Span<const char> part : data) {
    const size_t more = std::min(part.size(), kDataBytes - kept);
    if (more > 0) std::memcpy(bytes + kept, part.data(), more);
    kept += more;
    asked_bytes += part.size();
  }
  Call record = TransferOf(Syscall::kWritev, fd, result, asked_bytes, 0, bytes);
  record.args[1] = static_cast<int64_t>(data.size());
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Recv(Fd fd, absl::Span<char> buffer, int flags) {
  Enter();
  const Result<size_t> result = kernel_.Recv(fd, buffer, flags);
  // With MSG_TRUNC no bytes are written (tcp(7)), or fewer than answered.
  Call record = TransferOf(Syscall::kRecv, fd, result, buffer.size(), flags,
                           buffer.data());
  if ((flags & loop::kMsgTrunc) != 0) record.data = {};
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Send(Fd fd, absl::Span<const char> data,
                                   int flags) {
  Enter();
  const Result<size_t> result = kernel_.Send(fd, data, flags);
  AddCall(
      TransferOf(Syscall::kSend, fd, result, data.size(), flags, data.data()));
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
  std::erase_if(epolls_, [fd](const Interests& e) { return e.epoll == fd; });
  for (Interests& interests : epolls_) {
    const size_t number = static_cast<size_t>(fd.number);
    if (number < interests.known.size()) interests.known[number] = false;
  }
  AddCall(CallOf(Syscall::kClose, fd, result));
  return result;
}

Result<loop::Address> ProcessTracer::Getsockname(Fd fd) {
  Enter();
  const Result<loop::Address> result = kernel_.Getsockname(fd);
  Call record = CallOf(Syscall::kGetsockname, fd, result);
  if (result.ok()) record.address = *result;
  AddCall(record);
  return result;
}

Result<loop::Address> ProcessTracer::Getpeername(Fd fd) {
  Enter();
  const Result<loop::Address> result = kernel_.Getpeername(fd);
  Call record = CallOf(Syscall::kGetpeername, fd, result);
  if (result.ok()) record.address = *result;
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Getsockopt(Fd fd, int level, int name,
                                         absl::Span<char> value) {
  Enter();
  const Result<size_t> result = kernel_.Getsockopt(fd, level, name, value);
  Call record = CallOf(Syscall::kGetsockopt, fd, result);
  const size_t size = result.ok() ? std::min(*result, value.size()) : 0;
  SetOption(record, level, name, value.subspan(0, size));
  record.result = static_cast<int64_t>(size);
  AddCall(record);
  return result;
}

Result<void> ProcessTracer::Setsockopt(Fd fd, int level, int name,
                                       absl::Span<const char> value) {
  Enter();
  const Result<void> result = kernel_.Setsockopt(fd, level, name, value);
  Call record = CallOf(Syscall::kSetsockopt, fd, result);
  SetOption(record, level, name, value);
  AddCall(record);
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
