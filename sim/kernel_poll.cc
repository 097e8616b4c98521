// The simulated kernel's poll(2) and epoll(7) calls.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "sim/epoll.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::sim {

using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

// How many of the first ready entries a Scheduler may choose among.
constexpr size_t kReadyChoices = 4;
// poll(2) has 16 bits.
constexpr uint32_t kPollBits = 0xffff;

}  // namespace

size_t Kernel::PollOnce(absl::Span<loop::PollFd> fds) {
  size_t count = 0;
  for (loop::PollFd& entry : fds) {
    entry.revents = 0;
    if (entry.fd.number < 0) continue;
    File* file = descriptors_.Find(entry.fd);
    if (file == nullptr) {
      entry.revents = loop::kPollNval;
    } else {
      entry.revents = file->Readiness() & kPollBits &
                      (entry.events | loop::kEpollErr | loop::kEpollHup);
    }
    if (entry.revents != 0) ++count;
  }
  return count;
}

Result<size_t> Kernel::Poll(absl::Span<loop::PollFd> fds,
                            absl::Duration timeout) {
  if (fds.size() > static_cast<size_t>(descriptors_.limit())) {
    return Errno::kEINVAL;
  }
  const loop::Instant until = Deadline(timeout);
  while (true) {
    const size_t count = PollOnce(fds);
    if (count > 0 || until <= host_.world().Now()) return count;
    if (Interrupted()) return Errno::kEINTR;
    Unpark();
    for (const loop::PollFd& entry : fds) {
      File* file = descriptors_.Find(entry.fd);
      if (file != nullptr) Park(file->waiters(), file);
    }
    WakeFrom(until);
    if (!can_wait()) return size_t{0};
    fiber_->Suspend();
  }
}

Result<Fd> Kernel::EpollCreate1(int flags) {
  if ((flags & ~loop::kEpollCloexec) != 0) return Errno::kEINVAL;
  return Install(std::make_unique<Epoll>(host_.world()), flags);
}

Result<void> Kernel::EpollCtl(Fd epoll, int op, Fd fd,
                              const loop::EpollEvent& event) {
  File* set = descriptors_.Find(epoll);
  File* file = descriptors_.Find(fd);
  if (set == nullptr || file == nullptr) return Errno::kEBADF;
  if (!file->pollable()) return Errno::kEPERM;
  if (set->AsEpoll() == nullptr) return Errno::kEINVAL;
  return set->AsEpoll()->Control(op, fd, *file, event);
}

Result<size_t> Kernel::EpollWait(Fd epoll, absl::Span<loop::EpollEvent> events,
                                 absl::Duration timeout) {
  // maxevents is looked at first (do_epoll_wait()).
  if (events.empty()) return Errno::kEINVAL;
  File* file = descriptors_.Find(epoll);
  if (file == nullptr) return Errno::kEBADF;
  Epoll* set = file->AsEpoll();
  if (set == nullptr) return Errno::kEINVAL;
  const loop::Instant until = Deadline(timeout);
  while (true) {
    if (host_.options().freedoms.epoll_order && set->listed() > 1) {
      ++waits_;
      const auto alternatives =
          static_cast<uint32_t>(std::min<size_t>(set->listed(), kReadyChoices));
      uint32_t pick = host_.world().Pick(ChoiceKind::kReady, alternatives, [&] {
        return absl::StrCat(host_.name(), ".epoll#", waits_);
      });
      for (; pick > 0; --pick) set->RotateReady();
    }
    const size_t count = set->Wait(events);
    if (count > 0 || until <= host_.world().Now()) return count;
    if (Interrupted()) return Errno::kEINTR;
    Unpark();
    Park(set->sleepers(), file);
    WakeFrom(until);
    if (!can_wait()) return size_t{0};
    fiber_->Suspend();
  }
}

}  // namespace simloop::sim
