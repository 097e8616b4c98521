// Typed shorthands for Kernel::Getsockopt and Setsockopt with int values.
#ifndef LOOP_SOCKET_OPTION_H_
#define LOOP_SOCKET_OPTION_H_

#include "loop/kernel.h"

namespace simloop::loop {

// getsockopt(2) of an int option.
Result<int> GetIntOption(Kernel& kernel, Fd fd, int level, int name);
// setsockopt(2) of an int option.
Result<void> SetIntOption(Kernel& kernel, Fd fd, int level, int name,
                          int value);
// SO_ERROR (socket(7)): takes and clears the pending error; kOk if none. Where
// getsockopt(2) itself fails, its error.
Errno TakeSocketError(Kernel& kernel, Fd fd);

}  // namespace simloop::loop

#endif  // LOOP_SOCKET_OPTION_H_
