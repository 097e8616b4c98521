// Connection's errors of ICMP: what the network says of segments that it could
// not deliver (RFC 1122 section 4.2.3.9, RFC 1191, RFC 6069).

#include <algorithm>

#include "loop/abi.h"
#include "sim/host.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/stack.h"
#include "sim/world.h"

namespace simloop::sim::tcp {

void Connection::ReceiveError(const Icmp& icmp) {
  // Of what is not in flight anybody could speak (RFC 5927 section 4.1).
  const Sequence about = icmp.sequence;
  if (state_ == State::kClosed || !AtOrBefore(sender_.una(), about) ||
      Before(sender_.nxt(), about)) {
    return;
  }
  if (icmp.code == Icmp::Code::kFragmentationNeeded) {
    stack_.host().LearnMtu(icmp);
    PathShrank();
    return;
  }
  if (icmp.code == Icmp::Code::kNetUnreachable ||
      icmp.code == Icmp::Code::kHostUnreachable) {
    RevertBackoff(about);
  }
  if (state_ == State::kSynSent || state_ == State::kSynReceived) {
    Fail(icmp.error());
    return;
  }
  const bool told = remote.ip.is_v4() ? options->inet.ip(loop::kIpRecverr)
                                      : options->inet.ip6(loop::kIpv6Recverr);
  if (told && !orphan_) {
    error_ = icmp.error();
    Wake(loop::kEpollErr);
  } else {
    trouble().soft_error = icmp.error();
  }
}

void Connection::PathShrank() {
  const uint32_t mss = std::min(sender_.mss(), stack_.Mss(remote));
  if (mss == sender_.mss()) return;
  sender_.SetMss(mss);
  if (flight_.empty()) return;
  Recovery().PathShrank(sender_.EffectiveMss(), sender_.nxt());
  RepeatLost();
}

void Connection::RevertBackoff(Sequence about) {
  if (about != sender_.una() || retransmission_.timeouts() == 0 ||
      flight_.empty() || wait_ != Wait::kTimeout ||
      !retransmission_.Undouble()) {
    return;
  }
  const loop::Instant now = stack_.host().world().Now();
  const int64_t passed = now.nanos() - flight_.first()->at.nanos();
  // At once if its time has passed already.
  SetTimer(kRetransmit,
           std::max<int64_t>(retransmission_.TimeoutNanos() - passed, 0));
}

}  // namespace simloop::sim::tcp
