#include "sim/epoll.h"

#include <algorithm>

#include "loop/abi.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

using loop::Errno;

// Bits that say how to watch, not what for (EP_PRIVATE_BITS).
constexpr uint32_t kHow = loop::kEpollWakeup | loop::kEpollOneshot |
                          loop::kEpollEt | loop::kEpollExclusive;
// Errors and hang-ups are always asked for (epoll_ctl(2)).
constexpr uint32_t kAlways = loop::kEpollErr | loop::kEpollHup;
// All that may stand beside EPOLLEXCLUSIVE (epoll_ctl(2)).
constexpr uint32_t kWithExclusive =
    loop::kEpollIn | loop::kEpollOut | loop::kEpollErr | loop::kEpollHup |
    loop::kEpollWakeup | loop::kEpollEt | loop::kEpollExclusive;

}  // namespace

Epoll::~Epoll() { Release(); }

void Epoll::Release() {
  for (uint32_t i = 0; i < table_.size(); ++i) {
    if (table_.at(i).file_ != nullptr) Remove(table_.at(i));
  }
}

// --- Wake-ups
// ----------------------------------------------------------------

// ep_poll_callback().
bool EpollEntry::OnWake(uint32_t events) {
  const uint32_t asked = events_;
  if ((asked & ~kHow) == 0) return (asked & loop::kEpollExclusive) == 0;
  if (events != 0 && (events & asked) == 0) {
    return (asked & loop::kEpollExclusive) == 0;
  }
  const bool sleeping = !epoll_->sleepers_.empty();
  epoll_->MarkReady(*this);
  if ((asked & loop::kEpollExclusive) == 0) return true;
  if (!sleeping) return false;
  // Only a wake-up of the kind that was asked for counts as taken.
  const uint32_t in_out = events & (loop::kEpollIn | loop::kEpollOut);
  return in_out == 0 || (in_out & asked) != 0;
}

void Epoll::MarkReady(EpollEntry& entry) {
  if (!entry.ready_) {
    const trace::Recorder* recorder = world_.recorder();
    if (recorder != nullptr) {
      causes_.resize(table_.size());
      causes_[entry.number_] = recorder->cause();
    }
    Append(entry);
  }
  Announce();
}

void Epoll::Announce() {
  sleepers_.Wake(loop::kEpollIn);
  waiters_.Wake(loop::kEpollIn);
}

void Epoll::Append(EpollEntry& entry) {
  entry.ready_ = true;
  entry.next_ready_ = nullptr;
  entry.previous_ready_ = last_ready_;
  (last_ready_ == nullptr ? first_ready_ : last_ready_->next_ready_) = &entry;
  last_ready_ = &entry;
  ++listed_;
}

void Epoll::Unlink(EpollEntry& entry) {
  if (!entry.ready_) return;
  (entry.previous_ready_ == nullptr ? first_ready_
                                    : entry.previous_ready_->next_ready_) =
      entry.next_ready_;
  (entry.next_ready_ == nullptr ? last_ready_
                                : entry.next_ready_->previous_ready_) =
      entry.previous_ready_;
  entry.ready_ = false;
  --listed_;
}

void Epoll::RotateReady() {
  if (first_ready_ == nullptr) return;
  EpollEntry& entry = *first_ready_;
  Unlink(entry);
  Append(entry);
}

// --- The set
// -----------------------------------------------------------------

EpollEntry* EpollEntry::FirstOf(File& file) {
  const WaitQueue& waiters = file.waiters();
  Waiter* waiter = waiters.first();
  while (waiter != nullptr && waiter->kind() != Kind::kEpollEntry) {
    waiter = waiters.Behind(*waiter);
  }
  return static_cast<EpollEntry*>(waiter);
}

EpollEntry* EpollEntry::Next() const {
  const WaitQueue& waiters = file_->waiters();
  Waiter* waiter = waiters.Behind(*this);
  while (waiter != nullptr && waiter->kind() != Kind::kEpollEntry) {
    waiter = waiters.Behind(*waiter);
  }
  return static_cast<EpollEntry*>(waiter);
}

EpollEntry* Epoll::Find(loop::Fd fd, File& file) const {
  for (EpollEntry* entry = EpollEntry::FirstOf(file); entry != nullptr;
       entry = entry->Next()) {
    if (entry->epoll_ == this && entry->fd_ == fd) return entry;
  }
  return nullptr;
}

trace::RecordId Epoll::ReadyCause(loop::Fd fd, File& file) {
  for (const EpollEntry* entry = EpollEntry::FirstOf(file); entry != nullptr;
       entry = entry->Next()) {
    if (entry->fd_ != fd) continue;
    const std::vector<trace::RecordId>& causes = entry->epoll_->causes_;
    return entry->number_ < causes.size() ? causes[entry->number_] : 0;
  }
  return 0;
}

