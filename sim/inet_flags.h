// The options of IPPROTO_IP and IPPROTO_IPV6 that are on or off, as tables.
#ifndef SIM_INET_FLAGS_H_
#define SIM_INET_FLAGS_H_

#include <cstddef>

#include "absl/types/span.h"

namespace simloop::sim {

struct InetFlag {
  int name;
  // The shortest value that is taken; less is EINVAL. With 0 an empty one is
  // off, and at level IPPROTO_IP a byte will do for an int.
  size_t least_bytes;
  bool strict = false;  // EINVAL but for 0 and 1
  bool initially = false;
};

// By `level`, IPPROTO_IP or IPPROTO_IPV6.
absl::Span<const InetFlag> InetFlags(int level);
// Null if the option is not one of them.
const InetFlag* FindInetFlag(int level, int name);

}  // namespace simloop::sim

#endif  // SIM_INET_FLAGS_H_
