#include "sim/tcp/wakeful_queue.h"

#include "sim/tcp/socket.h"

namespace simloop::sim::tcp {

void WakefulQueue::Remove(uint32_t number) {
  // Numbers may have wrapped around.
  entries_.at(number - first_).socket = nullptr;
  while (!entries_.empty() && entries_.front().socket == nullptr) {
    entries_.Pop();
    ++first_;
  }
}

void WakefulQueue::LetRest(loop::Instant now) {
  // It leaves, and joins again behind the others if it is in use.
  for (int looks = 2; looks > 0 && due() <= now; --looks) {
    if (!entries_.front().socket->LetRest(now)) return;
  }
}

}  // namespace simloop::sim::tcp
