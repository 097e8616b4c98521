// Fd: a file descriptor, the small int of open(2): lowest free first, reused
// after close. A strong type, so that no count or port is taken for one.
#ifndef LOOP_FD_H_
#define LOOP_FD_H_

#include <compare>

namespace simloop::loop {

struct Fd {
  int number = -1;

  bool valid() const { return number >= 0; }
  auto operator<=>(const Fd&) const = default;
};

}  // namespace simloop::loop

#endif  // LOOP_FD_H_
