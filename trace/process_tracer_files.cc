// The calls of ProcessTracer about names, options and descriptors that are no
// sockets.
#include <algorithm>
#include <cstring>

#include "loop/abi.h"
#include "trace/process_tracer.h"
#include "trace/traced_call.h"

namespace simloop::trace {

using loop::Fd;
using loop::Result;

namespace {

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

Call TimerOf(Syscall call, Fd fd, const Result<loop::TimerSpec>& result,
             int flags, const loop::TimerSpec& spec) {
  Call record = CallOf(call, fd, result);
  record.args[0] = flags;
  record.args[1] = NanosOf(spec.interval);
  record.args[2] = NanosOf(spec.value);
  return record;
}

}  // namespace

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

Result<Fd> ProcessTracer::Dup(Fd fd) {
  Enter();
  return New(Call{Syscall::kDup, fd}, kernel_.Dup(fd));
}

Result<Fd> ProcessTracer::Dup2(Fd fd, Fd onto) {
  Enter();
  const Result<Fd> result = kernel_.Dup2(fd, onto);
  if (result.ok() && fd != onto) Forget(onto);
  Call record{Syscall::kDup2, fd};
  record.args[0] = onto.number;
  return New(record, result);
}

Result<int> ProcessTracer::Fcntl(Fd fd, int command, int argument) {
  Enter();
  const Result<int> result = kernel_.Fcntl(fd, command, argument);
  Call record = CallOf(Syscall::kFcntl, fd, result);
  record.args[0] = command;
  record.args[1] = argument;
  if (result.ok()) record.result = *result;
  AddCall(record);
  return result;
}

Result<void> ProcessTracer::Ioctl(Fd fd, uint32_t request, int* value) {
  Enter();
  const Result<void> result = kernel_.Ioctl(fd, request, value);
  Call record = CallOf(Syscall::kIoctl, fd, result);
  record.args[0] = request;
  record.args[1] = *value;
  AddCall(record);
  return result;
}

Result<Fd> ProcessTracer::Eventfd(unsigned int initial, int flags) {
  Enter();
  Call record{Syscall::kEventfd};
  record.args[0] = initial;
  record.args[1] = flags;
  return New(record, kernel_.Eventfd(initial, flags));
}

Result<Fd> ProcessTracer::TimerfdCreate(int clock, int flags) {
  Enter();
  Call record{Syscall::kTimerfdCreate};
  record.args[0] = clock;
  record.args[1] = flags;
  return New(record, kernel_.TimerfdCreate(clock, flags));
}

Result<loop::TimerSpec> ProcessTracer::TimerfdSettime(
    Fd fd, int flags, const loop::TimerSpec& spec) {
  Enter();
  const Result<loop::TimerSpec> result =
      kernel_.TimerfdSettime(fd, flags, spec);
  AddCall(TimerOf(Syscall::kTimerfdSettime, fd, result, flags, spec));
  return result;
}

Result<loop::TimerSpec> ProcessTracer::TimerfdGettime(Fd fd) {
  Enter();
  const Result<loop::TimerSpec> result = kernel_.TimerfdGettime(fd);
  AddCall(TimerOf(Syscall::kTimerfdGettime, fd, result, 0,
                  result.ok() ? *result : loop::TimerSpec()));
  return result;
}

Result<loop::FdPair> ProcessTracer::Pipe2(int flags) {
  Enter();
  Call record{Syscall::kPipe2};
  record.args[0] = flags;
  return NewPair(record, kernel_.Pipe2(flags));
}

Result<void> ProcessTracer::Unlink(const std::string& path) {
  Enter();
  const Result<void> result = kernel_.Unlink(path);
  Call record = CallOf(Syscall::kUnlink, Fd{}, result);
  record.data = absl::string_view(path).substr(0, kDataBytes);
  AddCall(record);
  return result;
}

}  // namespace simloop::trace
