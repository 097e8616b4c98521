// The epoll calls of ProcessTracer: which descriptor an event is about.
#include <algorithm>

#include "trace/process_tracer.h"

namespace simloop::trace {

using loop::Fd;
using loop::Result;

Fd ProcessTracer::Interests::Find(uint64_t wanted) const {
  // Most loops put the number into the low half of the data.
  const uint64_t guess = wanted & 0xffffffff;
  if (guess < known.size() && known[guess] && data[guess] == wanted) {
    return Fd{static_cast<int>(guess)};
  }
  for (size_t number = 0; number < known.size(); ++number) {
    if (known[number] && data[number] == wanted) {
      return Fd{static_cast<int>(number)};
    }
  }
  return Fd{};
}

ProcessTracer::Interests& ProcessTracer::InterestsOf(Fd epoll) {
  for (Interests& interests : epolls_) {
    if (interests.epoll == epoll) return interests;
  }
  epolls_.push_back({epoll, {}, {}});
  return epolls_.back();
}

Result<Fd> ProcessTracer::EpollCreate1(int flags) {
  Enter();
  const Result<Fd> result = kernel_.EpollCreate1(flags);
  Call record{Syscall::kEpollCreate1};
  record.error = result.error();
  record.args[0] = flags;
  if (result.ok()) {
    SetReadiness(*result, 0);
    record.other = *result;
    record.result = result->number;
  }
  AddCall(record);
  return result;
}

Result<void> ProcessTracer::EpollCtl(Fd epoll, int op, Fd fd,
                                     const loop::EpollEvent& event) {
  Enter();
  const Result<void> result = kernel_.EpollCtl(epoll, op, fd, event);
  if (result.ok()) {
    Interests& interests = InterestsOf(epoll);
    const size_t number = static_cast<size_t>(fd.number);
    if (number >= interests.known.size()) {
      interests.known.resize(number + 1);
      interests.data.resize(number + 1);
    }
    interests.known[number] = op != loop::kEpollCtlDel;
    interests.data[number] = event.data;
  }
  Call record{Syscall::kEpollCtl, epoll, fd};
  record.error = result.error();
  record.args[0] = op;
  record.args[1] = op == loop::kEpollCtlDel ? 0 : event.events;
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::EpollWait(Fd epoll,
                                        absl::Span<loop::EpollEvent> events,
                                        absl::Duration timeout) {
  const Result<size_t> result = kernel_.EpollWait(epoll, events, timeout);
  if (result.ok() && *result == 0) return result;
  Call record{Syscall::kEpollWait, epoll};
  record.error = result.error();
  record.result = result.ok() ? static_cast<int64_t>(*result) : 0;
  record.args[0] = static_cast<int64_t>(events.size());
  record.args[1] =
      timeout == absl::InfiniteDuration()
          ? -1
          : absl::ToInt64Nanoseconds(absl::Ceil(timeout, absl::Nanoseconds(1)));
  // Nothing else happens in the course of it: it needs no place kept.
  const RecordId wait = recorder_.Add(process_, Owner(), record, Cause());
  if (!result.ok()) return result;
  const Interests& interests = InterestsOf(epoll);
  for (const loop::EpollEvent& event : events.subspan(0, *result)) {
    const Fd fd = interests.Find(event.data);
    RecordId cause =
        ready_cause_ != nullptr && fd.valid() ? ready_cause_(fd) : 0;
    if (cause == 0) cause = wait;
    const RecordId ready =
        recorder_.Add(process_, Owner(), Readiness{fd, event.events}, cause);
    SetReadiness(fd, ready);
  }
  return result;
}

}  // namespace simloop::trace
