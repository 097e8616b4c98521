// Urgent: the receive side's urgent pointer (RFC 9293 section 3.8.5, RFC 6093),
// one byte out of band as Linux reads it: the byte before the one that the
// pointer of RFC 1122 names (tcp_stdurg is 0).
#ifndef SIM_TCP_URGENT_H_
#define SIM_TCP_URGENT_H_

#include <cstdint>

#include "sim/tcp/segment.h"
#include "sim/tcp/sequence.h"

namespace simloop::sim::tcp {

class Urgent final {
 public:
  // What has become of the byte: tp->urg_data of Linux.
  enum class State : uint8_t {
    kNone,       // there is none, or it was passed
    kAnnounced,  // the pointer came, the byte did not
    kHere,       // it may be read with MSG_OOB
    kRead,       // it was
  };

  State state() const { return state_; }
  bool pending() const { return state_ != State::kNone; }
  // Where it stands in the stream; meaningful while pending().
  Sequence at() const { return at_; }
  char byte() const { return byte_; }

  // A segment has come whose pointer may announce a byte: tcp_check_urg().
  // `copied` is the next byte to be read, `next` the next to come. Answers
  // whether the byte before, which stands at `copied`, is to be dropped: it was
  // read out of band, or is lost.
  bool Announce(const Segment& segment, Sequence copied, Sequence next,
                bool in_line);
  // Takes the byte out of the segment, if it is in it; answers whether it was.
  bool Take(const Segment& segment);
  // recv(2) with MSG_OOB took the byte.
  void Read() { state_ = State::kRead; }
  // Reading has come to `copied`.
  void Passed(Sequence copied) {
    if (pending() && Before(at_, copied)) state_ = State::kNone;
  }

 private:
  State state_ = State::kNone;
  Sequence at_ = 0;
  char byte_ = 0;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_URGENT_H_
