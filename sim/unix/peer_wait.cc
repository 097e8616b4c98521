#include "sim/unix/peer_wait.h"

#include <algorithm>
#include <utility>

namespace simloop::sim::unix_domain {

bool Relay::Join(PeerWait& place) {
  if (place_ != nullptr) return false;
  place_ = &place;
  place.relays_.push_back(this);
  return true;
}

bool Relay::Leave() {
  if (place_ == nullptr) return false;
  std::vector<Relay*>& relays = place_->relays_;
  relays.erase(std::find(relays.begin(), relays.end(), this));
  place_ = nullptr;
  return true;
}

PeerWait::~PeerWait() {
  for (Relay* const relay : relays_) relay->place_ = nullptr;
}

void PeerWait::Wake(uint32_t events) {
  const std::vector<Relay*> woken = std::exchange(relays_, {});
  for (Relay* const relay : woken) relay->place_ = nullptr;
  for (Relay* const relay : woken) relay->OnRoom(events);
}

}  // namespace simloop::sim::unix_domain
