#include "sim/tcp/urgent.h"

namespace simloop::sim::tcp {

bool Urgent::Announce(const Segment& segment, Sequence copied, Sequence next,
                      bool in_line) {
  if (!segment.has(kUrg)) return false;
  const Sequence at =
      segment.seq + segment.urgent - (segment.urgent > 0 ? 1 : 0);
  // Seen before, or already read as data.
  if (Before(at, copied) || Before(at, next)) return false;
  if (pending() && AtOrBefore(at, at_)) return false;
  const bool drop = pending() && at_ == copied && !in_line && copied != next;
  state_ = State::kAnnounced;
  at_ = at;
  return drop;
}

bool Urgent::Take(const Segment& segment) {
  if (state_ != State::kAnnounced) return false;
  const Sequence offset = at_ - segment.seq;
  if (offset >= segment.payload.size()) return false;
  byte_ = segment.payload.bytes()[offset];
  state_ = State::kHere;
  return true;
}

}  // namespace simloop::sim::tcp
