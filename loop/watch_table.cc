// The table of watched descriptors.
#include "loop/watch_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "loop/table_growth.h"

namespace simloop::loop {

WatchTable::Descriptor& WatchTable::Lookup(Fd fd) {
  SIMLOOP_CHECK(fd.valid(), "no descriptor was set");
  const size_t index = static_cast<size_t>(fd.number);
  if (index >= descriptors_.size()) GrowTable(&descriptors_, index + 1);
  return descriptors_[index];
}

Interest WatchTable::Wanted(const Descriptor& descriptor) {
  Interest wanted = 0;
  for (const Watch* watcher = descriptor.first; watcher != nullptr;
       watcher = watcher->next_) {
    wanted |= watcher->active_;
  }
  return wanted;
}

void WatchTable::Change(Fd fd, Descriptor& descriptor) {
  if (descriptor.changed != 0) return;
  changed_.push_back(fd);
  descriptor.changed = static_cast<uint32_t>(changed_.size());
}

void WatchTable::Add(Watch* watcher, bool reset) {
  Descriptor& descriptor = Lookup(watcher->fd_);
  watcher->next_ = descriptor.first;
  descriptor.first = watcher;
  if (watcher->ref_) ++referenced_;
  Widened(watcher, reset);
}

void WatchTable::Widened(Watch* watcher, bool reset) {
  Descriptor& descriptor = Lookup(watcher->fd_);
  if (libev_) {
    descriptor.reset |= reset;
    Change(watcher->fd_, descriptor);
  } else if (Wanted(descriptor) != descriptor.told) {
    Change(watcher->fd_, descriptor);
  }
}

void WatchTable::Narrowed(Watch* watcher) {
  Change(watcher->fd_, Lookup(watcher->fd_));
}

void WatchTable::Remove(Watch* watcher) {
  Descriptor& descriptor = Lookup(watcher->fd_);
  Watch** link = &descriptor.first;
  while (*link != watcher) {
    SIMLOOP_CHECK(*link != nullptr, "the watcher is not of this table");
    link = &(*link)->next_;
  }
  *link = std::exchange(watcher->next_, nullptr);
  if (watcher->ref_) --referenced_;
  if (libev_ || descriptor.first != nullptr) {
    Change(watcher->fd_, descriptor);
    return;
  }
  // libuv takes the last watcher off its queue, and epoll is not told.
  if (descriptor.changed != 0) {
    changed_[descriptor.changed - 1] = Fd();
    descriptor.changed = 0;
  }
  descriptor.told = 0;
  poller_.Update(watcher->fd_, 0);
}

void WatchTable::SetRef(Watch* watcher, bool ref) {
  if (watcher->active_ != 0 && ref != watcher->ref_) {
    if (ref) {
      ++referenced_;
    } else {
      --referenced_;
    }
  }
  watcher->ref_ = ref;
}

void WatchTable::TouchIfWatched(Fd fd) {
  if (libev_ || !fd.valid() || first(fd) == nullptr) return;
  Change(fd, Lookup(fd));
}

void WatchTable::Forget(Fd fd) {
  SIMLOOP_CHECK(first(fd) == nullptr,
                absl::StrCat("descriptor ", fd.number, " is still watched"));
  poller_.Remove(fd);
}

void WatchTable::Flush() {
  for (const Fd fd : changed_) {
    if (!fd.valid()) continue;
    Descriptor& descriptor = Lookup(fd);
    descriptor.changed = 0;
    const Interest wanted = Wanted(descriptor);
    const Interest told = std::exchange(descriptor.told, wanted);
    const bool reset = std::exchange(descriptor.reset, false);
    if (!libev_ || told != wanted || reset) poller_.Update(fd, wanted);
  }
  changed_.clear();
}

Fd WatchTable::AnyWatched() const {
  for (size_t index = 0; index < descriptors_.size(); ++index) {
    if (descriptors_[index].first != nullptr) {
      return Fd{static_cast<int>(index)};
    }
  }
  return Fd();
}

}  // namespace simloop::loop
