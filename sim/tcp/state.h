// State: the states of a TCP connection (RFC 9293 section 3.3.2). TIME-WAIT is
// not among them: it is a record of its own (sim/tcp/time_wait.h), as the
// connection of a program is closed by then.
#ifndef SIM_TCP_STATE_H_
#define SIM_TCP_STATE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace simloop::sim::tcp {

enum class State : uint8_t {
  kClosed,
  kListen,
  kSynSent,
  kSynReceived,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
};

// Linux's name: "FIN_WAIT1".
absl::string_view StateName(State state);
// The number of tcpi_state (tcp(7), TCP_INFO).
int StateNumber(State state);

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_STATE_H_