// do_epoll_ctl(), in the order of its checks.
loop::Result<void> Epoll::Control(int op, loop::Fd fd, File& file,
                                  const loop::EpollEvent& event) {
  if (!file.pollable()) return Errno::kEPERM;
  if (&file == this) return Errno::kEINVAL;
  if (op != loop::kEpollCtlDel && (event.events & loop::kEpollExclusive) != 0) {
    if (op == loop::kEpollCtlMod) return Errno::kEINVAL;
    if (op == loop::kEpollCtlAdd &&
        (file.AsEpoll() != nullptr || (event.events & ~kWithExclusive) != 0)) {
      return Errno::kEINVAL;
    }
  }
  if (op == loop::kEpollCtlAdd && file.AsEpoll() != nullptr) {
    const int below = file.AsEpoll()->DepthBelow(*this, 0);
    if (below + 1 + DepthAbove() > kMostNested) return Errno::kELOOP;
  }
  EpollEntry* entry = Find(fd, file);
  switch (op) {
    case loop::kEpollCtlAdd:
      if (entry != nullptr) return Errno::kEEXIST;
      return Insert(fd, file, event);
    case loop::kEpollCtlDel:
      if (entry == nullptr) return Errno::kENOENT;
      Remove(*entry);
      return {};
    case loop::kEpollCtlMod:
      if (entry == nullptr) return Errno::kENOENT;
      if ((entry->events_ & loop::kEpollExclusive) != 0) {
        return Errno::kEINVAL;
      }
      entry->events_ = event.events | kAlways;
      entry->data_ = event.data;
      if ((file.Readiness() & entry->events_) != 0 && !entry->ready_) {
        MarkReady(*entry);
      }
      return {};
    default:
      return Errno::kEINVAL;
  }
}

loop::Result<void> Epoll::Insert(loop::Fd fd, File& file,
                                 const loop::EpollEvent& event) {
  EpollEntry& entry = table_.New();
  if (entry.number_ < causes_.size()) causes_[entry.number_] = 0;
  entry.epoll_ = this;
  entry.file_ = &file;
  entry.fd_ = fd;
  entry.events_ = event.events | kAlways;
  entry.data_ = event.data;
  if ((event.events & loop::kEpollExclusive) != 0) {
    file.waiters().AddExclusive(entry);
  } else {
    file.waiters().Add(entry);
  }
  if ((file.Readiness() & entry.events_) != 0) MarkReady(entry);
  return {};
}

void Epoll::Remove(EpollEntry& entry) {
  Unlink(entry);
  entry.file_->waiters().Remove(entry);
  table_.Free(entry);
}

void Epoll::Forget(File& file) {
  while (EpollEntry* const entry = EpollEntry::FirstOf(file)) {
    entry->epoll_->Remove(*entry);
  }
}

int Epoll::DepthBelow(const Epoll& looked_for, int depth) const {
  int deepest = 0;
  for (uint32_t i = 0; i < table_.size(); ++i) {
    File* const file = table_.at(i).file_;
    const Epoll* const inner = file == nullptr ? nullptr : file->AsEpoll();
    if (inner == nullptr) continue;
    if (inner == &looked_for || depth > kMostNested) return kMostNested + 1;
    deepest = std::max(deepest, inner->DepthBelow(looked_for, depth + 1) + 1);
    if (deepest > kMostNested) break;
  }
  return deepest;
}

int Epoll::DepthAbove() {
  int highest = 0;
  for (const EpollEntry* entry = EpollEntry::FirstOf(*this); entry != nullptr;
       entry = entry->Next()) {
    highest = std::max(highest, entry->epoll_->DepthAbove() + 1);
  }
  return highest;
}

// --- What is ready
// -----------------------------------------------------------

// ep_send_events().
size_t Epoll::Wait(absl::Span<loop::EpollEvent> events) {
  // The entries that are listed now are looked at once each; those still ready
  // go behind them, to be looked at next time.
  EpollEntry* const last = last_ready_;
  size_t count = 0;
  bool more = first_ready_ != nullptr;
  while (more && count < events.size()) {
    EpollEntry& entry = *first_ready_;
    more = &entry != last;
    Unlink(entry);
    const uint32_t bits = entry.file_->Readiness() & entry.events_;
    if (bits == 0) continue;
    events[count++] = {bits, entry.data_};
    if ((entry.events_ & loop::kEpollOneshot) != 0) {
      entry.events_ &= kHow;
    } else if ((entry.events_ & loop::kEpollEt) == 0) {
      Append(entry);
    }
  }
  return count;
}

// __ep_eventpoll_poll(): what is listed but not ready leaves the list.
uint32_t Epoll::Readiness() {
  while (first_ready_ != nullptr) {
    EpollEntry& entry = *first_ready_;
    if ((entry.file_->Readiness() & entry.events_) != 0) {
      return loop::kEpollIn | loop::kEpollRdnorm;
    }
    Unlink(entry);
  }
  return 0;
}

}  // namespace simloop::sim
