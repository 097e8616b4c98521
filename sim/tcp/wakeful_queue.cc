#include "sim/tcp/wakeful_queue.h"

#include "sim/tcp/socket.h"

namespace simloop::sim::tcp {

void WakefulQueue::Remove(uint32_t number) {
  // Numbers may have wrapped around.
  entries_[number - first_].socket = nullptr;
  while (!entries_.empty() && entries_.front().socket == nullptr) {
    entries_.pop_front();
    ++first_;
  }
}

void WakefulQueue::LetRest(loop::Instant now) {
  const loop::Instant since = now.PlusNanos(-kQuietNanos);
  for (int looks = 2; looks > 0 && due() <= now; --looks) {
    // It leaves, and may join again behind the others.
    entries_.front().socket->LetRest(since);
  }
}

}  // namespace simloop::sim::tcp
