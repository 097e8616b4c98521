// What the value of each option of SOL_SOCKET is, and who has it.
#ifndef SIM_SOCKET_OPTION_FORM_H_
#define SIM_SOCKET_OPTION_FORM_H_

#include <cstdint>

namespace simloop::sim {

enum class SocketOptionForm : uint8_t {
  kUnknown,
  kReadOnly,   // setsockopt(2) answers ENOPROTOOPT
  kFlag,       // on or off
  kUnixFlag,   // EOPNOTSUPP for others (sk_may_scm_recv())
  kTimestamp,  // one of four, or none
  kInt,        // an int, with its own rules
  kLinger,
  kTimeout,
  kDevice,
};

SocketOptionForm FormOfSocketOption(int name);

}  // namespace simloop::sim

#endif  // SIM_SOCKET_OPTION_FORM_H_
