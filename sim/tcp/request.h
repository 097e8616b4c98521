// Request: one handshake under way at a listener: a SYN that was answered
// (RFC 9293 SYN-RECEIVED; request_sock of Linux). It stands in the table of
// connections; the one that comes of it takes its place.
#ifndef SIM_TCP_REQUEST_H_
#define SIM_TCP_REQUEST_H_

#include <cstdint>
#include <string>

#include "loop/instant.h"
#include "sim/event.h"
#include "sim/icmp.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sequence.h"
#include "sim/tcp/tabled.h"

namespace simloop::sim::tcp {

class Listener;
class Stack;

class Request final : public Event, public Tabled {
 public:
  // Answers `syn`.
  Request(Listener& listener, const Segment& syn, Sequence iss);
  ~Request();

  Listener& listener() const { return listener_; }
  Connection::Handshake handshake() const {
    return {origin_, iss_, irs_, mss_, sack_, stamp_, answered_at_};
  }

  // A segment between the two has come (tcp_check_req()). Answers false if it
  // is to be reset. Destroys itself if nothing more comes of it.
  bool Receive(const Segment& segment);
  // An ICMP error about a SYN-ACK: no way leads to the peer (tcp_req_err()).
  void ReceiveError(const Icmp& icmp);
  // Its place in the table is another's, or nobody's.
  void LeaveTable() { in_table_ = false; }

  // It repeats its SYN-ACK after 1 s, 2 s, 4 s ...
  void Fire() override;
  std::string Name() const override;
  uint32_t HostIndex() const override;

 private:
  friend class Listener;

  Stack& stack() const;
  // Some of `segment` lies in the window that the SYN-ACK told.
  bool InWindow(const Segment& segment) const;
  // Its time stamp shows it to be an old duplicate (RFC 7323 section 5.3).
  bool OldStamp(const Segment& segment) const {
    return segment.stamp != 0 && stamp_ != 0 &&
           static_cast<int32_t>(segment.stamp - stamp_) < 0;
  }
  // What is repeated or out of place is answered twice a second at most
  // (tcp_invalid_ratelimit).
  bool MayAnswer();
  // Where it stands.
  void Tell();
  void Answer(bool again);
  void Rearm();
  // The ACK that completes the handshake has come, without data: whether
  // TCP_DEFER_ACCEPT (tcp(7)) leaves it at that.
  bool Defers(const Segment& segment);
  std::string OriginName() const;

  Listener& listener_;
  const Sequence iss_;
  const Sequence irs_;
  const uint32_t mss_;
  uint32_t stamp_;  // the peer's last
  const Connection::Origin origin_;
  loop::Instant answered_at_;
  int timeouts_ = 0;
  uint32_t told_ = 0;   // when something was answered, as a time stamp
  uint32_t place_ = 0;  // among the listener's
  uint16_t tellings_ = 0;
  const bool sack_;
  bool acked_ = false;
  bool in_table_ = true;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_REQUEST_H_
