// Trouble: what a connection keeps once something was lost, or of a peer that
// may be gone: recovery from losses, probes of a shut window (RFC 9293 section
// 3.8.6.1) and of an idle peer (RFC 1122 section 4.2.3.6), challenges (RFC
// 5961), and what ICMP told. It is made when there is some, or when keepalive
// is on.
#ifndef SIM_TCP_TROUBLE_H_
#define SIM_TCP_TROUBLE_H_

#include <cstdint>
#include <memory>

#include "loop/errno.h"
#include "loop/instant.h"
#include "sim/tcp/loss_recovery.h"

namespace simloop::sim::tcp {

struct Trouble {
  std::unique_ptr<LossRecovery> recovery;  // null: nothing was ever lost
  // Deadlines.
  loop::Instant probe_at = loop::Instant::Infinite();
  loop::Instant keepalive_at = loop::Instant::Infinite();
  // When the present probing of a shut window began, when a challenge was sent
  // last.
  loop::Instant probing_since = loop::Instant::Infinite();
  loop::Instant challenged_at = loop::Instant::Infinite();
  loop::Errno soft_error = loop::Errno::kOk;  // sk_err_soft
  uint8_t probes = 0;   // unanswered: of a window or of keepalive
  uint8_t backoff = 0;  // doublings of the time between them
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_TROUBLE_H_
