// The calls of ProcessTracer that wait: which descriptor an event is about.
#include <algorithm>

#include "trace/process_tracer.h"
#include "trace/traced_call.h"

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
  Call record{Syscall::kEpollCreate1};
  record.args[0] = flags;
  return New(record, kernel_.EpollCreate1(flags));
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
  record.args[1] = timeout == absl::InfiniteDuration() ? -1 : NanosOf(timeout);
  // Nothing else happens in the course of it: it needs no place kept.
  const RecordId wait = recorder_.Add(process_, Owner(), record, Cause());
  if (!result.ok()) return result;
  const Interests& interests = InterestsOf(epoll);
  for (const loop::EpollEvent& event : events.subspan(0, *result)) {
    AddReadiness(interests.Find(event.data), event.events, wait);
  }
  return result;
}

Result<size_t> ProcessTracer::Poll(absl::Span<loop::PollFd> fds,
                                   absl::Duration timeout) {
  const Result<size_t> result = kernel_.Poll(fds, timeout);
  if (result.ok() && *result == 0) return result;
  Call record{Syscall::kPoll};
  record.error = result.error();
  record.result = result.ok() ? static_cast<int64_t>(*result) : 0;
  record.args[0] = static_cast<int64_t>(fds.size());
  record.args[1] = timeout == absl::InfiniteDuration() ? -1 : NanosOf(timeout);
  const RecordId wait = recorder_.Add(process_, Owner(), record, Cause());
  if (!result.ok()) return result;
  for (const loop::PollFd& fd : fds) {
    if (fd.revents != 0) AddReadiness(fd.fd, fd.revents, wait);
  }
  return result;
}

void ProcessTracer::AddReadiness(Fd fd, uint32_t events, RecordId wait) {
  RecordId cause = ready_cause_ != nullptr && fd.valid() ? ready_cause_(fd) : 0;
  if (cause == 0) cause = wait;
  SetReadiness(fd,
               recorder_.Add(process_, Owner(), Readiness{fd, events}, cause));
}

void ProcessTracer::Forget(Fd fd) {
  std::erase_if(epolls_, [fd](const Interests& e) { return e.epoll == fd; });
  for (Interests& interests : epolls_) {
    const size_t number = static_cast<size_t>(fd.number);
    if (number < interests.known.size()) interests.known[number] = false;
  }
}

}  // namespace simloop::trace
