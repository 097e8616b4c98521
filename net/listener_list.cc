// The listeners of one emitter.
#include "net/listener_list.h"

#include <algorithm>

#include "loop/check.h"

namespace simloop::net {
namespace {

using Entry = ListenerList::Entry;

// A list of up to this many is as long as they are: most are short for life.
constexpr size_t kExactCapacity = 4;
constexpr size_t kMostListeners = 0xffff;

void Release(ListenerList::Box* box) {
  if (--box->users == 0) delete box;
}

}  // namespace

ListenerId ListenerList::Add(Entry entry, ListenerId behind) {
  if (size_ == capacity_) {
    SIMLOOP_CHECK(size_ < kMostListeners, "65535 listeners of one emitter");
    const size_t capacity =
        size_ < kExactCapacity
            ? size_ + size_t{1}
            : std::min<size_t>(kMostListeners, size_ + size_ / 2);
    std::unique_ptr<Entry[]> larger(new Entry[capacity]);
    std::copy_n(entries_.get(), size_, larger.get());
    entries_ = std::move(larger);
    capacity_ = static_cast<uint16_t>(capacity);
  }
  entry.id = ++last_id_;
  size_t place = size_;
  while (place > 0 && entries_[place - 1].id > behind) --place;
  std::copy_backward(entries_.get() + place, entries_.get() + size_,
                     entries_.get() + size_ + 1);
  entries_[place] = entry;
  ++size_;
  return entry.id;
}

// Off the list first: what a listener held may come back here as it goes.
void ListenerList::RemoveAt(size_t index) {
  const Entry gone = entries_[index];
  std::copy(entries_.get() + index + 1, entries_.get() + size_,
            entries_.get() + index);
  --size_;
  if (!gone.boxed) return;
  gone.box->removed = true;
  Release(gone.box);
}

void ListenerList::Remove(uint8_t event, ListenerId id) {
  for (size_t i = 0; i < size_; ++i) {
    if (entries_[i].id != id || entries_[i].event != event) continue;
    RemoveAt(i);
    return;
  }
}

void ListenerList::Clear() {
  const std::unique_ptr<Entry[]> gone = std::move(entries_);
  const size_t count = std::exchange(size_, uint16_t{0});
  capacity_ = 0;
  // All are removed before the first that goes can look.
  for (size_t i = 0; i < count; ++i) {
    if (gone[i].boxed) gone[i].box->removed = true;
  }
  for (size_t i = 0; i < count; ++i) {
    if (gone[i].boxed) Release(gone[i].box);
  }
}

void ListenerList::Clear(uint8_t event) {
  for (const Entry* entry = Find(event); entry != nullptr;
       entry = Find(event)) {
    RemoveAt(static_cast<size_t>(entry - entries_.get()));
  }
}

int ListenerList::Count(uint8_t event) const {
  return static_cast<int>(
      std::count_if(entries_.get(), entries_.get() + size_,
                    [event](const Entry& e) { return e.event == event; }));
}

void ListenerList::PutInBox(const Entry* entry) {
  Entry& boxed = entries_[static_cast<size_t>(entry - entries_.get())];
  auto* const box = new SmallBox;
  std::copy_n(boxed.place, sizeof box->place, box->place);
  boxed.box = box;
  boxed.boxed = true;
}

Emission::Emission(ListenerList& list, const Entry* first) {
  for (const Entry* entry = first; entry != nullptr;
       entry = list.FindNext(entry)) {
    if (entry->once && !entry->boxed) list.PutInBox(entry);
    if (entry->boxed) ++entry->box->users;
    taken_.push_back(*entry);
  }
}

Emission::~Emission() {
  for (const Entry& entry : taken_) {
    if (entry.boxed) Release(entry.box);
  }
}

bool Emission::Claim(ListenerList& list, size_t i) {
  const Entry& entry = taken_[i];
  if (!entry.once) return true;
  if (entry.box->fired) return false;
  entry.box->fired = true;
  // When it was removed, the list may be gone.
  if (!entry.box->removed) list.Remove(entry.event, entry.id);
  return true;
}

}  // namespace simloop::net
