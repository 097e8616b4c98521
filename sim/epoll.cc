#include "sim/epoll.h"

#include "loop/abi.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

constexpr uint32_t kKnownBits = loop::kEpollIn | loop::kEpollPri |
                                loop::kEpollOut | loop::kEpollErr |
                                loop::kEpollHup | loop::kEpollRdhup;

}  // namespace

Epoll::~Epoll() { Release(); }

void Epoll::Release() {
  while (entries_of_this_ != nullptr) Remove(*entries_of_this_);
}

// Errors and hang-ups are always asked for (epoll_ctl(2)).
uint32_t Epoll::Asked(const EpollEntry& entry) {
  return entry.event_.events | loop::kEpollErr | loop::kEpollHup;
}

void EpollEntry::OnWake(uint32_t events) {
  if (events != 0 && (events & Epoll::Asked(*this)) == 0) return;
  epoll_->MarkReady(*this);
}

void Epoll::MarkReady(EpollEntry& entry) {
  if (entry.ready_) return;
  const trace::Recorder* recorder = world_.recorder();
  entry.ready_cause_ = recorder == nullptr ? 0 : recorder->cause();
  Append(entry);
  waiters_.Wake(loop::kEpollIn);
}

void Epoll::Append(EpollEntry& entry) {
  entry.ready_ = true;
  entry.next_ready_ = nullptr;
  entry.previous_ready_ = last_ready_;
  (last_ready_ == nullptr ? first_ready_ : last_ready_->next_ready_) = &entry;
  last_ready_ = &entry;
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
}

EpollEntry* Epoll::Find(loop::Fd fd, const File& file) const {
  for (EpollEntry* entry = file.entries_; entry != nullptr;
       entry = entry->next_of_file_) {
    if (entry->epoll_ == this && entry->fd_ == fd) return entry;
  }
  return nullptr;
}

trace::RecordId Epoll::ReadyCause(loop::Fd fd, const File& file) {
  for (const EpollEntry* entry = file.entries_; entry != nullptr;
       entry = entry->next_of_file_) {
    if (entry->fd_ == fd) return entry->ready_cause_;
  }
  return 0;
}

loop::Result<void> Epoll::Control(int op, loop::Fd fd, File& file,
                                  const loop::EpollEvent& event) {
  if (&file == this || file.AsEpoll() != nullptr) return loop::Errno::kEINVAL;
  EpollEntry* entry = Find(fd, file);
  if (op == loop::kEpollCtlDel) {
    if (entry == nullptr) return loop::Errno::kENOENT;
    Remove(*entry);
    return {};
  }
  if (op != loop::kEpollCtlAdd && op != loop::kEpollCtlMod) {
    return loop::Errno::kEINVAL;
  }
  if ((event.events & ~kKnownBits) != 0) return loop::Errno::kEINVAL;
  if (op == loop::kEpollCtlAdd) {
    if (entry != nullptr) return loop::Errno::kEEXIST;
    entry = new EpollEntry;
    entry->epoll_ = this;
    entry->file_ = &file;
    entry->fd_ = fd;
    entry->next_of_file_ = file.entries_;
    file.entries_ = entry;
    entry->next_of_epoll_ = entries_of_this_;
    if (entries_of_this_ != nullptr) {
      entries_of_this_->previous_of_epoll_ = entry;
    }
    entries_of_this_ = entry;
    file.waiters().Add(*entry);
  } else if (entry == nullptr) {
    return loop::Errno::kENOENT;
  }
  entry->event_ = event;
  if ((file.Readiness() & Asked(*entry)) != 0) MarkReady(*entry);
  return {};
}

size_t Epoll::Wait(absl::Span<loop::EpollEvent> events) {
  // The entries that are ready now are looked at once each; those still ready
  // go behind them, to be looked at next time.
  EpollEntry* const last = last_ready_;
  size_t count = 0;
  while (first_ready_ != nullptr && count < events.size()) {
    EpollEntry& entry = *first_ready_;
    const bool was_last = &entry == last;
    Unlink(entry);
    const uint32_t bits = entry.file_->Readiness() & Asked(entry);
    if (bits != 0) {
      events[count++] = {bits, entry.event_.data};
      Append(entry);
    }
    if (was_last) break;
  }
  return count;
}

uint32_t Epoll::Readiness() {
  for (EpollEntry* entry = first_ready_; entry != nullptr;
       entry = entry->next_ready_) {
    if ((entry->file_->Readiness() & Asked(*entry)) != 0) {
      return loop::kEpollIn;
    }
  }
  return 0;
}

void Epoll::Remove(EpollEntry& entry) {
  Unlink(entry);
  File& file = *entry.file_;
  file.waiters().Remove(entry);
  EpollEntry** link = &file.entries_;
  while (*link != &entry) link = &(*link)->next_of_file_;
  *link = entry.next_of_file_;
  (entry.previous_of_epoll_ == nullptr
       ? entries_of_this_
       : entry.previous_of_epoll_->next_of_epoll_) = entry.next_of_epoll_;
  if (entry.next_of_epoll_ != nullptr) {
    entry.next_of_epoll_->previous_of_epoll_ = entry.previous_of_epoll_;
  }
  delete &entry;
}

void Epoll::Forget(File& file) {
  while (file.entries_ != nullptr) {
    file.entries_->epoll_->Remove(*file.entries_);
  }
}

}  // namespace simloop::sim
