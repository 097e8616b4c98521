// Flight: the segments of a connection that are sent and not yet acknowledged,
// and what is believed of each: arrived (RFC 2018), lost, sent again. The
// retransmission queue of RFC 9293 section 3.8 and the scoreboard of RFC 6675
// in one. It counts pieces, segments as they are on the wire; a large segment
// stands for as many pieces as it carries.
#ifndef SIM_TCP_FLIGHT_H_
#define SIM_TCP_FLIGHT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "loop/instant.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

// One segment in flight, or a part of it.
struct Sent {
  Sent* next = nullptr;
  loop::Instant at;  // when it went out last
  Sequence seq = 0;
  Sequence end = 0;
  uint16_t pieces = 0;
  uint16_t number = 0;  // the how-many-eth of its connection, for its name
  bool sacked = false;  // the peer has it
  bool lost = false;    // believed to be
  bool again = false;   // a repetition is under way
  bool ever = false;    // it was sent more than once (Karn's algorithm)
};

// Blank records for all connections of a host.
class SentPool final {
 public:
  Sent* New();
  void Release(Sent* sent) {
    sent->next = free_;
    free_ = sent;
  }

 private:
  static constexpr size_t kSlab = 64;
  std::vector<std::unique_ptr<Sent[]>> slabs_;
  Sent* free_ = nullptr;
};

// What one acknowledgment told of the flight.
struct Delivery {
  uint32_t acked = 0;      // pieces behind which the acknowledgment has moved
  uint32_t delivered = 0;  // pieces that are known to have arrived by it alone
  uint32_t sacked = 0;     // of them by SACK blocks
  bool repeated = false;   // some of `acked` was sent more than once
  bool duplicate = false;  // the peer got something twice (RFC 2883)
  // When what came last was sent, of what was sent once: the oldest that was
  // acknowledged, for the round trip; Infinite() if there is none.
  loop::Instant oldest = loop::Instant::Infinite();
  // Of all that came, the one sent last: RFC 8985 section 6.2, "RACK.segment".
  bool any = false;
  bool newest_repeated = false;
  loop::Instant newest;
  Sequence newest_end = 0;
  // The one that was told of last: SACK blocks come before the acknowledgment.
  bool last_repeated = false;
  loop::Instant last;
  Sequence last_end = 0;
  // Behind the lowest that was sent once; meaningful with `oldest`.
  Sequence once_end = 0;
  // The lowest that came though others behind it had come before, and was sent
  // only once: the network reorders.
  bool reordered = false;
  Sequence reordered_seq = 0;

  void Came(const Sent& sent);
};

class Flight final {
 public:
  Flight() = default;
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  bool empty() const { return first_ == nullptr; }
  Sent* first() const { return first_; }
  Sent* last() const { return last_; }

  // Pieces: all, and those that the peer has, that are lost, that are under way
  // for another time.
  uint32_t out() const { return out_; }
  uint32_t sacked() const { return sacked_; }
  uint32_t lost() const { return lost_; }
  uint32_t again() const { return again_; }
  // What is believed to be in the network: "pipe" of RFC 6675,
  // tcp_packets_in_flight().
  uint32_t InNetwork() const { return out_ - sacked_ - lost_ + again_; }
  // Behind the highest that a SACK block told of; meaningful with sacked().
  Sequence highest_sacked() const { return highest_sacked_; }

  Sent& Push(SentPool& pool, Sequence seq, Sequence end, uint32_t pieces,
             loop::Instant now);
  // Everything in front of `ack` has come. What was not known to have and was
  // sent in front of `sacked_before`, SackedBefore() as it was when this
  // acknowledgment came, was overtaken.
  void Acknowledge(SentPool& pool, Sequence ack, uint32_t mss,
                   Sequence sacked_before, Delivery* told);
  // Behind the highest that a SACK block told of, or the first in flight: never
  // an earlier one (tcp_highest_sack_seq()).
  Sequence SackedBefore() const {
    if (sacked_ > 0) return highest_sacked_;
    return first_ == nullptr ? 0 : first_->seq;
  }
  // The peer has [left, right). What is covered in part is cut at `mss`.
  void Sack(SentPool& pool, const SackBlock& block, uint32_t mss,
            Delivery* told);
  // A peer without SACK has got `count` pieces behind the first, all told
  // (tcp_add_reno_sack()). Answers how many are new.
  uint32_t EmulateSack(uint32_t count);
  // `acked` pieces were acknowledged: all but the first had been counted
  // (tcp_remove_reno_sacks()).
  void AckEmulated(uint32_t acked);
  void ForgetEmulated() { sacked_ = 0; }

  void MarkLost(Sent& sent);
  // All that the peer does not have is lost; `reneged`: what it said it had,
  // too (RFC 2018 section 8).
  void MarkAllLost(bool reneged);
  void MarkNotLost();
  // What does not fit into pieces of `mss` is lost, and will go in smaller
  // ones.
  void MarkOversized(uint32_t mss);
  // It goes out again at `now`.
  void Repeat(Sent& sent, loop::Instant now);
  // `sent` is cut so that no more than `bytes` stay in it.
  void Cut(SentPool& pool, Sent& sent, uint32_t bytes, uint32_t mss);
  void Clear(SentPool& pool);

 private:
  static uint16_t PiecesOf(uint32_t bytes, uint32_t mss);
  void Uncount(const Sent& sent);
  void Count(const Sent& sent);

  Sent* first_ = nullptr;
  Sent* last_ = nullptr;
  uint32_t out_ = 0;
  uint32_t sacked_ = 0;
  uint32_t lost_ = 0;
  uint32_t again_ = 0;
  Sequence highest_sacked_ = 0;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_FLIGHT_H_
