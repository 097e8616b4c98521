// Past: what a connection at rest is but for its addresses, its sequence
// numbers and its time. Connections that came by the same way to where they
// are, as a thousand do that were only opened, have it in common.
#ifndef SIM_TCP_PAST_H_
#define SIM_TCP_PAST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "sim/tcp/congestion.h"
#include "sim/tcp/cubic.h"
#include "sim/tcp/receiver.h"
#include "sim/tcp/retransmission.h"
#include "sim/tcp/sender.h"

namespace simloop::sim::tcp {

class Stack;

// Sequence numbers count from the initial ones, times from when the peer was
// heard last.
struct Past {
  SenderNumbers sender;
  ReceiverNumbers receiver;
  uint32_t receive_limit = 0;
  Retransmission retransmission;
  const CongestionControl* control = nullptr;
  bool has_cubic = false;
  CubicState cubic;
  uint32_t window = 0;  // these as Congestion has them
  uint32_t threshold = 0;
  uint32_t counted = 0;
  uint32_t most_out = 0;
  Sequence most_out_end = 0;
  bool limited = false;
  int64_t sent_nanos = 0;
  bool stamped = false;  // there is a time stamp to echo
  uint32_t echo = 0;     // counts from the stamp of the time above
  uint8_t wait = 0;      // these as Connection has them
  uint16_t often_sent[3] = {};
  uint8_t rarely_sent[4] = {};
  bool by_connect = false;
  bool nospace = false;
  bool mute = false;

  bool operator==(const Past&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Past& past) {
    return H::combine(std::move(h), past.sender, past.receiver,
                      past.retransmission.smooth_nanos(), past.window,
                      past.sent_nanos);
  }
};

// A Past, how many connections at rest have it, and the stack that all of them
// are of.
struct SharedPast {
  SharedPast(const Past& past, Stack& stack) : past(past), stack(stack) {}
  const Past past;
  Stack& stack;
  uint32_t connections = 0;
};

// Those of one host.
class PastTable final {
 public:
  explicit PastTable(Stack& stack) : stack_(stack) {}
  // The one that equals `past`, for one connection more.
  SharedPast& Share(const Past& past);
  // One connection less; without any it is gone.
  void Drop(SharedPast& shared);
  // How many connections are at rest, and how many pasts they have.
  size_t connections() const { return connections_; }
  size_t size() const { return pasts_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    static const Past& Of(const Past& past) { return past; }
    static const Past& Of(const std::unique_ptr<SharedPast>& shared) {
      return shared->past;
    }
    template <typename T>
    size_t operator()(const T& entry) const {
      return absl::Hash<Past>()(Of(entry));  // Looked up only: a set's
    }
  };
  struct Equal {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Hash::Of(a) == Hash::Of(b);
    }
  };

  Stack& stack_;
  size_t connections_ = 0;
  // Looked up only, never walked: its order is salted.
  absl::flat_hash_set<std::unique_ptr<SharedPast>, Hash, Equal> pasts_;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_PAST_H_
