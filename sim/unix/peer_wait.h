// PeerWait: who waits for room at a socket that is not theirs: connected
// senders of datagrams, and connects to a listener whose backlog is full
// (peer_wait of struct unix_sock).
#ifndef SIM_UNIX_PEER_WAIT_H_
#define SIM_UNIX_PEER_WAIT_H_

#include <cstdint>
#include <vector>

namespace simloop::sim::unix_domain {

class PeerWait;

// One who waits, at no more than one place; told once for each Join().
class Relay {
 public:
  Relay() = default;
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // False: it waits somewhere already.
  bool Join(PeerWait& place);
  // Answers whether it waited.
  bool Leave();
  bool waits_at(const PeerWait& place) const { return place_ == &place; }

  // `events` as in WaitQueue.
  virtual void OnRoom(uint32_t events) = 0;

 protected:
  ~Relay() { Leave(); }

 private:
  friend class PeerWait;
  PeerWait* place_ = nullptr;
};

class PeerWait final {
 public:
  PeerWait() = default;
  PeerWait(const PeerWait&) = delete;
  PeerWait& operator=(const PeerWait&) = delete;
  ~PeerWait();

  // All leave, and are told in the order in which they came.
  void Wake(uint32_t events);

 private:
  friend class Relay;
  std::vector<Relay*> relays_;
};

}  // namespace simloop::sim::unix_domain

#endif  // SIM_UNIX_PEER_WAIT_H_
