// LinkOptions: what one direction of a link does to packets: how long they
// take, how many it carries, and which of them it loses, repeats or spoils.
#ifndef SIM_LINK_OPTIONS_H_
#define SIM_LINK_OPTIONS_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace simloop::sim {

// How the delay of a packet is drawn. The calm run has the first named.
enum class Latency : uint8_t {
  kFixed,    // `latency`
  kUniform,  // `latency` to `latency_to`, in 1,023 equal steps
  // `latency`, give or take: a sum of four uniform lots, whose standard
  // deviation is `deviation` and which is never off by more than 3.06 of it;
  // never below 0.
  kNormal,
  kTable,  // one of `latency_table`, each as likely
};

// Gilbert-Elliott (Gilbert 1960, Elliott 1963): the line is good or bad, and
// changes with every packet by chance. It begins good.
struct BurstLoss {
  uint32_t enter_ppb = 0;  // good to bad
  uint32_t leave_ppb = 0;  // bad to good
  uint32_t loss_good_ppb = 0;
  uint32_t loss_bad_ppb = 1'000'000'000;
};

// Probabilities are in parts per billion. Nothing that has one happens in the
// calm run; each is a choice of the Scheduler, by packet.
struct LinkOptions {
  absl::Duration latency = absl::Milliseconds(1);  // not negative
  // At most, on top, of which a packet takes 0, 1/7, ... 7/7.
  absl::Duration jitter = absl::ZeroDuration();
  Latency distribution = Latency::kFixed;
  absl::Duration latency_to = absl::ZeroDuration();
  absl::Duration deviation = absl::ZeroDuration();
  std::vector<absl::Duration> latency_table = {};
  // A packet that takes longer is overtaken, as where paths are many; else it
  // holds up those behind it, as a line does.
  bool reordering = false;

  // Bits a second; 0: no bound. What does not go at once waits, as long as no
  // more than so much waits; one more is dropped at the tail. 0: no bound.
  int64_t rate = 0;
  int64_t queue_bytes = 0;
  int64_t queue_packets = 0;

  uint32_t loss_ppb = 0;
  BurstLoss burst = {};
  uint32_t duplicate_ppb = 0;
  uint32_t corrupt_ppb = 0;
  // A packet that is reordered is held up so long, and overtaken meanwhile.
  uint32_t reorder_ppb = 0;
  absl::Duration reorder_by = absl::Milliseconds(1);

  // The largest packet, in bytes with its IP header (RFC 791, RFC 8200).
  uint32_t mtu = 1500;

  // It delays by a fixed time and a jitter, and does nothing else.
  bool plain() const { return orderly() && rate == 0 && mtu >= kEthernetMtu; }
  // All packets take the same time once they have left: only the queue decides.
  bool steady() const { return orderly() && jitter == absl::ZeroDuration(); }
  // Nothing is lost, repeated, spoilt or overtaken, and no latency is drawn.
  bool orderly() const {
    return distribution == Latency::kFixed && !reordering && loss_ppb == 0 &&
           burst.enter_ppb == 0 && burst.loss_good_ppb == 0 &&
           duplicate_ppb == 0 && corrupt_ppb == 0 && reorder_ppb == 0;
  }
  // What hosts send if they know no better: no packet is larger.
  static constexpr uint32_t kEthernetMtu = 1500;
};

}  // namespace simloop::sim

#endif  // SIM_LINK_OPTIONS_H_
